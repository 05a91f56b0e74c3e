"""From the approvers that a policy or an agent names to people who can read the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.people.actors import actor_for
from app.domain.tenants.definition.policies import Approvers
from app.domain.tickets import policy
from app.domain.tickets.participants import add_participant
from app.domain.tickets.problems import ParticipantNotFitting, TooManyParticipants
from app.kernel.ids import parse_id
from app.models.organizations import Membership
from app.models.people import Person
from app.models.portals import TeamMember
from app.models.tickets import Participant, Ticket

#: At most so many are asked; who comes after them is not.
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is to be asked: named people, those of the ticket's organization with a role, or the
    members of a team."""

    people: tuple[UUID, ...] = ()
    role: str | None = None
    team: str | None = None

    @property
    def is_said_in_one_way(self) -> bool:
        """Whether exactly one of them is given."""
        return sum(map(bool, (self.people, self.role, self.team))) == 1


def named_by(approvers: Approvers, ticket: Ticket) -> Asked:
    """The approvers that a policy names for a ticket."""
    if approvers.requester:
        return Asked(people=(ticket.requester_id,))
    if approvers.field:
        answer = parse_id(str(ticket.fields.get(approvers.field)))
        return Asked(people=(answer,) if answer else ())
    return Asked(role=approvers.role, team=approvers.team)


async def fitting(
    session: AsyncSession, actor: Actor, ticket: Ticket, asked: Asked
) -> Sequence[UUID]:
    """Those of `asked` who can answer: active, and able to read the ticket. A person who was named
    and could not read it becomes a participant, where that is allowed."""
    async with as_system(session, actor) as system:
        people = await _people(session, system, ticket, asked)
        reading = {each.id for each in people if await _reads(session, system, ticket, each)}
    return [
        each.id
        for each in people
        if each.id in reading
        or (each.id in asked.people and await _let_in(session, actor, ticket, each))
    ]


async def _people(
    session: AsyncSession, system: Actor, ticket: Ticket, asked: Asked
) -> Sequence[Person]:
    wanted: ColumnElement[bool] = Person.id.in_(asked.people)
    if asked.role is not None:
        wanted = exists().where(
            Membership.tenant_id == Person.tenant_id,
            Membership.person_id == Person.id,
            Membership.organization_id == ticket.organization_id,
            Membership.role == asked.role,
        )
    elif asked.team is not None:
        wanted = exists().where(
            TeamMember.tenant_id == Person.tenant_id,
            TeamMember.person_id == Person.id,
            TeamMember.team == asked.team,
        )
    found = await session.scalars(
        select(Person)
        .where(Person.tenant_id == system.tenant_id, Person.state != "inactive", wanted)
        .order_by(Person.sort_name, Person.id)
        .limit(MOST)
    )
    return found.all()


async def _reads(session: AsyncSession, system: Actor, ticket: Ticket, person: Person) -> bool:
    taking_part = await session.get(Participant, (system.tenant_id, ticket.id, person.id))
    standing = await actor_for(session, system, person)
    return policy.may(standing, "read", ticket, participates=taking_part is not None)


async def _let_in(session: AsyncSession, actor: Actor, ticket: Ticket, person: Person) -> bool:
    try:
        await add_participant(session, actor, str(ticket.id), person_id=person.id)
    except (ParticipantNotFitting, TooManyParticipants):
        return False
    return True
