"""Everybody who can see a ticket, and by which rule: the rules of `policy.py`, applied to
everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.access.system import as_system
from app.database.joins import equal_in_tenant
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
class Reader:
    """A person who can read the ticket: by which rule, in which role, and what else they may do."""

    person: Person
    rule: Rule
    role: str | None
    may_comment: bool
    may_update: bool


async def readers_of(session: AsyncSession, actor: Actor, sight: TicketInSight) -> Sequence[Reader]:
    """Everybody who can read a ticket that the actor may read (at most `MOST`), customers first.

    Customers are shown their own side, agents both; participants from other organizations only the
    requester and the other participants."""
    ticket = sight.ticket
    elsewhere = policy.comes_from_elsewhere(actor, ticket)
    async with as_system(session, actor) as system:
        found = await _customers(session, system, ticket)
        if elsewhere:
            found = [replace(reader, role=None) for reader in found if reader.rule == "requester"]
        taking_part = await participants_of(session, system, sight)
        named = {reader.person.id for reader in found}
        found += [
            Reader(person, "participant", None, may_comment=True, may_update=False)
            for _, person in taking_part
            if person.id not in named and person.state == "active"
        ]
        if not actor.is_customer:
            found += await _agents(session, system, ticket)
    return found[:MOST]


async def _customers(session: AsyncSession, system: Actor, ticket: Ticket) -> list[Reader]:
    rows = await session.execute(
        select(Person, Role)
        .join(Membership, equal_in_tenant(Membership.person_id, Person.id))
        .join(Role, equal_in_tenant(Role.key, Membership.role))
        .where(
            Person.tenant_id == system.tenant_id,
            Person.state == "active",
            Membership.organization_id == ticket.organization_id,
        )
        .order_by(Person.sort_name, Person.id)
    )
    confidential = await _is_confidential(session, system, ticket.department)
    closed = frozenset({ticket.department}) if confidential else frozenset[str]()
    found = []
    for person, role in rows:
        customer = Actor(
            tenant_id=system.tenant_id,
            side="customer",
            definition_version=system.definition_version,
            person_id=person.id,
            grants=(Grant(role.key, frozenset(role.permissions), ticket.organization_id),),
            closed_departments=closed,
        )
        rule: Rule = "requester" if person.id == ticket.requester_id else "organization"
        if policy.may(customer, "read", ticket, participates=False):
            found.append(_reader(customer, person, rule, role.key, ticket))
    return found


async def _agents(session: AsyncSession, system: Actor, ticket: Ticket) -> list[Reader]:
    in_department = (
        select(TeamMember.person_id)
        .join(Team, equal_in_tenant(Team.key, TeamMember.team))
        .where(TeamMember.tenant_id == system.tenant_id, Team.department == ticket.department)
    )
    rows = await session.execute(
        select(Person, Role, Person.id.in_(in_department).label("belongs"))
        .join(Role, equal_in_tenant(Role.key, Person.role))
        .where(
            Person.tenant_id == system.tenant_id,
            Person.side == "agent",
            Person.state == "active",
        )
        .order_by(Person.sort_name, Person.id)
        .limit(MOST)
    )
    confidential = await _is_confidential(session, system, ticket.department)
    found = []
    for person, role, belongs in rows:
        permissions = frozenset(role.permissions)
        shut = confidential and not belongs and "confidential:read" not in permissions
        agent = Actor(
            tenant_id=system.tenant_id,
            side="agent",
            definition_version=system.definition_version,
            person_id=person.id,
            grants=(Grant(role.key, permissions),),
            departments=frozenset({ticket.department}) if belongs else frozenset(),
            closed_departments=frozenset({ticket.department}) if shut else frozenset(),
        )
        rule: Rule = "department" if belongs else "tenant"
        if policy.may(agent, "read", ticket, participates=False):
            found.append(_reader(agent, person, rule, role.key, ticket))
    return found


async def _is_confidential(session: AsyncSession, system: Actor, department: str) -> bool:
    confidential = await session.scalar(
        select(Department.confidential).where(
            Department.tenant_id == system.tenant_id, Department.key == department
        )
    )
    return bool(confidential)


def _reader(actor: Actor, person: Person, rule: Rule, role: str, ticket: Ticket) -> Reader:
    """What `actor`, who may read the ticket, may do besides, by the same law as in a request."""
    return Reader(
        person,
        rule,
        role,
        may_comment=policy.may(actor, "comment", ticket, participates=False),
        may_update=policy.may(actor, "update", ticket, participates=False),
    )
