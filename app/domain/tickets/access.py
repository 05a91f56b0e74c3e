"""Who sees a ticket, and by which rule: the law of `policy.py`, read the other way round."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.access.system import as_system
from app.domain.tickets import policy
from app.domain.tickets.participants import participants_of
from app.domain.tickets.queries import TicketInSight
from app.models.organizations import Membership
from app.models.people import Person
from app.models.portals import Department, Role, Team, TeamMember
from app.models.tickets import Ticket

Rule = Literal["requester", "participant", "organization", "department", "tenant"]
MOST = 500


@dataclass(frozen=True, slots=True)
class Seer:
    """Somebody who may read the ticket: by which rule, in which role, and what else he may."""

    person: Person
    rule: Rule
    role: str | None
    may_comment: bool
    may_update: bool


async def seers_of(session: AsyncSession, actor: Actor, sight: TicketInSight) -> Sequence[Seer]:
    """Everybody who may read a ticket that the actor may read (at most `MOST`), customers first.

    Customers are told of their own side, agents of both; whoever takes part from another
    organization of the requester and the others who take part."""
    ticket = sight.ticket
    elsewhere = policy.comes_from_elsewhere(actor, ticket)
    async with as_system(session, actor) as system:
        found = await _customers(session, system, ticket)
        if elsewhere:
            found = [replace(seer, role=None) for seer in found if seer.rule == "requester"]
        taking_part = await participants_of(session, system, sight)
        named = {seer.person.id for seer in found}
        found += [
            Seer(person, "participant", None, may_comment=True, may_update=False)
            for _, person in taking_part
            if person.id not in named and person.state == "active"
        ]
        if not actor.is_customer:
            found += await _agents(session, system, ticket)
    return found[:MOST]


async def _customers(session: AsyncSession, system: Actor, ticket: Ticket) -> list[Seer]:
    rows = await session.execute(
        select(Person, Role)
        .join(
            Membership,
            (Membership.tenant_id == Person.tenant_id) & (Membership.person_id == Person.id),
        )
        .join(Role, (Role.tenant_id == Membership.tenant_id) & (Role.key == Membership.role))
        .where(
            Person.tenant_id == system.tenant_id,
            Person.state == "active",
            Membership.organization_id == ticket.organization_id,
        )
        .order_by(Person.sort_name, Person.id)
    )
    confidential = await session.scalar(
        select(Department.confidential).where(
            Department.tenant_id == system.tenant_id, Department.key == ticket.department
        )
    )
    closed = frozenset({ticket.department}) if confidential else frozenset[str]()
    found = []
    for person, role in rows:
        as_he = _as_customer(system, person, role, ticket.organization_id, closed)
        rule: Rule = "requester" if person.id == ticket.requester_id else "organization"
        found += _seer(as_he, person, rule, role.key, ticket)
    return found


def _as_customer(
    system: Actor, person: Person, role: Role, organization_id: UUID, closed: frozenset[str]
) -> Actor:
    return Actor(
        tenant_id=system.tenant_id,
        side="customer",
        definition_version=system.definition_version,
        person_id=person.id,
        grants=(Grant(role.key, frozenset(role.permissions), organization_id),),
        closed_departments=closed,
    )


async def _agents(session: AsyncSession, system: Actor, ticket: Ticket) -> list[Seer]:
    in_department = (
        select(TeamMember.person_id)
        .join(Team, (Team.tenant_id == TeamMember.tenant_id) & (Team.key == TeamMember.team))
        .where(TeamMember.tenant_id == system.tenant_id, Team.department == ticket.department)
    )
    rows = await session.execute(
        select(Person, Role, Person.id.in_(in_department).label("belongs"))
        .join(Role, (Role.tenant_id == Person.tenant_id) & (Role.key == Person.role))
        .where(
            Person.tenant_id == system.tenant_id,
            Person.side == "agent",
            Person.state == "active",
        )
        .order_by(Person.sort_name, Person.id)
        .limit(MOST)
    )
    confidential = await session.scalar(
        select(Department.confidential).where(
            Department.tenant_id == system.tenant_id, Department.key == ticket.department
        )
    )
    found = []
    for person, role, belongs in rows:
        permissions = frozenset(role.permissions)
        shut = confidential and not belongs and "confidential:read" not in permissions
        as_he = Actor(
            tenant_id=system.tenant_id,
            side="agent",
            definition_version=system.definition_version,
            person_id=person.id,
            grants=(Grant(role.key, permissions),),
            departments=frozenset({ticket.department}) if belongs else frozenset(),
            closed_departments=frozenset({ticket.department}) if shut else frozenset(),
        )
        found += _seer(as_he, person, "department" if belongs else "tenant", role.key, ticket)
    return found


def _seer(as_he: Actor, person: Person, rule: Rule, role: str, ticket: Ticket) -> list[Seer]:
    """The same law as for a request, asked as this person."""
    if not policy.may(as_he, "read", ticket, participates=False):
        return []
    return [
        Seer(
            person,
            rule,
            role,
            may_comment=policy.may(as_he, "comment", ticket, participates=False),
            may_update=policy.may(as_he, "update", ticket, participates=False),
        )
    ]
