"""Scripts: tickets by another system's name for them, and what a ticket would come to."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.desk import Desk

Client = httpx2.AsyncClient


@pytest.fixture
def key() -> str:
    return f"OPS-{uuid4().hex[:12]}"


@pytest.fixture
async def asker(member: Client) -> str:
    """Whom the tickets are for."""
    who: str = (await member.get("/v1/me")).json()["id"]
    return who


def told(asker: str, **more: Any) -> dict[str, Any]:
    """What another system says of a ticket."""
    return {
        "type": "bug",
        "subject": "Disk is full",
        "description": "See the **monitor**.",
        "severity": "sev2",
        "on_behalf_of": asker,
        **more,
    }


async def put(client: Client, key: str, body: dict[str, Any]) -> httpx2.Response:
    return await client.put(f"/v1/tickets/by-reference/monitor/{key}", json=body)


async def test_the_first_time_opens_and_every_other_time_brings_up_to_date(
    agent: Client, member: Client, asker: str, key: str
) -> None:
    first = await put(agent, key, told(asker))
    assert first.status_code == 201, first.text
    made = first.json()
    assert made["external_ref"] == {"source": "monitor", "key": key}
    assert first.headers["Location"] == f"/v1/tickets/{made['id']}"
    same = await put(agent, key, told(asker))
    assert same.status_code == 200
    assert same.headers["ETag"] == first.headers["ETag"]
    changed = await put(agent, key, told(asker, subject="Disk is full again", severity="sev1"))
    assert changed.status_code == 200
    assert (changed.json()["id"], changed.json()["subject"]) == (made["id"], "Disk is full again")
    assert changed.json()["severity"]["key"] == "sev1"
    found = await agent.get(f"/v1/tickets/by-reference/monitor/{key}")
    assert found.json()["id"] == made["id"]
    seen = (await member.get(f"/v1/tickets/{made['id']}")).json()
    assert "external_ref" not in seen
    assert (await member.get(f"/v1/tickets/by-reference/monitor/{key}")).status_code == 404


async def test_twenty_at_once_make_one_ticket(agent: Client, asker: str, key: str) -> None:
    answers = await asyncio.gather(*(put(agent, key, told(asker)) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_what_the_form_decides_itself_is_left_aside(
    agent: Client, asker: str, key: str
) -> None:
    """S3-13: severity is for bugs alone; the script need not know."""
    support = told(asker, type="support", severity="sev1")
    first = await put(agent, key, support)
    assert first.json()["severity"]["key"] == "sev10"
    again = await put(agent, key, support)
    assert again.status_code == 200, again.text
    assert again.headers["ETag"] == first.headers["ETag"]
    became = await put(agent, key, told(asker, type="bug", severity="sev1"))
    assert became.json()["severity"]["key"] == "sev1"


async def test_team_and_assignee_are_kept_in_step(agent: Client, asker: str, key: str) -> None:
    who = (await agent.get("/v1/me")).json()["id"]
    assigned = told(asker, assignee=who, team="integrations")
    first = await put(agent, key, assigned)
    assert first.status_code == 201, first.text
    assert first.json()["assignee"]["id"] == who
    assert first.json()["team"]["key"] == "integrations"
    assert (await put(agent, key, assigned)).headers["ETag"] == first.headers["ETag"]
    given_up = await put(agent, key, told(asker, assignee=None))
    assert given_up.json()["assignee"] is None


async def test_what_was_settled_stays_settled(
    agent: Client, stranger: Client, asker: str, key: str
) -> None:
    await put(agent, key, told(asker))
    other = (await stranger.get("/v1/me")).json()["id"]
    company = (await stranger.get("/v1/organizations")).json()["items"][0]["id"]
    refused = await put(agent, key, told(other, organization=company))
    assert refused.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]} == {
        ("/on_behalf_of", "settled"),
        ("/organization", "settled"),
    }


async def test_a_closed_ticket_is_in_step_while_nothing_changes(
    agent: Client, member: Client, asker: str, key: str
) -> None:
    body = told(asker)
    ticket = (await put(agent, key, body)).json()
    for step in ("resolve", "close"):
        moved = await (agent if step == "resolve" else member).post(
            f"/v1/tickets/{ticket['id']}/transitions",
            json={"transition": step, "comment": "Done."},
        )
        assert moved.status_code == 200, moved.text
    assert (await put(agent, key, body)).status_code == 200
    refused = await put(agent, key, told(asker, subject="Full once more"))
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket-closed")


async def test_an_entity_tag_that_is_sent_is_held_to(agent: Client, asker: str, key: str) -> None:
    place = f"/v1/tickets/by-reference/monitor/{key}"
    tag = {"If-Match": '"1-0123456789abcdef"'}
    assert (await agent.put(place, json=told(asker), headers=tag)).status_code == 412
    await put(agent, key, told(asker))
    await put(agent, key, told(asker, subject="Version two"))
    stale = await agent.put(place, json=told(asker, subject="Version one"), headers=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


async def test_a_reference_names_one_ticket_of_the_tenant(
    agent: Client, member: Client, asker: str, key: str, desk: Desk
) -> None:
    reference = {"source": "monitor", "key": key}
    first = await agent.post("/v1/tickets", json=told(asker, external_ref=reference))
    assert first.status_code == 201, first.text
    taken = await agent.post("/v1/tickets", json=told(asker, external_ref=reference))
    assert (taken.status_code, taken.json()["code"]) == (409, "ticket-reference-taken")
    found = await put(agent, key, told(asker))
    assert (found.status_code, found.json()["id"]) == (200, first.json()["id"])
    refused = await member.post(
        "/v1/tickets",
        json={"type": "support", "subject": "Mine", "description": "…", "external_ref": reference},
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/external_ref"
    elsewhere = await desk.client("agent@skill.example", "skill")
    assert (await elsewhere.get(f"/v1/tickets/by-reference/monitor/{key}")).status_code == 404


async def test_customers_keep_no_tickets_in_step(member: Client, asker: str, key: str) -> None:
    refused = await put(member, key, told(asker))
    assert (refused.status_code, refused.json()["code"]) == (422, "not-for-customers")


@pytest.mark.parametrize("path", ["moni tor/OPS-1", "a/", "a/%20", f"a/{'x' * 201}", "ø/OPS-1"])
async def test_what_cannot_be_a_reference_is_not_found(agent: Client, path: str) -> None:
    answer = await agent.get(f"/v1/tickets/by-reference/{path}")
    assert answer.status_code == 404


async def test_a_reference_may_look_like_any_path(agent: Client, asker: str) -> None:
    for key in ("comments", f"{uuid4().hex}%3Fa=b"):
        made = await agent.put(f"/v1/tickets/by-reference/comments/{key}", json=told(asker))
        assert made.status_code == 201, made.text
        assert made.json()["external_ref"]["source"] == "comments"


async def test_a_dry_run_says_what_would_be_decided_and_changes_nothing(
    agent: Client, member: Client, asker: str
) -> None:
    before = (await agent.get("/v1/tickets?include=total")).json()["total"]
    shown = await agent.post("/v1/tickets?dry_run=true", json=told(asker, type="support"))
    assert shown.status_code == 200, shown.text
    would = shown.json()
    assert would["accepted"]
    assert would["errors"] == []
    assert would["severity"]["key"] == "sev10"
    assert would["type"]["key"] == "support"
    assert would["department"]["key"] == "support"
    assert would["team"]["key"] == "crm-team"
    assert would["channel"] == "agent"
    assert would["status"]["category"] == "new"
    assert would["requester"]["id"] == asker
    assert would["organization"]["name"] == "Acme Oy"
    assert would["told"] == ["requester", "team"]
    assert would["seen_by"] == ["requester", "organization", "department", "tenant"]
    assert (await agent.get("/v1/tickets?include=total")).json()["total"] == before

    own = {"type": "bug", "subject": "It breaks", "private": True}
    would = (await member.post("/v1/tickets?dry_run=true", json=own)).json()
    assert not would["accepted"]
    assert {fault["pointer"] for fault in would["errors"]} >= {"/severity"}
    assert would["team"] is None
    assert would["told"] == ["team"]
    assert would["seen_by"] == ["requester", "department", "tenant"]


async def test_a_dry_run_says_that_it_would_be_charged(desk: Desk) -> None:
    """S2-6: before sending."""
    client = await desk.client("member@acme.example", "extend")
    asked = {"type": "question", "subject": "How?", "description": "…", "service": "web_shop"}
    would = (await client.post("/v1/tickets?dry_run=true", json=asked)).json()
    assert would["billable"]
    assert would["billable_notice"].startswith("Questions and guidance are charged for")


async def test_a_dry_run_leaves_its_idempotency_key_unused(
    agent: Client, asker: str, key: str
) -> None:
    headers = {"Idempotency-Key": key}
    body = told(asker)
    shown = await agent.post("/v1/tickets?dry_run=true", json=body, headers=headers)
    assert shown.status_code == 200
    made = await agent.post("/v1/tickets", json=body, headers=headers)
    assert made.status_code == 201
    late = await agent.post("/v1/tickets?dry_run=true", json=body, headers=headers)
    assert (late.status_code, late.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_dry_run_refuses_what_leaves_nothing_to_decide(
    agent: Client, member: Client, asker: str, desk: Desk
) -> None:
    nobody = await agent.post("/v1/tickets?dry_run=true", json={"type": "bug", "subject": "x"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "requester-required")
    mail_only = await desk.client("member@acme.example", "tvox")
    refused = await mail_only.post(
        "/v1/tickets?dry_run=true", json={"type": "guasto", "subject": "x"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "channel-not-offered")
