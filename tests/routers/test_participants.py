"""Who takes part in a ticket, and who sees it by which rule."""

from typing import Any

import pytest
from httpx2 import AsyncClient

NEW = {"type": "support", "subject": "With company", "description": "Words."}


@pytest.fixture
async def ticket(member: AsyncClient) -> dict[str, Any]:
    answer = await member.post("/v1/tickets", json=NEW)
    return answer.json()  # type: ignore[no-any-return]


async def _take_in(client: AsyncClient, ticket: dict[str, Any], **who: str) -> int:
    answer = await client.post(f"/v1/tickets/{ticket['id']}/participants", json=who)
    return answer.status_code


async def test_a_participant_from_elsewhere_reads_and_comments_on_that_ticket_alone(
    agent: AsyncClient, stranger: AsyncClient, ticket: dict[str, Any]
) -> None:
    assert (await stranger.get(f"/v1/tickets/{ticket['id']}")).status_code == 404
    assert await _take_in(agent, ticket, email="company-admin@globex.example") == 201

    seen = (await stranger.get(f"/v1/tickets/{ticket['number']}")).json()
    assert seen["subject"] == "With company"
    assert seen["organization"]["name"] is None
    said = await stranger.post(f"/v1/tickets/{ticket['id']}/comments", json={"body": "I agree."})
    assert said.status_code == 201
    listed = (await stranger.get("/v1/tickets?mine=true&limit=100")).json()["items"]
    assert ticket["id"] in [item["id"] for item in listed]
    counts = (await stranger.get("/v1/tickets?state=open&include=total&mine=true")).json()
    assert counts["total"] >= 1
    changed = await stranger.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"subject": "Mine now"},
        headers={"If-Match": (await stranger.get(f"/v1/tickets/{ticket['id']}")).headers["ETag"]},
    )
    assert changed.status_code == 403


async def test_a_participant_leaves_and_sees_nothing_more(
    agent: AsyncClient, stranger: AsyncClient, ticket: dict[str, Any]
) -> None:
    await _take_in(agent, ticket, email="company-admin@globex.example")
    me = (await stranger.get("/v1/me")).json()["id"]
    left = await stranger.delete(f"/v1/tickets/{ticket['id']}/participants/{me}")
    assert left.status_code == 204
    assert (await stranger.get(f"/v1/tickets/{ticket['id']}")).status_code == 404


async def test_customers_take_in_colleagues_and_nobody_else(
    member: AsyncClient, colleague: AsyncClient, ticket: dict[str, Any]
) -> None:
    assert await _take_in(member, ticket, email="member2@acme.example") == 201
    assert (await colleague.get(f"/v1/tickets/{ticket['id']}")).status_code == 200
    for email in ("company-admin@globex.example", "nobody@acme.example", "agent@crm.example"):
        assert await _take_in(member, ticket, email=email) == 422
    # A participant who is no reader of the organization's tickets takes in nobody.
    assert await _take_in(colleague, ticket, email="company-admin@acme.example") == 403


async def test_who_sees_a_ticket_is_told_with_the_rule(
    member: AsyncClient, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    await _take_in(agent, ticket, email="company-admin@globex.example")
    to_customer = (await member.get(f"/v1/tickets/{ticket['id']}/access")).json()["items"]
    rules = {entry["person"]["name"]: entry["rule"] for entry in to_customer}
    assert rules == {
        "Member of Acme": "requester",
        "Company admin of Acme": "organization",
        "Company admin of Globex": "participant",
    }
    to_agent = (await agent.get(f"/v1/tickets/{ticket['id']}/access")).json()["items"]
    assert {"Agent", "Lead"} <= {
        entry["person"]["name"] for entry in to_agent if entry["side"] == "agent"
    }


async def test_whoever_is_told_to_see_a_ticket_sees_it_and_nobody_else_does(
    desk: Any, agent: AsyncClient, ticket: dict[str, Any]
) -> None:
    named = {
        entry["person"]["name"]
        for entry in (await agent.get(f"/v1/tickets/{ticket['id']}/access")).json()["items"]
    }
    for who in desk.people["crm-service"]:
        client = await desk.client(who["email"])
        status = (await client.get(f"/v1/tickets/{ticket['id']}")).status_code
        assert status == (200 if who["name"] in named else 404), who["name"]
