"""Every look at invitations. Fetching is checking."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.invitations.lifecycle import State
from app.domain.invitations.policy import visible_to
from app.domain.invitations.problems import (
    InvitationExpired,
    InvitationNotFound,
    InvitationRedeemed,
    InvitationReplaced,
    InvitationTakenBack,
)
from app.kernel import clock
from app.kernel.ids import parse_id
from app.kernel.secrets import fingerprint
from app.models.invitations import Invitation
from app.models.organizations import Organization
from app.models.people import ContactDetails, Person
from app.models.sign_in import OneTimeToken

SORTS = {"created_at": SortKey(Invitation.created_at, datetime)}
INVITER = aliased(Person)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation with what belongs to it."""

    invitation: Invitation
    person: Person
    contact: ContactDetails | None
    organization: Organization | None
    inviter: Person | None


async def invitations_page(
    session: AsyncSession,
    actor: Actor,
    *,
    state: State | None,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[InvitationView]:
    """A page of the invitations `actor` may see."""
    condition = (Invitation.tenant_id == actor.tenant_id) & visible_to(actor)
    if state is not None:
        condition &= _in_state(state, clock.now())

    def rows(hits: Subquery) -> AnySelect:
        return _views(actor).join(hits, hits.c.id == Invitation.id)

    page = await fetch_page(
        session,
        branches=[condition],
        source=Invitation,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )
    return Page([_view(row) for row in page.rows], page.next)


async def invitation_for(
    session: AsyncSession, actor: Actor, reference: str, *, lock: bool = False
) -> InvitationView:
    """An invitation that `actor` may see. Raises `InvitationNotFound`."""
    invitation_id = parse_id(reference)
    statement = _views(actor).where(Invitation.id == invitation_id, visible_to(actor))
    if lock:
        statement = statement.with_for_update(of=Invitation)
    found = None if invitation_id is None else (await session.execute(statement)).one_or_none()
    if found is None:
        raise InvitationNotFound
    return _view(found)


async def invitation_by_link(session: AsyncSession, system: Actor, token: str) -> InvitationView:
    """The open invitation behind a link. Reading does not use the link up.

    Raises `InvitationNotFound`, `InvitationRedeemed`, `InvitationExpired`, `InvitationReplaced`,
    `InvitationTakenBack`."""
    return await invitation_by_mark(session, system, fingerprint(token))


async def invitation_by_mark(session: AsyncSession, system: Actor, mark: bytes) -> InvitationView:
    """The open invitation of a link, by its fingerprint (what is stored of it); raises as
    `invitation_by_link`."""
    link: OneTimeToken | None = await session.scalar(
        select(OneTimeToken).where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.fingerprint == mark,
            OneTimeToken.purpose == "invitation",
        ),
        execution_options={"populate_existing": True},
    )
    if link is None:
        raise InvitationNotFound
    found = (
        await session.execute(
            _views(system)
            .where(Invitation.person_id == link.person_id, Invitation.created_at <= link.created_at)
            .order_by(Invitation.created_at.desc())
            .limit(1),
            execution_options={"populate_existing": True},
        )
    ).one_or_none()
    if found is None:
        raise InvitationNotFound
    view = _view(found)
    _refuse_over(view, link)
    return view


async def open_invitation_of(
    session: AsyncSession, system: Actor, person_id: UUID
) -> InvitationView | None:
    """The invitation that waits for a person, if there is one; none waits for people who are
    active."""
    found = (
        await session.execute(
            _views(system).where(
                Invitation.person_id == person_id,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
                Person.state != "active",
            )
        )
    ).one_or_none()
    return _view(found) if found else None


def _refuse_over(view: InvitationView, link: OneTimeToken) -> None:
    invitation = view.invitation
    if invitation.accepted_at is not None or view.person.state == "active":
        raise InvitationRedeemed
    if invitation.withdrawn_at is not None:
        raise InvitationTakenBack
    if link.used_at is not None:
        raise InvitationReplaced
    if min(link.expires_at, invitation.expires_at) <= clock.now():
        raise InvitationExpired


def _views(actor: Actor) -> AnySelect:
    return (
        select(Invitation, Person, ContactDetails, Organization, INVITER)
        .join(Person, equal_in_tenant(Person.id, Invitation.person_id))
        .outerjoin(ContactDetails, equal_in_tenant(ContactDetails.person_id, Invitation.person_id))
        .outerjoin(Organization, equal_in_tenant(Organization.id, Invitation.organization_id))
        .outerjoin(INVITER, equal_in_tenant(INVITER.id, Invitation.invited_by))
        .where(Invitation.tenant_id == actor.tenant_id)
    )


def _view(row: Any) -> InvitationView:
    """A row of what `_views` selects."""
    return InvitationView(*row[:5])


def _in_state(state: State, now: datetime) -> ColumnElement[bool]:
    """`lifecycle.state_of`, as a condition."""
    waits = Invitation.accepted_at.is_(None) & Invitation.withdrawn_at.is_(None)
    good = waits & Invitation.failure.is_(None)
    match state:
        case "accepted":
            return Invitation.accepted_at.is_not(None)
        case "withdrawn":
            return Invitation.withdrawn_at.is_not(None)
        case "failed":
            return waits & Invitation.failure.is_not(None)
        case "expired":
            return good & (Invitation.expires_at <= now)
        case "preparing":
            return good & (Invitation.expires_at > now) & Invitation.sent_at.is_(None)
        case _:
            return good & (Invitation.expires_at > now) & Invitation.sent_at.is_not(None)
