"""Tickets over HTTP: opened, read, changed, assigned, numbered."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import (
    answers,
    changed,
    codes,
    commented,
    history,
    opened,
    person_of,
    shown,
)

Superuser = psycopg.AsyncConnection[Any]
TICKETS = "/v1/tickets"


async def refusal(client: AsyncClient, **more: Any) -> tuple[int, str, list[tuple[str, str]]]:
    return codes(await client.post(TICKETS, json=answers(**more)))


class TestOpening:
    """S3-11 to S3-14, S0-12, S4-16."""

    async def test_customer_and_contact_come_from_the_caller(
        self, desk: Desk, member: AsyncClient
    ) -> None:
        who = await person_of(desk, "member@acme.example")
        answer = await member.post(TICKETS, json=answers(priority="high"))
        ticket = answer.json()
        assert answer.headers["location"] == f"{TICKETS}/{ticket['id']}"
        assert ticket["requester"] == {"id": who["id"], "name": who["name"]}
        assert ticket["organization"] == who["memberships"][0]["organization"]
        assert ticket["number"].startswith("CRM-")
        assert (ticket["status"]["key"], ticket["ball_with"]) == ("new", "provider")
        assert (ticket["severity"]["key"], ticket["priority"]["key"]) == ("sev3", "high")
        assert (ticket["department"]["key"], ticket["form"]) == ("support", "ticket")
        assert ticket["assignee"] is None
        assert ticket["closed_at"] is None
        for way in (ticket["id"], ticket["number"], ticket["number"].lower()):
            assert (await member.get(f"{TICKETS}/{way}")).json()["id"] == ticket["id"]

    @pytest.mark.parametrize("kind", ["support", "work_order"])
    @pytest.mark.parametrize("sent", [..., "sev1", "sev10"])
    async def test_severity_is_for_faults_alone(
        self, member: AsyncClient, kind: str, sent: str
    ) -> None:
        ticket = await opened(member, type=kind, severity=sent)
        assert ticket["severity"]["key"] == "sev10"

    @pytest.mark.parametrize(
        ("more", "fault"),
        [
            ({"type": ...}, ("/type", "required")),
            ({"type": "incident"}, ("/type", "not-a-choice")),
            ({"form": "unheard_of"}, ("/form", "not-a-choice")),
            ({"subject": " "}, ("/subject", "required")),
            ({"subject": "a\x07b"}, ("/subject", "unprintable")),
            ({"subject": "x" * 201}, ("/subject", "too-long")),
            ({"description": ""}, ("/description", "required")),
            ({"severity": ...}, ("/severity", "required")),
            ({"severity": "sev10"}, ("/severity", "not-a-choice")),
            ({"severity": "sev11"}, ("/severity", "not-a-choice")),
            ({"priority": "whenever"}, ("/priority", "not-a-choice")),
            ({"service": "unheard_of"}, ("/service", "not-a-choice")),
            ({"fields": {"colour": "red"}}, ("/fields/colour", "not-asked")),
        ],
    )
    async def test_what_the_form_refuses_is_named_by_its_place(
        self, member: AsyncClient, more: dict[str, Any], fault: tuple[str, str]
    ) -> None:
        status, _, places = await refusal(member, **more)
        assert (status, places) == (422, [fault])

    async def test_a_required_subject_is_an_answer_of_the_form(self, member: AsyncClient) -> None:
        status, code, places = await refusal(member, subject=...)
        assert (status, code, places) == (422, "invalid-input", [("/subject", "required")])

    async def test_whoever_belongs_to_several_organizations_says_for_which(
        self, desk: Desk, superuser: Superuser
    ) -> None:
        client = await desk.client("member2@acme.example")
        person = await person_of(desk, "member2@acme.example")
        globex = (await person_of(desk, "member@globex.example"))["memberships"][0]
        await superuser.execute(
            "INSERT INTO memberships SELECT tenant_id, %s, person_id, role, side, created_at"
            " FROM memberships WHERE person_id = %s",
            [globex["organization"]["id"], person["id"]],
        )
        try:
            assert await refusal(client) == (
                422,
                "organization-required",
                [("/organization", "organization-required")],
            )
            for membership in (*person["memberships"], globex):
                chosen = membership["organization"]
                ticket = await opened(client, organization=chosen["id"])
                assert ticket["organization"] == chosen
            status, code, _ = await refusal(client, organization=str(uuid4()))
            assert (status, code) == (422, "organization-required")
        finally:
            await superuser.execute(
                "DELETE FROM memberships WHERE person_id = %s AND organization_id = %s",
                [person["id"], globex["organization"]["id"]],
            )

    async def test_nobody_opens_tickets_for_an_organization_he_is_not_in(
        self, desk: Desk, member: AsyncClient
    ) -> None:
        globex = (await person_of(desk, "member@globex.example"))["memberships"][0]
        other = globex["organization"]["id"]
        random = str(uuid4())
        assert await refusal(member, organization=other) == await refusal(
            member, organization=random
        )

    async def test_an_agent_opens_tickets_for_somebody(
        self, desk: Desk, agent: AsyncClient, member: AsyncClient
    ) -> None:
        who = await person_of(desk, "member@acme.example")
        ticket = await opened(agent, on_behalf_of=who["id"])
        assert ticket["requester"]["id"] == who["id"]
        assert (ticket["channel"], ticket["view"]) == ("agent", "agent")
        seen = await shown(member, ticket)
        assert (seen["view"], "channel" in seen) == ("customer", False)
        (event,) = await history(member, ticket)
        assert (event["actor_side"], event["data"]["on_behalf"]) == ("agent", True)

    async def test_an_agent_says_for_whom(self, desk: Desk, agent: AsyncClient) -> None:
        oneself = (await person_of(desk, "agent@crm.example"))["id"]
        elsewhere = (await person_of(desk, "member@acme.example", "tvox"))["id"]
        wanted = (422, "requester-required", [("/on_behalf_of", "requester-required")])
        for who in (..., oneself, elsewhere, str(uuid4())):
            assert await refusal(agent, on_behalf_of=who) == wanted

    async def test_an_agent_opens_none_for_somebody_without_an_organization(
        self, agent: AsyncClient
    ) -> None:
        new = {"side": "customer", "name": "New", "email": f"{uuid4().hex}@acme.example"}
        person = (await agent.post("/v1/people", json=new)).json()
        assert await refusal(agent, on_behalf_of=person["id"]) == (
            422,
            "requester-required",
            [("/on_behalf_of", "no-organization")],
        )

    async def test_customers_open_none_for_others(self, desk: Desk, member: AsyncClient) -> None:
        colleague = (await person_of(desk, "member2@acme.example"))["id"]
        oneself = (await person_of(desk, "member@acme.example"))["id"]
        assert await refusal(member, on_behalf_of=colleague) == (
            422,
            "not-for-customers",
            [("/on_behalf_of", "not-for-customers")],
        )
        assert (await opened(member, on_behalf_of=oneself))["requester"]["id"] == oneself

    async def test_a_private_ticket_is_between_its_requester_and_the_agents(
        self, member: AsyncClient, company_admin: AsyncClient, agent: AsyncClient
    ) -> None:
        ticket = await opened(member, private=True)
        assert (await shown(agent, ticket))["private"] is True
        answer = await company_admin.get(f"{TICKETS}/{ticket['id']}")
        assert codes(answer)[:2] == (404, "ticket-not-found")
        listed = (await company_admin.get(f"{TICKETS}?limit=100")).json()["items"]
        assert ticket["id"] not in {item["id"] for item in listed}

    async def test_where_the_portal_takes_no_tickets_agents_still_do(self, desk: Desk) -> None:
        new = {"type": "guasto", "subject": "Aiuto", "description": "Per favore."}
        member = await desk.client("member@acme.example", "tvox")
        agent = await desk.client("agent@tvox.example", "tvox")
        answer = await member.post(TICKETS, json=new)
        assert codes(answer)[:2] == (403, "channel-not-offered")
        assert "mail" in answer.json()["detail"]
        who = await person_of(desk, "member@acme.example", "tvox")
        made = await agent.post(TICKETS, json={**new, "on_behalf_of": who["id"]})
        assert made.status_code == 201, made.text
        assert (await shown(member, made.json()))["requester"]["id"] == who["id"]

    async def test_twenty_at_once_are_numbered_one_after_the_other(
        self, member: AsyncClient, company_admin: AsyncClient
    ) -> None:
        first = int((await opened(member))["number"].removeprefix("CRM-"))
        clients = (member, company_admin)
        made = await asyncio.gather(*(opened(clients[index % 2]) for index in range(20)))
        numbers = sorted(int(ticket["number"].removeprefix("CRM-")) for ticket in made)
        assert numbers == list(range(first + 1, first + 21))

    async def test_whoever_opens_one_waits_for_nobody_else_who_does(
        self, member: AsyncClient, superuser: Superuser
    ) -> None:
        before = int((await opened(member))["number"].removeprefix("CRM-"))
        async with superuser.transaction(force_rollback=True):
            tenant = "SELECT wall.enter_as_system(id) FROM tenants WHERE slug = 'crm-service'"
            await superuser.execute(tenant)
            taken = await superuser.execute("SELECT wall.next_ticket_number()")
            assert await taken.fetchone() == (before + 1,)
            async with asyncio.timeout(10):
                meanwhile = await opened(member)
        assert meanwhile["number"] == f"CRM-{before + 2}"


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
