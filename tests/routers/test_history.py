"""What happened to a ticket, as each side may know it."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import (
    Shown,
    changed,
    codes,
    commented,
    history,
    moved,
    opened,
    person_of,
)


@pytest.fixture
async def ticket(member: AsyncClient) -> Shown:
    return await opened(member)


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in events]


async def test_each_side_is_told_what_its_side_may_know(
    member: AsyncClient, company_admin: AsyncClient, agent: AsyncClient, ticket: Shown
) -> None:
    await commented(agent, ticket, visibility="internal")
    await commented(member, ticket, visibility="private")
    await commented(company_admin, ticket, visibility="private")
    await commented(member, ticket)
    expected = {agent: ["internal", "private", "private", "public"]}
    expected |= {member: ["private", "public"], company_admin: ["private", "public"]}
    for client, kinds in expected.items():
        told = await history(client, ticket)
        said = [event for event in told if event["event"] == "comment.added"]
        assert [event["data"]["visibility"] for event in said] == kinds
        for event in said:
            path = f"/v1/tickets/{ticket['id']}/comments/{event['subject_id']}"
            assert (await client.get(path)).status_code == 200
    own = [event for event in await history(member, ticket) if event["event"] == "comment.added"]
    assert {event["actor"]["id"] for event in own} == {ticket["requester"]["id"]}


async def test_an_event_says_who_did_what_and_when(
    desk: Desk, member: AsyncClient, agent: AsyncClient, ticket: Shown
) -> None:
    await moved(agent, ticket, "resolve")
    who = await person_of(desk, "agent@crm.example")
    first, second = await history(member, ticket)
    assert (first["event"], first["actor"]) == ("ticket.opened", ticket["requester"])
    assert ticket["created_at"] <= first["occurred_at"] <= second["occurred_at"]
    assert second["actor"] == {"id": who["id"], "name": who["name"]}
    assert second["actor_side"] == "agent"
    assert second["data"] == {
        "before": "new",
        "after": "resolved",
        "category": "resolved",
        "cause": "transition",
        "transition": "resolve",
    }


async def test_customers_are_told_no_more_than_their_ticket_shows(
    desk: Desk, member: AsyncClient, agent: AsyncClient, ticket: Shown
) -> None:
    taker = (await person_of(desk, "agent2@crm.example"))["id"]
    await changed(agent, ticket, team="integrations")
    await changed(agent, ticket, team="crm-team", assignee=taker)
    told = await history(member, ticket)
    assert names(told) == ["ticket.opened", "ticket.assigned", "ticket.status_changed"]
    assert "channel" not in told[0]["data"]
    assert told[1]["data"] == {"assignee": taker}
    of_agents = await history(agent, ticket)
    assert names(of_agents).count("ticket.assigned") == 2
    assert of_agents[0]["data"]["channel"] == "portal"


async def test_fields_of_the_agents_are_not_even_named(desk: Desk) -> None:
    member = await desk.client("member@acme.example", "sensedesk")
    lead = await desk.client("lead@sensedesk.example", "sensedesk")
    new = {
        "form": "equipment",
        "subject": "Skjerm",
        "fields": {"kinds": ["laptop"], "place": "office"},
    }
    answer = await member.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    ticket = answer.json()
    assert (await changed(lead, ticket, fields={"cost_centre": "42"})).status_code == 200
    assert names(await history(member, ticket)) == ["ticket.opened"]
    both = await changed(lead, ticket, subject="To skjermer", fields={"cost_centre": "43"})
    assert both.json()["fields"]["cost_centre"] == "43"
    told = await history(member, ticket)
    assert told[-1]["data"] == {"changed": ["subject"]}
    assert (await history(lead, ticket))[-1]["data"]["changed"] == ["cost_centre", "subject"]
    seen = (await member.get(f"/v1/tickets/{ticket['id']}")).json()
    assert "cost_centre" not in seen["fields"]


async def test_the_newest_comes_first_unless_asked_otherwise(
    member: AsyncClient, ticket: Shown
) -> None:
    for step in ("resolve", "ask_crm_team", "close"):
        await moved(member, ticket, step)
    path = f"/v1/tickets/{ticket['number']}/history"
    oldest = await history(member, ticket)
    found, cursor = [], ""
    while cursor is not None:
        query = f"limit=1&cursor={cursor}" if cursor else "limit=1"
        page = (await member.get(f"{path}?{query}")).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == oldest[::-1]


async def test_whoever_does_not_see_the_ticket_knows_no_history(
    colleague: AsyncClient, stranger: AsyncClient, ticket: Shown
) -> None:
    for client in (colleague, stranger):
        answer = await client.get(f"/v1/tickets/{ticket['id']}/history")
        assert codes(answer)[:2] == (404, "ticket-not-found")
