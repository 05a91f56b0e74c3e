"""The participants of a ticket: people beside its requester who read it, its public comments and
files, and comment; perhaps from another organization."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.domain.people.queries import person_meant
from app.domain.tickets import policy
from app.domain.tickets.events import ParticipantAdded, ParticipantRemoved
from app.domain.tickets.problems import (
    ParticipantNotFitting,
    ParticipantNotFound,
    TicketClosed,
    TooManyParticipants,
)
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.journal import record
from app.kernel import clock
from app.kernel.ids import parse_id
from app.kernel.problems import Forbidden
from app.models.organizations import Membership
from app.models.people import Person
from app.models.tickets import Participant, Ticket

MOST = 50


async def participants_of(
    session: AsyncSession, actor: Actor, sight: TicketInSight
) -> Sequence[tuple[Participant, Person]]:
    """The participants of a ticket that the actor may read, with the people, those who joined first
    at the top."""
    async with as_system(session, actor) as system:
        rows = await session.execute(
            select(Participant, Person)
            .join(Person, equal_in_tenant(Person.id, Participant.person_id))
            .where(
                Participant.tenant_id == system.tenant_id,
                Participant.ticket_id == sight.ticket.id,
            )
            .order_by(Participant.added_at, Participant.person_id)
        )
        return [(row[0], row[1]) for row in rows]


async def add_participant(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    person_id: UUID | None = None,
    email: str | None = None,
) -> TicketInSight:
    """Add a customer as a participant, by id or by address.

    Agents who may change the ticket add anyone; customers who may comment on it add colleagues of
    the ticket's organization. Raises `TicketNotFound`, `Forbidden`, `TicketClosed`,
    `ParticipantNotFitting`, `TooManyParticipants`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    ticket = sight.ticket
    _may_invite(actor, sight)
    if ticket.status_category == "closed":
        raise TicketClosed
    async with as_system(session, actor) as system:
        person = await person_meant(session, system, person_id, email)
        if person is None or not await _fits(session, actor, ticket, person):
            pointer = "/person" if person_id else "/email"
            raise ParticipantNotFitting.at(pointer, ParticipantNotFitting.title)
        if not await _add(session, ticket, person.id, added_by=actor.person_id):
            return sight
    await record(session, actor, ParticipantAdded(ticket=ticket, subject_id=person.id))
    return sight


async def _add(
    session: AsyncSession, ticket: Ticket, person_id: UUID, *, added_by: UUID | None
) -> bool:
    """Whether the person was not a participant yet. Raises `TooManyParticipants`."""
    held = await session.scalars(
        select(Participant.person_id).where(
            Participant.tenant_id == ticket.tenant_id, Participant.ticket_id == ticket.id
        )
    )
    already = set(held)
    if person_id in already:
        return False
    if len(already) >= MOST:
        raise TooManyParticipants(most=MOST)
    await session.execute(
        insert(Participant)
        .values(
            tenant_id=ticket.tenant_id,
            ticket_id=ticket.id,
            person_id=person_id,
            organization_id=ticket.organization_id,
            department=ticket.department,
            requester_id=ticket.requester_id,
            added_at=clock.now(),
            added_by=added_by,
        )
        .on_conflict_do_nothing()
    )
    return True


async def remove_participant(
    session: AsyncSession, actor: Actor, reference: str, person: str
) -> None:
    """Remove a participant: for those who may add one, and for the participants themselves.

    Raises `TicketNotFound`, `ParticipantNotFound`, `Forbidden`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    person_id = parse_id(person)
    if person_id is None or person_id != actor.person_id:
        _may_invite(actor, sight)
    async with as_system(session, actor) as system:
        gone = await session.scalar(
            delete(Participant)
            .where(
                Participant.tenant_id == system.tenant_id,
                Participant.ticket_id == sight.ticket.id,
                Participant.person_id == person_id,
            )
            .returning(Participant.person_id)
        )
    if gone is None:
        raise ParticipantNotFound
    await record(session, actor, ParticipantRemoved(ticket=sight.ticket, subject_id=gone))


def may_invite(actor: Actor, sight: TicketInSight) -> bool:
    """Whether the actor may add participants; a participant from another organization may not."""
    verb: policy.Verb = "update" if actor.is_agent else "comment"
    return policy.may(actor, verb, sight.ticket, participates=False)


def _may_invite(actor: Actor, sight: TicketInSight) -> None:
    if not may_invite(actor, sight):
        raise Forbidden(permission="tickets:update" if actor.is_agent else "tickets:comment")


async def _fits(session: AsyncSession, actor: Actor, ticket: Ticket, person: Person) -> bool:
    if person.side != "customer" or person.state == "inactive":
        return False
    if person.id == ticket.requester_id or actor.is_agent:
        return person.id != ticket.requester_id
    colleague = await session.scalar(
        select(Membership.person_id).where(
            Membership.tenant_id == ticket.tenant_id,
            Membership.organization_id == ticket.organization_id,
            Membership.person_id == person.id,
        )
    )
    return colleague is not None
