"""Every look at tickets. Fetching is checking: what comes back may be read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.asking import Question
from app.database.entities import entity_of
from app.database.paging import AnySelect
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.sorts import Assignee, Requester
from app.kernel.ids import parse_id
from app.models.approvals import Approval
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.tickets import Participant, Ticket

_NUMBER = re.compile(r"([A-Za-z]{2,6})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class TicketInSight:
    """A ticket with the names that go with it, and whether the actor takes part in it. Where it
    was not locked, `ticket` is a row of its columns, which cannot be changed."""

    ticket: Ticket
    requester_name: str
    assignee_name: str | None
    organization_name: str | None
    entitlement_name: str | None
    entitlement_template: str | None
    participates: bool
    #: Whether an approval of it may be pending: `False` where it is known that none is.
    asked_about: bool = True


def with_names(*shown: Any) -> AnySelect:
    """Tickets, or columns of them, with the names that go with them."""
    return (
        select(
            *shown,
            Requester.name.label("requester_name"),
            Assignee.name.label("assignee_name"),
            Organization.name.label("organization_name"),
            Entitlement.name.label("entitlement_name"),
            Entitlement.template.label("entitlement_template"),
        )
        .select_from(Ticket)
        .join(
            Requester,
            (Requester.tenant_id == Ticket.tenant_id) & (Requester.id == Ticket.requester_id),
        )
        .outerjoin(
            Assignee,
            (Assignee.tenant_id == Ticket.tenant_id) & (Assignee.id == Ticket.assignee_id),
        )
        .outerjoin(
            Organization,
            (Organization.tenant_id == Ticket.tenant_id)
            & (Organization.id == Ticket.organization_id),
        )
        .outerjoin(
            Entitlement,
            (Entitlement.tenant_id == Ticket.tenant_id) & (Entitlement.id == Ticket.entitlement_id),
        )
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """The ticket that a column names: to be looked at, to be shown as a whole, to be changed."""

    looked_at: Question
    shown: Question
    locked: Question


def _by(column: Any) -> _Look:
    """Built once: to put a statement together takes longer than to run it."""
    participates = exists().where(
        Participant.tenant_id == bindparam("tenant"),
        Participant.ticket_id == Ticket.id,
        Participant.person_id == bindparam("person"),
    )
    looked_at = (
        with_names(Ticket)
        .add_columns(participates.label("participates"))
        .where(Ticket.tenant_id == bindparam("tenant"), column == bindparam("named"))
    )
    asked_about = exists().where(
        Approval.tenant_id == bindparam("tenant"),
        Approval.ticket_id == Ticket.id,
        Approval.state == "pending",
    )
    return _Look(
        Question(looked_at),
        Question(looked_at.add_columns(asked_about.label("asked_about"))),
        Question(looked_at.with_for_update(of=Ticket)),
    )


_TAKING_PART = select(Participant.person_id).where(
    Participant.tenant_id == bindparam("tenant"), Participant.ticket_id == bindparam("ticket")
)
_BY_ID, _BY_NUMBER = _by(Ticket.id), _by(Ticket.number)


async def ticket_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> TicketInSight:
    """The ticket with this id or number (`CRM-1042`), locked where it is to be changed.

    Raises `TicketNotFound`, for what `actor` may not read too."""
    look, named = await _named(session, actor, str(reference))
    asked = _asked(actor, named)
    row = await (look.locked if lock else look.looked_at).row(session, asked)
    if lock and row is not None and _changed_while_waiting(row):
        row = await look.looked_at.row(session, asked)
    sight = _in_sight(actor, row)
    return replace(sight, ticket=entity_of(session, Ticket, row)) if lock else sight


async def ticket_to_show(session: AsyncSession, actor: Actor, reference: str) -> TicketInSight:
    """The same for an answer that shows all of it, with whether anything is asked about it."""
    look, named = await _named(session, actor, reference)
    row = await look.shown.row(session, _asked(actor, named))
    return replace(_in_sight(actor, row), asked_about=row.asked_about)


def _asked(actor: Actor, named: UUID | int) -> dict[str, Any]:
    return {"tenant": actor.tenant_id, "person": actor.person_id, "named": named}


def _in_sight(actor: Actor, row: Any) -> TicketInSight:
    if row is None or not policy.may(actor, "read", row, participates=row.participates):
        raise TicketNotFound
    return TicketInSight(
        ticket=row,
        requester_name=row.requester_name,
        assignee_name=row.assignee_name,
        organization_name=row.organization_name,
        entitlement_name=row.entitlement_name,
        entitlement_template=row.entitlement_template,
        participates=row.participates,
    )


async def sights_of(
    session: AsyncSession, system: Actor, ticket_id: UUID, readers: Iterable[Actor]
) -> Mapping[UUID, TicketInSight]:
    """The ticket as each of these people sees it, by their ids; without those who may not read
    it, and asked by the system, which may."""
    try:
        sight = await ticket_for(session, system, ticket_id)
    except TicketNotFound:
        return {}
    readers, part = list(readers), frozenset[UUID]()
    if any(reader.is_customer for reader in readers):  # else nothing hangs on it
        place = {"tenant": system.tenant_id, "ticket": ticket_id}
        part = frozenset(await session.scalars(_TAKING_PART, place))
    return {
        reader.person_id: replace(sight, participates=reader.person_id in part)
        for reader in readers
        if reader.person_id
        and policy.may(reader, "read", sight.ticket, participates=reader.person_id in part)
    }


def _changed_while_waiting(row: Any) -> bool:
    """Whether somebody changed the ticket while its lock was waited for: PostgreSQL then shows the
    new ticket beside what was joined to the old one, so a name is missing."""
    return (row.assignee_id is not None and row.assignee_name is None) or (
        row.entitlement_id is not None and row.entitlement_template is None
    )


async def _named(session: AsyncSession, actor: Actor, reference: str) -> tuple[_Look, UUID | int]:
    """By which column a reference names a ticket, and the value there."""
    match = _NUMBER.fullmatch(reference)
    if match:
        definition = await definition_of(session, actor)
        if match[1].upper() == definition.portal.number_prefix:
            return _BY_NUMBER, int(match[2])
    elif ticket_id := parse_id(reference):
        return _BY_ID, ticket_id
    raise TicketNotFound
