"""A person as the actor they would be if signed in: for notifications, assignments and keys.

The rights are those that `wall.enter` (migration `0002`) finds for the holder of a token.
Statements are built once, and read as many people as are told of one thing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.database.asking import Question
from app.database.joins import equal_in_tenant
from app.models.organizations import Membership, Organization
from app.models.people import Person
from app.models.portals import Department, Role, Team, TeamMember

_tenant = bindparam("tenant", type_=Uuid())
_people = any_(bindparam("people", type_=ARRAY(Uuid())))

_MEMBERSHIPS = Question(
    select(Membership.person_id, Membership.organization_id, Role.key, Role.permissions)
    .join(Role, equal_in_tenant(Role.key, Membership.role))
    .join(Organization, equal_in_tenant(Organization.id, Membership.organization_id))
    .where(
        Membership.tenant_id == _tenant,
        Membership.person_id == _people,
        Organization.state == "active",
    )
)
_ROLES = Question(
    select(Role.key, Role.permissions).where(
        Role.tenant_id == _tenant, Role.key == any_(bindparam("roles", type_=ARRAY(Text())))
    )
)
_TEAMS = Question(
    select(TeamMember.person_id, Team.key, Team.department)
    .join(TeamMember, equal_in_tenant(TeamMember.team, Team.key))
    .where(Team.tenant_id == _tenant, TeamMember.person_id == _people)
)
_CONFIDENTIAL = Question(
    select(Department.key).where(Department.tenant_id == _tenant, Department.confidential)
)


async def actor_for(session: AsyncSession, system: Actor, person: Person) -> Actor:
    """`person` as an actor, with his present rights. Only the system asks this, and agents about
    agents."""
    return (await actors_for(session, system, [person]))[person.id]


async def actors_for(
    session: AsyncSession, system: Actor, people: Sequence[Person]
) -> Mapping[UUID, Actor]:
    """`people` as actors with their present rights, by their ids; asked as `actor_for`."""
    agents = [person for person in people if person.side == "agent"]
    customers = [person for person in people if person.side != "agent"]
    found: dict[UUID, Actor] = {}
    if customers:
        found |= await _customers(session, system, customers)
    if agents:
        found |= await _agents(session, system, agents)
    return found


async def _customers(
    session: AsyncSession, system: Actor, people: Sequence[Person]
) -> Mapping[UUID, Actor]:
    """What those on the customer's side may do, as when they sign in (`wall.enter`)."""
    asked = {"tenant": system.tenant_id, "people": [person.id for person in people]}
    grants = defaultdict[UUID, list[Grant]](list)
    for person_id, organization, role, permissions in await _MEMBERSHIPS.rows(session, asked):
        grants[person_id].append(
            Grant(role=role, permissions=frozenset(permissions), organization_id=organization)
        )
    closed = await _confidential(session, system)
    return {
        person.id: Actor(
            tenant_id=system.tenant_id,
            side="customer",
            definition_version=system.definition_version,
            person_id=person.id,
            grants=tuple(grants[person.id]),
            closed_departments=closed,
        )
        for person in people
    }


async def _agents(
    session: AsyncSession, system: Actor, people: Sequence[Person]
) -> Mapping[UUID, Actor]:
    """What agents may do, as when they sign in (`wall.enter`)."""
    tenant = {"tenant": system.tenant_id}
    roles = sorted({person.role for person in people if person.role})
    grants = {
        key: Grant(role=key, permissions=frozenset(permissions))
        for key, permissions in await _ROLES.rows(session, {**tenant, "roles": roles})
    }
    teams = defaultdict[UUID, dict[str, str]](dict)
    ids = [person.id for person in people]
    for person_id, team, department in await _TEAMS.rows(session, {**tenant, "people": ids}):
        teams[person_id][team] = department
    held = {person.id: grants.get(person.role or "") for person in people}
    insiders = {
        person_id
        for person_id, grant in held.items()
        if grant and "confidential:read" in grant.permissions
    }
    confidential = frozenset[str]()
    if len(insiders) < len(held):
        confidential = await _confidential(session, system)
    found = {}
    for person_id, grant in held.items():
        departments = frozenset(teams[person_id].values())
        found[person_id] = Actor(
            tenant_id=system.tenant_id,
            side="agent",
            definition_version=system.definition_version,
            person_id=person_id,
            grants=(grant,) if grant else (),
            departments=departments,
            teams=frozenset(teams[person_id]),
            closed_departments=(
                frozenset() if person_id in insiders else confidential - departments
            ),
        )
    return found


async def _confidential(session: AsyncSession, system: Actor) -> frozenset[str]:
    found = await _CONFIDENTIAL.rows(session, {"tenant": system.tenant_id})
    return frozenset(each.key for each in found)
