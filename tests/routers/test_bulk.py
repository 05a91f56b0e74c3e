"""The same change to many tickets, each as if it were the only one."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.tickets import history, moved, opened, shown


async def many(client: AsyncClient, tickets: list[str], **changes: Any) -> Response:
    return await client.post("/v1/tickets/bulk", json={"tickets": tickets, "changes": changes})


async def test_each_ticket_is_changed_and_has_its_own_history(
    member: AsyncClient, agent: AsyncClient
) -> None:
    tickets = [await opened(member, subject=f"Many {place}") for place in range(3)]
    who = (await agent.get("/v1/me")).json()["id"]
    references = [tickets[0]["id"], tickets[1]["number"], tickets[2]["number"].lower()]
    answer = await many(agent, references, priority="urgent", assignee=who, team="integrations")
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["reference"] for item in items] == references
    assert [item["number"] for item in items] == [ticket["number"] for ticket in tickets]
    assert {item["status"] for item in items} == {200}
    for ticket in tickets:
        seen = await shown(agent, ticket)
        assert seen["priority"]["key"] == "urgent"
        assert (seen["assignee"]["id"], seen["team"]["key"]) == (who, "integrations")
        told = [event["event"] for event in await history(agent, ticket)]
        assert told.count("ticket.changed") == told.count("ticket.assigned") == 1


async def test_what_is_refused_of_one_stops_no_other_and_leaves_it_whole(
    member: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    fine, closed = await opened(member), await opened(member)
    await moved(agent, closed, "resolve", comment="Done.")
    await moved(member, closed, "close")
    elsewhere = await desk.client("member@acme.example", "skill")
    foreign = await elsewhere.post("/v1/tickets", json={"type": "question", "subject": "How?"})
    unknown = str(uuid4())
    references = [closed["number"], unknown, fine["id"], foreign.json()["id"], "nonsense"]
    answer = await many(agent, references, priority="low", transition="resolve", comment="Mended.")
    items = {item["reference"]: item for item in answer.json()["items"]}
    assert items[fine["id"]]["status"] == 200
    assert items[closed["number"]]["problem"]["code"] == "ticket-closed"
    for nothing in (unknown, foreign.json()["id"], "nonsense"):
        assert items[nothing]["status"] == 404
        assert items[nothing]["problem"]["code"] == "ticket-not-found"
        assert items[nothing]["id"] is items[nothing]["number"] is None
    assert (await shown(agent, fine))["status"]["category"] == "resolved"
    assert (await shown(agent, closed))["priority"] == closed["priority"]

    again = await many(agent, [fine["id"]], priority="high", transition="resolve", comment="Twice.")
    assert again.json()["items"][0]["problem"]["code"] == "transition-not-offered"
    seen = await shown(agent, fine)
    assert seen["priority"]["key"] == "low", "the refused step took the priority back with it"
    thread = (await agent.get(f"/v1/tickets/{fine['id']}/comments")).json()["items"]
    assert [comment["body"] for comment in thread] == ["Mended."]


async def test_a_refusal_says_where_and_in_the_callers_language(
    member: AsyncClient, agent: AsyncClient
) -> None:
    ticket = await opened(member)
    answer = await agent.post(
        "/v1/tickets/bulk",
        json={"tickets": [ticket["id"]], "changes": {"priority": "colossal", "assignee": None}},
        headers={"Accept-Language": "fi"},
    )
    problem = answer.json()["items"][0]["problem"]
    assert problem["errors"][0]["pointer"] == "/priority"
    assert problem["title"] != "Something in the request is not right"


async def test_a_ticket_named_twice_is_changed_once(
    member: AsyncClient, agent: AsyncClient
) -> None:
    ticket = await opened(member)
    answer = await many(agent, [ticket["id"], ticket["number"]], comment="Once.")
    assert [item["status"] for item in answer.json()["items"]] == [200, 200]
    thread = (await agent.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"]
    assert [comment["body"] for comment in thread] == ["Once."]


async def test_everybody_hears_as_of_a_change_by_itself(
    member: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    tickets = [await opened(member) for _ in range(2)]
    await desk.work()
    desk.forget_mails()
    await many(agent, [each["id"] for each in tickets], comment="We are **on it**.")
    await desk.work()
    mails = desk.mails("member@acme.example")
    assert len(mails) == 2
    for ticket in tickets:
        assert any(ticket["number"] in str(mail["Subject"]) for mail in mails)


async def test_asking_twice_with_a_key_does_once(member: AsyncClient, agent: AsyncClient) -> None:
    ticket = await opened(member)
    body = {"tickets": [ticket["id"]], "changes": {"comment": "Said once."}}
    headers = {"Idempotency-Key": uuid4().hex}
    first = await agent.post("/v1/tickets/bulk", json=body, headers=headers)
    again = await agent.post("/v1/tickets/bulk", json=body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    thread = (await agent.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"]
    assert len(thread) == 1


async def test_two_who_change_the_same_ones_the_other_way_round_both_come_through(
    member: AsyncClient, agent: AsyncClient, lead: AsyncClient
) -> None:
    tickets = [(await opened(member))["id"] for _ in range(6)]
    answers = await asyncio.gather(
        many(agent, tickets, priority="high"), many(lead, tickets[::-1], priority="low")
    )
    for answer in answers:
        assert {item["status"] for item in answer.json()["items"]} == {200}


async def test_customers_change_tickets_one_by_one(member: AsyncClient) -> None:
    ticket = await opened(member)
    refused = await many(member, [ticket["id"]], priority="low")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "body",
    [
        {"tickets": [], "changes": {"priority": "low"}},
        {"tickets": ["CRM-1"] * 101, "changes": {"priority": "low"}},
        {"tickets": ["CRM-1"], "changes": {}},
        {"tickets": ["CRM-1"], "changes": {"visibility": "internal"}},
        {"tickets": ["CRM-1"], "changes": {"subject": "All alike"}},
        {"tickets": ["CRM-1"], "changes": {"status": "closed"}},
        {"tickets": ["CRM-1"], "changes": {"comment": "", "priority": "low"}},
        {"tickets": [""], "changes": {"priority": "low"}},
        {"changes": {"priority": "low"}},
    ],
)
async def test_what_says_nothing_or_too_much_is_refused(
    agent: AsyncClient, body: dict[str, Any]
) -> None:
    assert (await agent.post("/v1/tickets/bulk", json=body)).status_code == 422
