"""Taking a ticket and handing it over."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import opened, shown


@pytest.fixture
async def ticket(member: AsyncClient) -> dict[str, Any]:
    return await opened(member)


@pytest.fixture
async def other(desk: Desk) -> AsyncClient:
    """Another agent, of another team."""
    return await desk.client("agent2@crm.example")


async def offered(client: AsyncClient, ticket: dict[str, Any]) -> dict[str, str | None]:
    """What an agent might do about having the ticket, and why not."""
    seen = await shown(client, ticket)
    actions = seen["allowed_actions"]
    return {
        each["action"]: each["refused_because"]
        for each in actions
        if each["action"] in {"take", "hand_over"}
    }


async def test_an_agent_takes_what_nobody_has(
    agent: AsyncClient, other: AsyncClient, member: AsyncClient, ticket: dict[str, Any]
) -> None:
    assert await offered(agent, ticket) == {"take": None, "hand_over": None}
    assert await offered(member, ticket) == {}
    taken = await agent.post(f"/v1/tickets/{ticket['number']}/take")
    assert taken.status_code == 200, taken.text
    assert taken.json()["assignee"]["name"] == "Agent"
    assert taken.json()["status"]["category"] == "open"
    assert await offered(agent, ticket) == {"hand_over": None}
    again = await agent.post(f"/v1/tickets/{ticket['id']}/take")
    assert again.headers["ETag"] == taken.headers["ETag"]
    late = await other.post(f"/v1/tickets/{ticket['id']}/take")
    assert (late.status_code, late.json()["code"]) == (409, "already-taken")
    assert await offered(other, ticket) == {"take": "already-taken", "hand_over": None}


async def test_of_two_who_reach_for_it_at_once_one_has_it(
    agent: AsyncClient, other: AsyncClient, ticket: dict[str, Any]
) -> None:
    place = f"/v1/tickets/{ticket['id']}/take"
    answers = await asyncio.gather(*(who.post(place) for who in (agent, other) * 3))
    assert {answer.status_code for answer in answers} == {200, 409}
    names = {answer.json()["assignee"]["name"] for answer in answers if answer.is_success}
    assert len(names) == 1


async def test_customers_take_nothing(
    member: AsyncClient, stranger: AsyncClient, ticket: dict[str, Any]
) -> None:
    for path, body in (("take", None), ("hand-over", {})):
        place = f"/v1/tickets/{ticket['id']}/{path}"
        assert (await member.post(place, json=body)).status_code == 403
        assert (await stranger.post(place, json=body)).status_code == 404


async def test_a_ticket_is_handed_over_with_a_note_for_agents(
    agent: AsyncClient, other: AsyncClient, member: AsyncClient, ticket: dict[str, Any], desk: Desk
) -> None:
    await agent.post(f"/v1/tickets/{ticket['id']}/take")
    who = (await other.get("/v1/me")).json()["id"]
    await desk.work()
    desk.forget_mails()
    given = await agent.post(
        f"/v1/tickets/{ticket['id']}/hand-over",
        json={"team": "integrations", "assignee": who, "note": "Mind the token."},
    )
    assert given.status_code == 200, given.text
    assert given.json()["team"]["key"] == "integrations"
    assert given.json()["assignee"]["id"] == who
    thread = (await other.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"]
    assert [(each["body"], each["visibility"]) for each in thread] == [
        ("Mind the token.", "internal")
    ]
    assert (await member.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"] == []
    await desk.work()
    assert desk.mails("agent2@crm.example")
    assert not desk.mails("member@acme.example")


async def test_a_team_alone_gets_it_without_anybody_in_particular(
    agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    await agent.post(f"/v1/tickets/{ticket['id']}/take")
    given = await agent.post(f"/v1/tickets/{ticket['id']}/hand-over", json={"team": "integrations"})
    assert given.json()["assignee"] is None
    await agent.post(f"/v1/tickets/{ticket['id']}/take")
    back = await agent.post(f"/v1/tickets/{ticket['id']}/hand-over", json={})
    assert (back.json()["assignee"], back.json()["team"]["key"]) == (None, "integrations")


async def test_a_note_goes_with_the_hand_over_or_not_at_all(
    agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    refused = await agent.post(
        f"/v1/tickets/{ticket['id']}/hand-over", json={"team": "nowhere", "note": "Lost?"}
    )
    assert refused.status_code == 422
    assert (await agent.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"] == []
