"""Nobody gives what he does not have himself, whatever roles a tenant has made up."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.domain.organizations.queries import organization_for
from app.domain.people.memberships import end_membership, grant_membership, join_team
from app.domain.people.policy import held_in
from app.domain.people.problems import RoleAboveOnesOwn, TeamUnknown
from app.domain.people.queries import person_for
from app.kernel.ids import new_id
from tests.desk import Desk
from tests.factories.people import Newcomer, as_system, newcomer


def agent_of(system: Actor, *permissions: str, closed: frozenset[str] = frozenset()) -> Actor:
    """An agent in a role of the tenant's own."""
    return Actor(
        tenant_id=system.tenant_id,
        side="agent",
        definition_version=system.definition_version,
        person_id=new_id(),
        grants=(Grant("of_their_own", frozenset(permissions)),),
        closed_departments=closed,
    )


async def manager_of(session: AsyncSession, system: Actor, who: Newcomer) -> Actor:
    """A customer who manages his colleagues and reads no tickets but his own."""
    company = await organization_for(session, system, who.organization or "")
    return Actor(
        tenant_id=system.tenant_id,
        side="customer",
        definition_version=system.definition_version,
        person_id=new_id(),
        grants=(
            Grant(
                "of_their_own",
                frozenset(
                    {
                        "colleagues:manage",
                        "tickets:create",
                        "tickets:read:own",
                        "tickets:comment:own",
                        "tickets:update:own",
                    }
                ),
                company.id,
            ),
        ),
    )


async def test_a_confidential_team_is_opened_by_those_alone_who_may_look_into_it(
    desk: Desk,
) -> None:
    novice = await newcomer(desk, side="agent", role="agent", portal="sensedesk")
    async with as_system(desk, "sensedesk") as (session, system):
        outside = agent_of(system, "roles:assign", "people:read", closed=frozenset({"hr"}))
        with pytest.raises(TeamUnknown):
            await join_team(session, outside, novice.id, "hr")
        inside = agent_of(system, "roles:assign", "people:read")
        await join_team(session, inside, novice.id, "hr")


async def test_a_manager_makes_nobody_more_than_he_is(desk: Desk) -> None:
    basic = await newcomer(desk)
    assert basic.organization
    async with as_system(desk) as (session, system):
        manager = await manager_of(session, system, basic)
        kept = await grant_membership(session, manager, basic.organization, basic.id, role="perus")
        assert kept.role == "perus"
    async with as_system(desk) as (session, system):
        with pytest.raises(RoleAboveOnesOwn):
            await grant_membership(
                session, manager, basic.organization, basic.id, role="paakayttaja"
            )


async def test_a_manager_takes_nothing_from_somebody_above_him(desk: Desk) -> None:
    above = await newcomer(desk, role="paakayttaja")
    assert above.organization
    async with as_system(desk) as (session, system):
        manager = await manager_of(session, system, above)
        with pytest.raises(RoleAboveOnesOwn):
            await grant_membership(session, manager, above.organization, above.id, role="perus")
    async with as_system(desk) as (session, system):
        with pytest.raises(RoleAboveOnesOwn):
            await end_membership(session, manager, above.organization, above.id)


async def test_what_one_may_elsewhere_does_not_count_here(desk: Desk) -> None:
    here, there = new_id(), new_id()
    actor = Actor(
        tenant_id=new_id(),
        side="customer",
        definition_version=1,
        grants=(
            Grant("a", frozenset({"tickets:create"}), here),
            Grant("b", frozenset({"colleagues:manage"}), there),
        ),
    )
    assert held_in(actor, here) == {"tickets:create"}
    assert held_in(actor, there) == {"colleagues:manage"}
    assert held_in(actor, new_id()) == frozenset()


async def test_people_are_fetched_by_whatever_looks_like_an_id(desk: Desk) -> None:
    somebody = await newcomer(desk)
    async with as_system(desk) as (session, system):
        assert str((await person_for(session, system, somebody.id.upper())).id) == somebody.id
