"""What somebody may do, without his being signed in: for telling people, and for giving them work.

The same as `wall.enter` finds for whoever holds a token."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.models.organizations import Membership, Organization
from app.models.people import Person
from app.models.portals import Department, Role, Team, TeamMember


async def standing_of(session: AsyncSession, system: Actor, person: Person) -> Actor:
    """The actor that `person` would be; asked by the system, of an agent by agents too."""
    return await (_agent if person.side == "agent" else _customer)(session, system, person)


async def _customer(session: AsyncSession, system: Actor, person: Person) -> Actor:
    """What somebody on the customer's side may do, as when he signs in (`wall.enter`)."""
    rows = await session.execute(
        select(Membership.organization_id, Role.key, Role.permissions)
        .join(Role, (Role.tenant_id == Membership.tenant_id) & (Role.key == Membership.role))
        .join(
            Organization,
            (Organization.tenant_id == Membership.tenant_id)
            & (Organization.id == Membership.organization_id),
        )
        .where(
            Membership.tenant_id == system.tenant_id,
            Membership.person_id == person.id,
            Organization.state == "active",
        )
    )
    return Actor(
        tenant_id=system.tenant_id,
        side="customer",
        definition_version=system.definition_version,
        person_id=person.id,
        grants=tuple(
            Grant(role=role, permissions=frozenset(permissions), organization_id=organization)
            for organization, role, permissions in rows
        ),
        closed_departments=await _confidential(session, system),
    )


async def _agent(session: AsyncSession, system: Actor, person: Person) -> Actor:
    """What an agent may do, as when he signs in (`wall.enter`)."""
    role = await session.get(Role, (system.tenant_id, person.role)) if person.role else None
    permissions = frozenset(role.permissions) if role else frozenset()
    teams = (
        await session.execute(
            select(Team.key, Team.department)
            .join(
                TeamMember,
                (TeamMember.tenant_id == Team.tenant_id) & (TeamMember.team == Team.key),
            )
            .where(Team.tenant_id == system.tenant_id, TeamMember.person_id == person.id)
        )
    ).all()
    departments = frozenset(department for _, department in teams)
    closed = frozenset[str]()
    if "confidential:read" not in permissions:
        closed = await _confidential(session, system) - departments
    return Actor(
        tenant_id=system.tenant_id,
        side="agent",
        definition_version=system.definition_version,
        person_id=person.id,
        grants=(Grant(role=role.key, permissions=permissions),) if role else (),
        departments=departments,
        teams=frozenset(team for team, _ in teams),
        closed_departments=closed,
    )


async def _confidential(session: AsyncSession, system: Actor) -> frozenset[str]:
    found = await session.scalars(
        select(Department.key).where(
            Department.tenant_id == system.tenant_id, Department.confidential
        )
    )
    return frozenset(found)
