"""Teams and roles over HTTP: who sees the roles there are, who puts whom into a team."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.people import Newcomer, newcomer, signed_in


async def roles(client: AsyncClient, **headers: str) -> dict[str, dict[str, Any]]:
    answer = await client.get("/v1/roles", headers=headers)
    assert answer.status_code == 200
    return {role["key"]: role for role in answer.json()["items"]}


async def test_agents_see_all_roles_and_customers_those_of_their_side(
    agent: AsyncClient, member: AsyncClient
) -> None:
    all_of_them, of_customers = await roles(agent), await roles(member)
    assert set(of_customers) == {"perus", "paakayttaja"}
    assert set(of_customers) < set(all_of_them)
    assert {role["side"] for role in of_customers.values()} == {"customer"}
    assert "colleagues:manage" in of_customers["paakayttaja"]["permissions"]
    assert "colleagues:manage" not in of_customers["perus"]["permissions"]


async def test_roles_are_named_in_the_callers_language(member: AsyncClient) -> None:
    finnish = await roles(member, **{"Accept-Language": "fi"})
    english = await roles(member, **{"Accept-Language": "en"})
    assert finnish["perus"]["label"] != english["perus"]["label"]


@pytest.fixture
async def novice(desk: Desk) -> Newcomer:
    """An agent in no team."""
    return await newcomer(desk, side="agent", role="agent")


async def test_a_lead_puts_an_agent_into_a_team_and_takes_him_out(
    desk: Desk, lead: AsyncClient, novice: Newcomer
) -> None:
    client = await signed_in(desk, novice)
    place = f"/v1/people/{novice.id}/teams/crm-team"
    for told in ({}, {"told_of_new": False}):
        assert (await lead.put(place, json=told)).status_code == 204
    assert (await client.get("/v1/me")).json()["teams"] == ["crm-team"]
    for _ in range(2):
        assert (await lead.delete(place)).status_code == 204
    assert (await client.get("/v1/me")).json()["teams"] == []


async def test_teams_need_the_right_to_assign_and_somebody_to_be_in_them(
    desk: Desk, agent: AsyncClient, lead: AsyncClient, member: AsyncClient, novice: Newcomer
) -> None:
    place = f"/v1/people/{novice.id}/teams/crm-team"
    assert (await agent.put(place, json={})).status_code == 403
    assert (await agent.delete(place)).status_code == 403
    assert (await member.put(place, json={})).status_code == 404
    customer = (await member.get("/v1/me")).json()["id"]
    for path, code in (
        (f"/v1/people/{novice.id}/teams/no-such-team", "team-unknown"),
        (f"/v1/people/{customer}/teams/crm-team", "wrong-side"),
    ):
        answer = await lead.put(path, json={})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
