"""The conversation on a ticket: who writes what, who reads it, and what it does to the ticket."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import AsyncClient

from app.kernel import clock
from tests.desk import Desk
from tests.factories.tickets import (
    Shown,
    answers,
    codes,
    commented,
    moved,
    opened,
    said,
    shown,
)

Superuser = psycopg.AsyncConnection[Any]


@pytest.fixture
async def ticket(member: AsyncClient) -> Shown:
    return await opened(member)


async def conversation(client: AsyncClient, ticket: Shown, query: str = "") -> list[str]:
    answer = await client.get(f"/v1/tickets/{ticket['id']}/comments?{query}")
    assert answer.status_code == 200, answer.text
    return [comment["body"] for comment in answer.json()["items"]]


async def status(client: AsyncClient, ticket: Shown) -> str:
    return str((await shown(client, ticket))["status"]["key"])


class TestReading:
    async def test_each_side_reads_what_is_for_it(
        self,
        member: AsyncClient,
        company_admin: AsyncClient,
        agent: AsyncClient,
        lead: AsyncClient,
        ticket: Shown,
    ) -> None:
        await commented(member, ticket, "1 to all")
        await commented(agent, ticket, "2 among us", visibility="internal")
        await commented(member, ticket, "3 for the agent", visibility="private")
        await commented(company_admin, ticket, "4 for the agent too", visibility="private")
        everything = ["1 to all", "2 among us", "3 for the agent", "4 for the agent too"]
        expected = {
            member: [everything[0], everything[2]],
            company_admin: [everything[0], everything[3]],
            agent: everything,
            lead: everything,
        }
        for client, bodies in expected.items():
            assert await conversation(client, ticket, "sort=created_at") == bodies
            path = f"/v1/tickets/{ticket['id']}/comments"
            page = (await client.get(f"{path}?include=total&limit=1")).json()
            assert page["total"] == len(bodies)
        of_agents = (await agent.get(f"/v1/tickets/{ticket['id']}/comments")).json()["items"]
        for comment in of_agents:
            for client, bodies in expected.items():
                one = await client.get(f"/v1/tickets/{ticket['id']}/comments/{comment['id']}")
                assert one.status_code == (200 if comment["body"] in bodies else 404)
                if one.status_code == 404:
                    assert codes(one)[:2] == (404, "comment-not-found")

    async def test_whoever_does_not_see_the_ticket_sees_no_conversation(
        self, colleague: AsyncClient, stranger: AsyncClient, member: AsyncClient, ticket: Shown
    ) -> None:
        comment = await commented(member, ticket)
        path = f"/v1/tickets/{ticket['id']}/comments"
        for client in (colleague, stranger):
            for answer in (
                await client.get(path),
                await client.get(f"{path}/{comment['id']}"),
                await client.post(path, json={"body": "Me too."}),
            ):
                assert codes(answer)[:2] == (404, "ticket-not-found")

    async def test_a_comment_is_found_on_its_own_ticket_alone(
        self, member: AsyncClient, ticket: Shown
    ) -> None:
        comment = await commented(member, ticket)
        other = await opened(member)
        answer = await member.get(f"/v1/tickets/{other['id']}/comments/{comment['id']}")
        assert codes(answer)[:2] == (404, "comment-not-found")

    async def test_the_newest_comes_first_unless_asked_otherwise(  # S3-18
        self, member: AsyncClient, ticket: Shown
    ) -> None:
        for body in ("1", "2", "3"):
            await commented(member, ticket, body)
        assert await conversation(member, ticket) == ["3", "2", "1"]
        assert await conversation(member, ticket, "sort=-created_at") == ["3", "2", "1"]
        assert await conversation(member, ticket, "sort=created_at") == ["1", "2", "3"]
        page = await member.get(f"/v1/tickets/{ticket['number']}/comments?limit=2")
        assert [comment["body"] for comment in page.json()["items"]] == ["3", "2"]
        link = page.headers["link"].partition("<")[2].partition(">")[0]
        assert [item["body"] for item in (await member.get(link)).json()["items"]] == ["1"]

    async def test_markdown_is_shown_as_html_that_runs_nothing(
        self, member: AsyncClient, ticket: Shown
    ) -> None:
        body = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
        comment = await commented(member, ticket, body)
        assert comment["body"] == body
        assert "<strong>Bold</strong>" in comment["body_html"]
        assert "<script" not in comment["body_html"]
        assert 'href="javascript' not in comment["body_html"]


class TestWriting:
    async def test_a_new_comment_is_shown_and_found_where_it_says(
        self, member: AsyncClient, ticket: Shown
    ) -> None:
        answer = await said(member, ticket, "Words.")
        made = answer.json()
        place = answer.headers["location"]
        assert place == f"/v1/tickets/{ticket['id']}/comments/{made['id']}"
        assert (await member.get(place)).json() == made
        assert (made["view"], made["visibility"]) == ("customer", "public")
        assert made["author"] == ticket["requester"]
        assert made["status_change"] is None

    @pytest.mark.parametrize("body", ["", " \n\t ", "\u00a0"])
    async def test_nothing_is_not_something_to_say(
        self, agent: AsyncClient, ticket: Shown, body: str
    ) -> None:
        status_code, _, places = codes(await said(agent, ticket, body))
        assert (status_code, places[0][0]) == (422, "/body")
        answer = await moved(agent, ticket, "ask_customer", comment=body)
        assert answer.status_code == 422
        assert await status(agent, ticket) == "new"

    async def test_each_side_writes_its_own_kinds(
        self, member: AsyncClient, agent: AsyncClient, ticket: Shown
    ) -> None:
        for client, visibility in ((member, "internal"), (agent, "private")):
            answer = await said(client, ticket, visibility=visibility)
            assert codes(answer)[:2] == (403, "visibility-forbidden")
        answer = await said(member, ticket, visibility="secret")
        assert codes(answer)[2] == [("/visibility", "not-a-choice")]

    async def test_whoever_reads_alone_does_not_write(self, desk: Desk) -> None:
        member = await desk.client("member@acme.example", "skill")
        reader = await desk.client("reader@acme.example", "skill")
        new = {"type": "question", "subject": "Hjelp", "description": "Takk."}
        ticket = (await member.post("/v1/tickets", json=new)).json()
        for visibility in ("public", "private"):
            answer = await said(reader, ticket, visibility=visibility)
            assert codes(answer)[:2] == (403, "comment-forbidden")
        own = (await reader.post("/v1/tickets", json=new)).json()
        await commented(reader, own)


class TestFollowing:
    """What a comment does to the status by itself."""

    async def test_an_agents_first_public_reply_takes_the_ticket_up(
        self, member: AsyncClient, agent: AsyncClient, ticket: Shown
    ) -> None:
        await commented(member, ticket)
        await commented(agent, ticket, visibility="internal")
        now = await shown(agent, ticket)
        assert (now["status"]["key"], now["first_replied_at"]) == ("new", None)
        reply = await commented(agent, ticket)
        assert reply["status_change"]["before"]["key"] == "new"
        assert reply["status_change"]["after"]["key"] == "in_progress"
        first = (await shown(agent, ticket))["first_replied_at"]
        assert first is not None
        again = await commented(agent, ticket)
        assert again["status_change"] is None
        assert (await shown(agent, ticket))["first_replied_at"] == first

    @pytest.mark.parametrize("step", ["ask_customer", "resolve"])
    async def test_a_customers_answer_brings_a_waiting_ticket_back(
        self, member: AsyncClient, agent: AsyncClient, ticket: Shown, step: str
    ) -> None:
        assert (await moved(agent, ticket, step, comment="So?")).status_code == 200
        assert (await shown(member, ticket))["ball_with"] == "customer"
        await commented(member, ticket, visibility="private")
        assert (await shown(member, ticket))["ball_with"] == "customer"
        await commented(agent, ticket)
        assert (await shown(member, ticket))["ball_with"] == "customer"
        answer = await commented(member, ticket)
        assert answer["status_change"]["after"]["key"] == "waiting_crm_team"
        assert (await shown(member, ticket))["ball_with"] == "provider"

    async def test_what_customers_do_not_read_does_not_move_what_they_see(
        self, member: AsyncClient, agent: AsyncClient, ticket: Shown
    ) -> None:
        before = await shown(member, ticket)
        await commented(agent, ticket, visibility="internal")
        assert await shown(member, ticket) == before
        await commented(agent, ticket)
        assert (await shown(member, ticket))["updated_at"] > before["updated_at"]


class TestClosed:
    """A closed ticket is locked; within fourteen days a reply reopens it."""

    @pytest.fixture
    async def closed(self, agent: AsyncClient, ticket: Shown) -> Shown:
        assert (await moved(agent, ticket, "close")).status_code == 200
        return ticket

    async def put_back(self, superuser: Superuser, ticket: Shown, days: float) -> None:
        at = clock.now() - timedelta(days=days)
        await superuser.execute(
            "UPDATE tickets SET closed_at = %s WHERE id = %s", [at, ticket["id"]]
        )

    @pytest.mark.parametrize("who", ["member@acme", "company-admin@acme", "agent@crm"])
    async def test_a_reply_in_time_reopens_it(
        self, desk: Desk, superuser: Superuser, closed: Shown, who: str
    ) -> None:
        client = await desk.client(f"{who}.example")
        await self.put_back(superuser, closed, days=13.99)
        reply = await commented(client, closed)
        assert reply["status_change"]["before"]["key"] == "closed"
        now = await shown(client, closed)
        assert (now["status"]["key"], now["closed_at"]) == ("waiting_crm_team", None)
        assert now["resolved_at"] is None

    async def test_a_reply_too_late_is_told_so(
        self, member: AsyncClient, agent: AsyncClient, superuser: Superuser, closed: Shown
    ) -> None:
        await self.put_back(superuser, closed, days=14.01)
        for client in (member, agent):
            assert codes(await said(client, closed))[:2] == (409, "ticket-closed")
            assert await status(client, closed) == "closed"
        assert await conversation(agent, closed) == []

    async def test_the_clock_decides(self, desk: Desk, closed: Shown) -> None:
        password = desk.password_of("member@acme.example")
        for days, status_code in ((15, 409), (13, 201)):
            then = clock.now() + timedelta(days=days)
            clock.set_source(lambda then=then: then)  # type: ignore[misc]
            try:
                member = await desk.sign_in("member@acme.example", password)
                assert (await said(member, closed)).status_code == status_code
                await member.aclose()
            finally:
                clock.set_source(None)

    async def test_notes_of_agents_stay_possible_and_change_nothing(
        self, member: AsyncClient, agent: AsyncClient, closed: Shown
    ) -> None:
        await commented(agent, closed, visibility="internal")
        assert await status(agent, closed) == "closed"
        private = await said(member, closed, visibility="private")
        assert codes(private)[:2] == (409, "ticket-closed")


class TestMoving:
    """S3-17: a comment may change the status in the same step."""

    async def test_both_happen_at_once(
        self, member: AsyncClient, agent: AsyncClient, ticket: Shown
    ) -> None:
        asked = await commented(agent, ticket, "Which one?", transition="ask_customer")
        assert asked["status_change"]["after"]["key"] == "waiting_customer"
        done = await commented(member, ticket, "Solved it.", transition="resolve")
        assert done["status_change"]["after"]["key"] == "resolved"
        assert await conversation(member, ticket) == ["Solved it.", "Which one?"]

    async def test_or_neither(self, member: AsyncClient, agent: AsyncClient, ticket: Shown) -> None:
        refused = (
            (member, {"transition": "start"}, (409, "transition-not-offered")),
            (member, {"transition": "no_such_step"}, (409, "transition-not-offered")),
            (agent, {"transition": "reopen"}, (409, "transition-not-offered")),
            (agent, {"transition": "close", "visibility": "private"}, (403, None)),
            (member, {"attachment_ids": [str(uuid4())], "transition": "close"}, (422, None)),
        )
        for client, more, (wanted, code) in refused:
            told = codes(await said(client, ticket, **more))
            assert told[0] == wanted
            assert code in {None, told[1]}
        assert await status(agent, ticket) == "new"
        assert await conversation(agent, ticket) == []

    async def test_words_that_the_customer_does_not_read_ask_him_nothing(
        self, agent: AsyncClient, ticket: Shown
    ) -> None:
        answer = await said(agent, ticket, visibility="internal", transition="ask_customer")
        assert codes(answer) == (422, "comment-needed", [("/visibility", "comment-needed")])
        await commented(agent, ticket, visibility="internal", transition="ask_third_party")
        assert await status(agent, ticket) == "waiting_third_party"

    async def test_a_comment_of_a_company_admin_moves_a_colleagues_ticket(
        self, company_admin: AsyncClient, ticket: Shown
    ) -> None:
        await commented(company_admin, ticket, transition="close")
        assert await status(company_admin, ticket) == "closed"

    async def test_closing_with_the_last_word_and_reopening_with_the_next(
        self, member: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = (await member.post("/v1/tickets", json=answers())).json()
        await commented(agent, ticket, "Bye.", transition="close")
        assert (await shown(member, ticket))["ball_with"] == "nobody"
        reopened = await commented(member, ticket, "Wait.")
        assert reopened["status_change"]["after"]["key"] == "waiting_crm_team"
