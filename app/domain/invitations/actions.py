"""Inviting, sending again, withdrawing."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.constraints import violated
from app.domain.invitations.events import InvitationIssued, InvitationWithdrawn
from app.domain.invitations.lifecycle import HOUR, MOST_AN_HOUR, MOST_MAILS_AN_HOUR
from app.domain.invitations.policy import require_inviting
from app.domain.invitations.problems import (
    InvitationIncomplete,
    InvitationOver,
    PersonAlreadyIn,
    PersonAlreadyInvited,
    WayNotOffered,
)
from app.domain.invitations.queries import InvitationView, invitation_for, open_invitation_of
from app.domain.invitations.ways import ways_of
from app.domain.organizations.queries import organization_for
from app.domain.people.actions import create_person
from app.domain.people.memberships import give_role, grant_membership
from app.domain.people.policy import held_in
from app.domain.people.problems import RoleUnknown
from app.domain.people.queries import membership_for, memberships_of, person_for
from app.domain.sign_in.guesses import bucket_of, limit_rate
from app.domain.sign_in.lifecycle import INVITATION
from app.domain.sign_in.links import void_links_of
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock, ids
from app.models.invitations import Invitation
from app.models.people import Person


async def invite(
    session: AsyncSession,
    actor: Actor,
    *,
    person: str | None,
    name: str | None,
    email: str | None,
    side: str,
    organization: str | None,
    role: str | None,
    language: str | None,
    phone: str | None,
    way: str | None,
) -> InvitationView:
    """Invite a new person, or one who was made and never let in: he is mailed a link of his own
    (S0-1). `way` keeps it to one way of signing in.

    Agents need `portal_access:grant` and `people:write`, for agents `roles:assign`; a company
    administrator `colleagues:manage` in the organization, and gives no role above his own. Raises
    `InvitationIncomplete`, `OrganizationNotFound`, `PersonAlreadyIn`, `PersonAlreadyInvited`,
    `WayNotOffered`, `TooManyAttempts` and what making a person and giving a role raise."""
    place = await _place(session, actor, side, organization)
    require_inviting(actor, side, place)
    await _refuse_way(session, actor, way)
    if side == "customer" and person is None and (place is not None or role is not None):
        own = held_in(actor, place) if actor.is_customer and place else None
        await give_role(session, actor, role, "customer", own)
    await _limit_inviting(session, actor)
    if person is None:
        invited = await _new_person(
            session,
            actor,
            name=name,
            email=email,
            side=side,
            role=role,
            language=language,
            phone=phone,
        )
    elif name is None and email is None:
        invited = await person_for(session, actor, person, lock=not actor.is_customer)
    else:
        raise InvitationIncomplete.at("/person")
    require_inviting(actor, invited.side, place)
    if invited.state != "invited":
        raise PersonAlreadyIn
    if person is not None and actor.is_customer:
        # Roles of those who are there already are changed where they stand.
        await membership_for(session, actor, place or invited.id, invited.id)
        role = None
    return await _issue(session, actor, invited, place=place, role=role, way=way)


async def _limit_inviting(session: AsyncSession, actor: Actor) -> None:
    async with as_system(session, actor) as system:
        bucket = bucket_of("inviting", str(actor.person_id))
        await limit_rate(session, system, bucket, most=MOST_AN_HOUR, within=HOUR)


async def _issue(
    session: AsyncSession,
    actor: Actor,
    invited: Person,
    *,
    place: UUID | None,
    role: str | None,
    way: str | None,
) -> InvitationView:
    """Write the invitation of somebody who may be invited; its event has it mailed."""
    now = clock.now()
    invitation = Invitation(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        person_id=invited.id,
        organization_id=place,
        role=role,
        way=way,
        invited_by=actor.person_id,
        created_at=now,
        expires_at=now + INVITATION,
    )
    async with as_system(session, actor) as system:
        await _place_invited(session, system, invited, place, role)
        await _keep(session, system, invitation)
    await record(session, actor, _issued(invitation))
    return await invitation_for(session, actor, str(invitation.id))


async def send_again(session: AsyncSession, actor: Actor, reference: str) -> InvitationView:
    """Mail an invitation once more, with a new link, good for seven days from now; the old one
    is of no use. Raises `InvitationNotFound`, `InvitationOver`, `PersonAlreadyIn`,
    `TooManyAttempts`."""
    held = await _open_one(session, actor, reference)
    if held.person.state != "invited":
        raise PersonAlreadyIn
    async with as_system(session, actor) as system:
        bucket = bucket_of("invitation", str(held.invitation.id))
        await limit_rate(session, system, bucket, most=MOST_MAILS_AN_HOUR, within=HOUR)
        await void_links_of(session, system, held.person.id)
        held.invitation.expires_at = clock.now() + INVITATION
        held.invitation.failure = held.invitation.sent_at = None
    await record(session, actor, _issued(held.invitation))
    return held


async def withdraw(session: AsyncSession, actor: Actor, reference: str) -> InvitationView:
    """Take an invitation back: its link opens nothing any more.

    Raises `InvitationNotFound`, `InvitationOver`."""
    held = await _open_one(session, actor, reference)
    async with as_system(session, actor) as system:
        await void_links_of(session, system, held.person.id)
        held.invitation.withdrawn_at = clock.now()
    gone = InvitationWithdrawn(subject_id=held.person.id, invitation=held.invitation.id)
    await record(session, actor, gone)
    return held


async def _open_one(session: AsyncSession, actor: Actor, reference: str) -> InvitationView:
    """An invitation that waits, locked as the system, seen by whoever may withdraw it."""
    seen = await invitation_for(session, actor, reference)
    require_inviting(actor, seen.person.side, seen.invitation.organization_id)
    async with as_system(session, actor) as system:
        held = await invitation_for(session, system, reference, lock=True)
        await session.refresh(held.invitation)
    if held.invitation.accepted_at or held.invitation.withdrawn_at:
        raise InvitationOver
    return held


async def _place(
    session: AsyncSession, actor: Actor, side: str, organization: str | None
) -> UUID | None:
    """The organization somebody is invited to; a company administrator's own, where he has one."""
    if organization is not None:
        if side == "agent":
            raise InvitationIncomplete.at("/organization")
        return (await organization_for(session, actor, organization)).id
    if not actor.is_customer:
        return None
    managed = actor.organizations_where("colleagues:manage")
    if len(managed) > 1:
        raise InvitationIncomplete.at("/organization")
    return managed[0] if managed else None


