"""Tickets over HTTP: opened and numbered."""

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import answers, codes, history, opened, person_of, shown

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
