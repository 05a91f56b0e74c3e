"""Memberships, teams and their roles."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.domain.organizations.queries import organization_for
from app.domain.people.events import RightsChanged
from app.domain.people.policy import held_in
from app.domain.people.problems import (
    BelongsElsewhere,
    NotOneself,
    RoleAboveOnesOwn,
    RoleUnknown,
    TeamUnknown,
    WrongSide,
)
from app.domain.people.queries import membership_for, memberships_of, person_for, role_for
from app.journal import record
from app.kernel import clock
from app.kernel.problems import Forbidden
from app.models.organizations import Membership
from app.models.people import Person
from app.models.portals import Role, Team, TeamMember


async def grant_membership(
    session: AsyncSession, actor: Actor, organization: str | UUID, person: str | UUID, *, role: str
) -> Membership:
    """Make a customer a member of an organization with a role, or change the role.

    Agents need `organizations:write`; a company admin may set the role of those who are members
    already (`colleagues:manage`), not his own, and none above his own. No ticket is moved. Raises
    `OrganizationNotFound`, `PersonNotFound`, `MembershipNotFound`, `NotOneself`, `RoleUnknown`,
    `RoleAboveOnesOwn`, `WrongSide`."""
    company = await organization_for(session, actor, organization)
    somebody = await person_for(session, actor, person)
    await _refuse_managing(session, actor, company.id, somebody)
    if somebody.side != "customer":
        raise WrongSide
    own = held_in(actor, company.id) if actor.is_customer else None
    await give_role(session, actor, role, "customer", own)
    async with as_system(session, actor):
        granted = (
            await session.scalars(
                insert(Membership)
                .values(
                    tenant_id=actor.tenant_id,
                    organization_id=company.id,
                    person_id=somebody.id,
                    role=role,
                    side="customer",
                    created_at=clock.now(),
                )
                .on_conflict_do_update(
                    index_elements=["tenant_id", "organization_id", "person_id"],
                    set_={"role": role},
                )
                .returning(Membership),
                execution_options={"populate_existing": True},
            )
        ).one()
        changed = RightsChanged(subject_id=somebody.id, organization_id=company.id, role=role)
        await record(session, actor, changed)
    return granted


async def end_membership(
    session: AsyncSession, actor: Actor, organization: str | UUID, person: str | UUID
) -> None:
    """Remove a member from an organization; the tickets stay. Rights as `grant_membership`."""
    company = await organization_for(session, actor, organization)
    somebody = await person_for(session, actor, person)
    await _refuse_managing(session, actor, company.id, somebody)
    async with as_system(session, actor):
        membership = await membership_for(session, actor, company.id, somebody.id)
        await session.delete(membership)
        taken = RightsChanged(
            subject_id=somebody.id, organization_id=company.id, role=membership.role, taken=True
        )
        await record(session, actor, taken)


async def join_team(
    session: AsyncSession,
    actor: Actor,
    person: str | UUID,
    team: str,
    *,
    told_of_new: bool = True,
) -> None:
    """Add an agent to a team, or change whether he is told of its new tickets (S1-17). Nobody gives
    others access to a confidential department that is closed to himself."""
    somebody = await person_for(session, actor, person)
    require(actor, "roles:assign")
    if somebody.side != "agent":
        raise WrongSide
    known = await session.scalar(
        select(Team.key).where(
            Team.tenant_id == actor.tenant_id,
            Team.key == team,
            Team.retired_at.is_(None),
            Team.department.not_in(actor.closed_departments),
        )
    )
    if known is None:
        raise TeamUnknown
    await session.execute(
        insert(TeamMember)
        .values(
            tenant_id=actor.tenant_id, team=team, person_id=somebody.id, told_of_new=told_of_new
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "team", "person_id"], set_={"told_of_new": told_of_new}
        )
    )
    await record(session, actor, RightsChanged(subject_id=somebody.id, team=team))


async def leave_team(session: AsyncSession, actor: Actor, person: str | UUID, team: str) -> None:
    """Remove an agent from a team."""
    somebody = await person_for(session, actor, person)
    require(actor, "roles:assign")
    await session.execute(
        delete(TeamMember).where(
            TeamMember.tenant_id == actor.tenant_id,
            TeamMember.team == team,
            TeamMember.person_id == somebody.id,
        )
    )
    await record(session, actor, RightsChanged(subject_id=somebody.id, team=team, taken=True))


async def give_role(
    session: AsyncSession,
    actor: Actor,
    role: str | None,
    side: str,
    own: AbstractSet[str] | None,
) -> None:
    """Raise unless `role` can be given by somebody whose permissions are `own` (`None`: anybody who
    may give roles of that side at all). Nobody gives more than he has."""
    known = None if role is None else await role_for(session, actor, role, side)
    if known is None:
        raise RoleUnknown.at("/role")
    if own is not None and not actor.is_system and not set(known.permissions) <= own:
        raise RoleAboveOnesOwn


async def refuse_above(
    session: AsyncSession, actor: Actor, role: str | None, own: AbstractSet[str]
) -> None:
    """Raise `RoleAboveOnesOwn` where somebody's role allows more than `own`."""
    held = await session.get(Role, (actor.tenant_id, role)) if role else None
    if held is not None and not actor.is_system and not set(held.permissions) <= own:
        raise RoleAboveOnesOwn


async def refuse_leaver_of_others(session: AsyncSession, actor: Actor, somebody: Person) -> None:
    """Raise unless a company admin may change the access of this colleague: one who belongs only to
    organizations that he manages, and may do no more than himself."""
    if somebody.id == actor.person_id:
        raise NotOneself
    places = await _places_of(session, actor, somebody)
    if somebody.side != "customer" or not places:
        raise Forbidden(permission="colleagues:manage")
    managed = set(actor.organizations_where("colleagues:manage"))
    if not managed & {place.organization_id for place in places}:
        raise Forbidden(permission="colleagues:manage")
    if not managed >= {place.organization_id for place in places}:
        raise BelongsElsewhere
    for place in places:
        await refuse_above(session, actor, place.role, held_in(actor, place.organization_id))


async def refuse_of_others(
    session: AsyncSession, actor: Actor, somebody: Person, own: AbstractSet[UUID]
) -> None:
    """Raise `BelongsElsewhere` where somebody belongs to more organizations than `own`."""
    if not own >= {place.organization_id for place in await _places_of(session, actor, somebody)}:
        raise BelongsElsewhere


async def _places_of(session: AsyncSession, actor: Actor, somebody: Person) -> list[Membership]:
    """All memberships of a person, whether the actor may know of them or not."""
    async with as_system(session, actor) as system:
        return [place for place, _ in await memberships_of(session, system, somebody.id)]


async def _refuse_managing(
    session: AsyncSession, actor: Actor, organization_id: UUID, somebody: Person
) -> None:
    if not actor.is_customer:
        require(actor, "organizations:write")
        return
    require(actor, "colleagues:manage", organization_id)
    if somebody.id == actor.person_id:
        raise NotOneself
    async with as_system(session, actor) as system:
        membership = await membership_for(session, system, organization_id, somebody.id)
    await refuse_above(session, actor, membership.role, held_in(actor, organization_id))