async def _new_person(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str | None,
    email: str | None,
    side: str,
    role: str | None,
    language: str | None,
    phone: str | None,
) -> Person:
    """Make whoever is invited. A company administrator makes customers, by the system's rights."""
    if name is None or email is None:
        raise InvitationIncomplete.at("/name" if name is None else "/email")
    if not actor.is_customer:
        return await create_person(
            session,
            actor,
            name=name,
            email=email,
            side=side,
            role=role if side == "agent" else None,
            language=language,
            phone=phone,
        )
    if side != "customer":
        raise RoleUnknown
    async with as_system(session, actor) as system:
        return await create_person(
            session, system, name=name, email=email, language=language, phone=phone
        )


async def _refuse_way(session: AsyncSession, actor: Actor, way: str | None) -> None:
    if way is not None and way not in ways_of(await definition_of(session, actor), None):
        raise WayNotOffered.at("/way", WayNotOffered.title)


async def _place_invited(
    session: AsyncSession, system: Actor, invited: Person, place: UUID | None, role: str | None
) -> None:
    """Give a customer his role in the organization he is invited to; without one he must belong
    somewhere already."""
    if invited.side != "customer":
        return
    if place is not None and role is not None:
        await grant_membership(session, system, place, invited.id, role=role)
    elif not await memberships_of(session, system, invited.id):
        raise InvitationIncomplete.at("/organization")


async def _keep(session: AsyncSession, system: Actor, invitation: Invitation) -> None:
    """Write an invitation. Raises `PersonAlreadyInvited`."""
    if await open_invitation_of(session, system, invitation.person_id):
        raise PersonAlreadyInvited
    session.add(invitation)
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else invited the same person at the same moment.
        if violated(error) == "uq_invitations_open":
            raise PersonAlreadyInvited from error
        raise


def _issued(invitation: Invitation) -> InvitationIssued:
    return InvitationIssued(subject_id=invitation.person_id, invitation=invitation.id)
