"""Tickets over HTTP: changed and assigned."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import changed, codes, commented, history, opened, person_of, shown

Superuser = psycopg.AsyncConnection[Any]
TICKETS = "/v1/tickets"


class TestChanging:
    """S3-5, S3-6, S2-7: who changes what, and what follows from it."""

    async def test_whoever_may_changes_what_is_asked_and_no_more(
        self, member: AsyncClient, company_admin: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member, service="crm", priority="low")
        for number, client in enumerate((member, company_admin, agent)):
            answer = await changed(client, ticket, subject=f"Subject {number}")
            assert answer.status_code == 200
            assert answer.json()["subject"] == f"Subject {number}"
        now = await shown(member, ticket)
        for field in ("description", "type", "severity", "priority", "service", "status"):
            assert now[field] == ticket[field]
        assert now["updated_at"] > ticket["updated_at"]

    async def test_null_clears_and_what_is_needed_is_not_cleared(self, member: AsyncClient) -> None:
        ticket = await opened(member, service="crm")
        assert (await changed(member, ticket, service=None)).json()["service"] is None
        answer = await changed(member, ticket, subject=None)
        assert codes(answer)[2] == [("/subject", "required")]

    async def test_a_change_that_changes_nothing_is_none(
        self, member: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member)
        answer = await changed(member, ticket, subject=ticket["subject"])
        assert answer.status_code == 200
        empty = await changed(member, ticket)
        assert answer.headers["etag"] == empty.headers["etag"]
        assert empty.headers["etag"].startswith('"1-')
        assert [event["event"] for event in await history(agent, ticket)] == ["ticket.opened"]

    async def test_a_colleague_is_told_there_is_none(
        self, member: AsyncClient, colleague: AsyncClient, stranger: AsyncClient
    ) -> None:
        ticket = await opened(member)
        for client in (colleague, stranger):
            assert codes(await changed(client, ticket, subject="Mine"))[:2] == (
                404,
                "ticket-not-found",
            )

    async def test_whoever_reads_alone_is_told_he_may_not(self, desk: Desk) -> None:
        member = await desk.client("member@acme.example", "skill")
        reader = await desk.client("reader@acme.example", "skill")
        new = {"type": "question", "subject": "Hjelp", "description": "Takk."}
        ticket = (await member.post(TICKETS, json=new)).json()
        for answer in (
            await changed(reader, ticket, subject="Mine"),
            await reader.post(
                f"{TICKETS}/{ticket['id']}/transitions", json={"transition": "cancel"}
            ),
        ):
            assert codes(answer)[:2] == (403, "forbidden")

    async def test_another_type_decides_severity_anew(
        self, member: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member, severity="sev2")
        support = (await changed(agent, ticket, type="support")).json()
        assert (support["type"]["key"], support["severity"]["key"]) == ("support", "sev10")
        forced = await changed(agent, ticket, severity="sev1")
        assert codes(forced)[2] == [("/severity", "decided-by-the-form")]
        lacking = await changed(member, ticket, type="bug")
        assert codes(lacking)[2] == [("/severity", "required")]
        bug = (await changed(agent, ticket, type="bug")).json()
        assert (bug["type"]["key"], bug["severity"]) == ("bug", None)
        told = (await history(member, ticket))[:3]
        assert [event["event"] for event in told] == ["ticket.opened", *["ticket.changed"] * 2]
        assert told[1]["data"] == {
            "changed": ["severity", "type"],
            "before": {"severity": "sev2", "type": "bug"},
            "after": {"severity": "sev10", "type": "support"},
        }

    async def test_a_closed_ticket_is_locked(self, member: AsyncClient, agent: AsyncClient) -> None:
        ticket = await opened(member)
        await agent.post(f"{TICKETS}/{ticket['id']}/transitions", json={"transition": "close"})
        for client, change in (
            (member, {"subject": "Again"}),
            (agent, {"subject": "Again"}),
            (agent, {"assignee": None}),
            (agent, {"team": "integrations"}),
        ):
            answer = await changed(client, ticket, **change)
            assert codes(answer)[:2] == (409, "ticket-closed")

    async def test_the_status_is_not_changed_by_hand(self, agent: AsyncClient, member: Any) -> None:
        ticket = await opened(member)
        answer = await changed(agent, ticket, status="closed")
        assert codes(answer) == (422, "invalid-input", [("/status", "unknown")])

    async def test_words_stay_out_of_the_journal(
        self, member: AsyncClient, agent: AsyncClient, superuser: Superuser
    ) -> None:
        secret = uuid4().hex
        ticket = await opened(member, subject=f"S {secret}", description=f"D {secret}")
        await changed(agent, ticket, subject=f"T {secret}", description=f"E {secret}")
        await commented(agent, ticket, f"C {secret}", visibility="internal")
        await commented(member, ticket, f"C {secret}", transition="resolve")
        found = await superuser.execute(
            "SELECT count(*), string_agg(e::text, ' ') FROM events e WHERE ticket_id = %s",
            [ticket["id"]],
        )
        count, everything = await found.fetchone() or (0, "")
        assert count >= 4
        for word in (secret, "acme.example", "Member of Acme", "Agent"):
            assert word not in everything


class TestAssigning:
    """Who has a ticket."""

    async def test_a_ticket_that_an_agent_has_is_new_no_more(
        self, desk: Desk, member: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member)
        taker = await person_of(desk, "agent2@crm.example")
        given = (await changed(agent, ticket, assignee=taker["id"])).json()
        assert given["assignee"] == {"id": taker["id"], "name": taker["name"]}
        assert given["status"]["key"] == "in_progress"
        assert (await shown(member, ticket))["assignee"]["name"] == taker["name"]
        told = [event["event"] for event in await history(member, ticket)]
        assert told == ["ticket.opened", "ticket.assigned", "ticket.status_changed"]
        mine = await (await desk.client("agent2@crm.example")).get(f"{TICKETS}?mine=true&limit=100")
        assert ticket["id"] in {item["id"] for item in mine.json()["items"]}
        left = (await changed(agent, ticket, assignee=None)).json()
        assert (left["assignee"], left["status"]["key"]) == (None, "in_progress")

    async def test_a_team_leaves_it_new_and_is_nothing_to_the_customer(
        self, member: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member)
        given = (await changed(agent, ticket, team="integrations")).json()
        assert (given["team"]["key"], given["status"]["key"]) == ("integrations", "new")
        assert "team" not in await shown(member, ticket)
        assert [event["event"] for event in await history(member, ticket)] == ["ticket.opened"]
        assigned = (await history(agent, ticket))[-1]
        assert assigned["data"] == {"team": "integrations", "team_before": "crm-team"}

    async def test_a_team_works_in_the_tickets_department(self, desk: Desk) -> None:
        lead = await desk.client("lead@sensedesk.example", "sensedesk")
        ticket = await _of_sensedesk(desk, "it_question")
        answer = await changed(lead, ticket, team="hr")
        assert codes(answer) == (
            422,
            "team-not-in-department",
            [("/team", "team-not-in-department")],
        )
        unknown = await changed(lead, ticket, team="unheard_of")
        assert codes(unknown)[:2] == (422, "team-not-in-department")

    async def test_only_an_active_agent_can_have_it(
        self, desk: Desk, member: AsyncClient, agent: AsyncClient, superuser: Superuser
    ) -> None:
        ticket = await opened(member)
        customer = (await person_of(desk, "member@acme.example"))["id"]
        elsewhere = (await person_of(desk, "agent@tvox.example", "tvox"))["id"]
        taker = (await person_of(desk, "agent2@crm.example"))["id"]
        wanted = (422, "assignee-not-fitting", [("/assignee", "assignee-not-fitting")])
        for who in (customer, elsewhere, str(uuid4())):
            assert codes(await changed(agent, ticket, assignee=who)) == wanted
        state = "UPDATE people SET state = %s WHERE id = %s"
        await superuser.execute(state, ["inactive", taker])
        try:
            assert codes(await changed(agent, ticket, assignee=taker)) == wanted
        finally:
            await superuser.execute(state, ["active", taker])

    @pytest.mark.parametrize(
        ("form", "fits"),
        [
            ("hr_matter", {"hr", "lead", "admin"}),
            ("it_question", {"agent", "agent2", "lead", "admin"}),
        ],
    )
    async def test_only_who_reads_it_can_have_it(
        self, desk: Desk, form: str, fits: set[str]
    ) -> None:
        lead = await desk.client("lead@sensedesk.example", "sensedesk")
        ticket = await _of_sensedesk(desk, form)
        taken = set()
        for name in ("agent", "agent2", "hr", "caretaker", "lead", "admin"):
            who = await person_of(desk, f"{name}@sensedesk.example", "sensedesk")
            answer = await changed(lead, ticket, assignee=who["id"])
            if answer.status_code == 200:
                taken.add(name)
            else:
                assert codes(answer)[:2] == (422, "assignee-not-fitting")
        assert taken == fits

    async def test_customers_assign_nobody(self, member: AsyncClient) -> None:
        ticket = await opened(member)
        for change in ({"team": "integrations"}, {"assignee": None}, {"assignee": str(uuid4())}):
            (place,) = change
            answer = await changed(member, ticket, **change)
            assert codes(answer) == (
                422,
                "not-for-customers",
                [(f"/{place}", "not-for-customers")],
            )


async def _of_sensedesk(desk: Desk, form: str) -> dict[str, Any]:
    """A new ticket of an end user, in the form's department."""
    client = await desk.client("member@acme.example", "sensedesk")
    new = {"form": form, "subject": "Hei", "description": "Takk."}
    if form == "hr_matter":
        new["type"] = "question"
    answer = await client.post(TICKETS, json=new)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]
