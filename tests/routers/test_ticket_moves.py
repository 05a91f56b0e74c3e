"""Transitions, and `allowed_actions`: what is offered works, what is refused says why."""

from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient, Response

from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import load
from app.domain.tenants.schema import PORTALS
from tests.desk import Desk
from tests.factories.tickets import Shown, codes, moved, opened, shown

Superuser = psycopg.AsyncConnection[Any]
CRM: Definition = load(PORTALS / "crm-service.yaml")
ROLES = {
    "member@acme.example": "perus",
    "company-admin@acme.example": "paakayttaja",
    "agent@crm.example": "agent",
    "lead@crm.example": "lead",
}


async def put(superuser: Superuser, ticket: Shown, status: str, *, late: bool = False) -> None:
    """Put a ticket into a status, as if it had gone there."""
    category = CRM.status_of[status].category
    await superuser.execute(
        "UPDATE tickets SET status = %s, status_rank = %s, status_category = %s,"
        " assignee_id = NULL,"
        " closed_at = CASE WHEN %s = 'closed' THEN now() - make_interval(days => %s) END"
        " WHERE id = %s",
        [status, CRM.rank("statuses", status), category, category, 15 * late, ticket["id"]],
    )


async def done(client: AsyncClient, action: Shown, number: int) -> Response:
    """Do what an action of `allowed_actions` says, as it says."""
    body = dict(action["input"])
    headers = {}
    if action["action"] == "update":
        body["subject"] = f"Subject {number}"
    elif action["action"] == "assign":
        body["team"] = ("integrations", "crm-team")[number % 2]
    elif action["action"] == "attach":
        named = {"Content-Disposition": "attachment; filename=a.txt", "Content-Type": "text/plain"}
        file = await client.post("/v1/attachments", content=b"words", headers=named)
        body["attachment_ids"] = [file.json()["id"]]
    elif action["action"].startswith("comment"):
        body["body"] = "Words."
    elif action["needs_comment"]:
        body["comment"] = "Words."
    if action["method"] == "PATCH":
        headers["If-Match"] = "*"
    return await client.request(action["method"], action["href"], json=body, headers=headers)


@pytest.mark.parametrize("late", [False, True], ids=["in time", "too late"])
@pytest.mark.parametrize("address", ROLES)
async def test_what_is_allowed_works_and_what_is_refused_says_why(
    desk: Desk, member: AsyncClient, superuser: Superuser, address: str, late: bool
) -> None:
    client = await desk.client(address)
    ticket = await opened(member)
    seen = set()
    for status in ["closed"] if late else CRM.status_of:
        await put(superuser, ticket, status, late=late)
        for number, action in enumerate((await shown(client, ticket))["allowed_actions"]):
            if action["action"] not in KNOWN:
                continue
            await put(superuser, ticket, status, late=late)
            answer = await done(client, action, number)
            told = (status, action["action"], action["input"], answer.text)
            seen.add((action["action"], action["allowed"]))
            if action["allowed"]:
                assert answer.is_success, told
                assert action["refused_because"] is None
            else:
                assert codes(answer)[1] == action["refused_because"], told
            if action["action"] == "transition":
                now = (await shown(client, ticket))["status"]
                assert now == action["leads_to"], told
    assert ("comment", not late) in seen
    assert ("update", False) in seen


KNOWN = {
    "update",
    "assign",
    "comment",
    "comment_private",
    "comment_internal",
    "attach",
    "transition",
}


@pytest.mark.parametrize("address", ROLES)
async def test_only_the_transitions_of_ones_role_and_the_status_are_offered(
    desk: Desk, member: AsyncClient, superuser: Superuser, address: str
) -> None:
    client = await desk.client(address)
    ticket = await opened(member)
    for status in CRM.status_of:
        await put(superuser, ticket, status)
        offered = {
            action["input"]["transition"]
            for action in (await shown(client, ticket))["allowed_actions"]
            if action["action"] == "transition"
        }
        wanted = {
            step.key
            for step in CRM.transitions
            if status in step.statuses and ROLES[address] in step.who
        }
        assert offered == wanted
        for forged in CRM.transition_of.keys() - wanted:
            answer = await moved(client, ticket, forged, comment="Words.")
            assert codes(answer)[:2] == (409, "transition-not-offered"), (status, forged)
            assert (await shown(client, ticket))["status"]["key"] == status


