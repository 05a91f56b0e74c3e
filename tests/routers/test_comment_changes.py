"""Changing and withdrawing what one has said; marking what solved a ticket."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from app.kernel import clock
from tests.desk import Desk

NEW = {"type": "support", "subject": "Second thoughts", "description": "Words."}


@pytest.fixture
async def ticket(member: AsyncClient) -> str:
    return str((await member.post("/v1/tickets", json=NEW)).json()["id"])


async def _said(client: AsyncClient, ticket: str, **more: Any) -> tuple[str, str]:
    answer = await client.post(
        f"/v1/tickets/{ticket}/comments", json={"body": "The ~~frist~~ try", **more}
    )
    assert answer.status_code == 201, answer.text
    return f"/v1/tickets/{ticket}/comments/{answer.json()['id']}", answer.headers["ETag"]


async def test_an_author_changes_what_he_said_and_agents_see_what_it_was(
    member: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    here, tag = await _said(member, ticket)
    changed = await member.patch(here, json={"body": "The first try"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text
    assert changed.json()["body"] == "The first try"
    assert changed.json()["edited_at"]
    former = (await agent.get(f"{here}/revisions")).json()["items"]
    assert [each["body"] for each in former] == ["The ~~frist~~ try"]
    assert (await member.get(f"{here}/revisions")).status_code == 403
    stale = await member.patch(here, json={"body": "Third"}, headers={"If-Match": tag})
    assert stale.status_code == 412


async def test_nobody_changes_what_another_said(
    member: AsyncClient, company_admin: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    here, tag = await _said(member, ticket)
    for other in (company_admin, agent):
        answer = await other.patch(here, json={"body": "Mine"}, headers={"If-Match": tag})
        assert (answer.status_code, answer.json()["code"]) == (403, "comment-not-yours")


async def test_after_the_portals_minutes_what_was_said_stays(
    desk: Desk, member: AsyncClient, ticket: str
) -> None:
    here, tag = await _said(member, ticket)
    later = clock.now() + timedelta(minutes=11)
    clock.set_source(lambda: later)
    try:
        address = "member@acme.example"
        author = await desk.sign_in(address, desk.password_of(address))
        for answer in (
            await author.patch(here, json={"body": "Too late"}, headers={"If-Match": tag}),
            await author.delete(here, headers={"If-Match": tag}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "comment-window-over")
        await author.aclose()
    finally:
        clock.set_source(None)


async def test_a_withdrawn_comment_and_its_files_are_gone_for_customers(
    member: AsyncClient, company_admin: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    file = await member.post(
        "/v1/attachments", files={"file": ("secret.txt", b"not for you\n", "text/plain")}
    )
    here, tag = await _said(member, ticket, attachment_ids=[file.json()["id"]])
    assert (await member.delete(here, headers={"If-Match": tag})).status_code == 204
    for customer in (member, company_admin):
        assert (await customer.get(here)).status_code == 404
        assert (await customer.get(f"/v1/attachments/{file.json()['id']}")).status_code == 404
        history = (await customer.get(f"/v1/tickets/{ticket}/history")).json()["items"]
        assert "comment.withdrawn" in [event["event"] for event in history]
    left = (await agent.get(here)).json()
    assert (left["body"], left["body_html"]) == ("", "")
    assert left["withdrawn_at"]


async def test_an_agent_marks_what_solved_a_ticket_and_at_most_one_comment_does(
    member: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    first, _ = await _said(agent, ticket)
    second, _ = await _said(agent, ticket)
    assert (await agent.put(f"{first}/solution")).json()["is_solution"]
    assert (await agent.put(f"{second}/solution")).json()["is_solution"]
    assert not (await member.get(first)).json()["is_solution"]
    assert (await member.put(f"{first}/solution")).status_code == 403
    note, _ = await _said(agent, ticket, visibility="internal")
    refused = await agent.put(f"{note}/solution")
    assert (refused.status_code, refused.json()["code"]) == (422, "solution-not-public")
    assert (await agent.delete(f"{second}/solution")).status_code == 204
    assert not (await member.get(second)).json()["is_solution"]


async def _found(client: AsyncClient, typed: str) -> list[str]:
    answer = await client.get("/v1/tickets", params={"q": typed})
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_withdrawn_comment_is_found_by_nobody(
    member: AsyncClient,
    company_admin: AsyncClient,
    stranger: AsyncClient,
    agent: AsyncClient,
    ticket: str,
) -> None:
    who = (await stranger.get("/v1/me")).json()["id"]
    invited = await agent.post(f"/v1/tickets/{ticket}/participants", json={"person": who})
    assert invited.is_success, invited.text
    here, tag = await _said(member, ticket, body="The code is grizzlequark.")
    everybody = (member, company_admin, stranger, agent)
    for client in everybody:
        assert await _found(client, "grizzlequark") == [ticket]
    assert (await member.delete(here, headers={"If-Match": tag})).status_code == 204
    # Agents read no more than that something was there, so they find it by its words no more.
    for client in everybody:
        assert await _found(client, "grizzlequark") == []
        assert await _found(client, "second grizzlequark") == []
        assert ticket in await _found(client, "second thoughts")


async def test_a_changed_comment_is_found_by_its_new_words_alone(
    member: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    here, tag = await _said(member, ticket, body="It says wobblefrock.")
    changed = await member.patch(
        here, json={"body": "It says wimblefrock."}, headers={"If-Match": tag}
    )
    assert changed.status_code == 200, changed.text
    for client in (member, agent):
        assert await _found(client, "wobblefrock") == []
        assert await _found(client, "wimblefrock") == [ticket]


async def test_what_was_withdrawn_is_not_found_again_when_the_ticket_changes(
    member: AsyncClient, agent: AsyncClient, ticket: str
) -> None:
    here, tag = await _said(member, ticket, body="The word is drizzlepomp.")
    assert (await member.delete(here, headers={"If-Match": tag})).status_code == 204
    changed = await member.patch(
        f"/v1/tickets/{ticket}", json={"subject": "Third thoughts"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200, changed.text
    for client in (member, agent):
        assert await _found(client, "drizzlepomp") == []
        assert ticket in await _found(client, "third thoughts")