async def test_a_step_that_needs_words_is_not_made_without(
    agent: AsyncClient, member: AsyncClient
) -> None:
    ticket = await opened(member)
    answer = await moved(agent, ticket, "ask_customer")
    assert codes(answer) == (422, "comment-needed", [("/comment", "comment-needed")])
    done = await moved(agent, ticket, "ask_customer", comment="Which one?")
    assert done.json()["status"]["key"] == "waiting_customer"
    comments = (await member.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"]
    assert [comment["body"] for comment in comments] == ["Which one?"]


async def test_a_step_is_a_new_version_and_says_when_it_was_resolved_and_closed(
    agent: AsyncClient, member: AsyncClient
) -> None:
    ticket = await opened(member)
    resolved = (await moved(agent, ticket, "resolve")).json()
    assert resolved["resolved_at"] is not None
    assert resolved["closed_at"] is None
    closing = await moved(member, ticket, "close")
    assert closing.headers["etag"].startswith('"3-')
    closed = closing.json()
    assert closed["resolved_at"] == resolved["resolved_at"]
    assert closed["closed_at"] is not None
    reopened = (await moved(agent, ticket, "reopen")).json()
    assert (reopened["resolved_at"], reopened["closed_at"]) == (None, None)


async def test_new_never_returns() -> None:
    assert [step.key for step in CRM.transitions if step.to == CRM.workflow.initial_status] == []


async def test_a_ticket_that_waits_for_an_approval_is_closed_by_nothing_else(
    agent: AsyncClient, member: AsyncClient, superuser: Superuser
) -> None:
    ticket = await opened(member)
    gate = "UPDATE tickets SET gated_by = id WHERE id = %s"
    await superuser.execute(gate, [ticket["id"]])
    for client in (agent, member):
        steps = [
            action
            for action in (await shown(client, ticket))["allowed_actions"]
            if action["action"] == "transition" and action["leads_to"]["category"] == "closed"
        ]
        assert steps
        assert {step["refused_because"] for step in steps} == {"ticket-gated"}
        assert codes(await moved(client, ticket, "close"))[:2] == (409, "ticket-gated")


class TestFieldsOfAStep:
    """A step may need answers, and takes no others."""

    async def ticket_of_skill(self, desk: Desk) -> Shown:
        member = await desk.client("member@acme.example", "skill")
        new = {"type": "question", "subject": "Hjelp", "description": "Takk."}
        answer = await member.post("/v1/tickets", json=new)
        assert answer.status_code == 201, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def test_what_a_step_needs_comes_with_it(self, desk: Desk) -> None:
        agent = await desk.client("agent@skill.example", "skill")
        ticket = await self.ticket_of_skill(desk)
        bare = await moved(agent, ticket, "solve", comment="Done.")
        if ticket["severity"] is None:
            assert codes(bare)[2] == [("/fields/severity", "required")]
            path = f"/v1/tickets/{ticket['id']}/comments"
            said = await agent.post(path, json={"body": "Done.", "transition": "solve"})
            assert codes(said)[2] == [("/transition", "required")]
        wrong = await moved(agent, ticket, "solve", comment="Done.", fields={"severity": "x"})
        assert codes(wrong)[2] == [("/fields/severity", "not-a-choice")]
        fields = {"severity": "high"}
        right = await moved(agent, ticket, "solve", comment="Done.", fields=fields)
        assert right.json()["severity"]["key"] == "high"
        assert right.json()["status"]["category"] == "resolved"

    async def test_a_step_is_no_way_to_change_anything_else(self, member: AsyncClient) -> None:
        ticket = await opened(member)
        others: tuple[dict[str, Any], ...] = (
            {"subject": "Else"},
            {"type": "support"},
            {"type": []},
            {"colour": 1},
        )
        for fields in others:
            (key,) = fields
            answer = await moved(member, ticket, "close", fields=fields)
            assert codes(answer)[2] == [(f"/fields/{key}", "not-asked")]
        assert (await shown(member, ticket))["status"]["key"] == "new"
