"""Approvals that an agent asks for: of whom, by how many, with a gate or without."""

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.approvals import (
    PORTAL,
    decided,
    decisions_offered,
    opened_case,
    question,
    step,
)
from tests.factories.tickets import codes, shown


async def test_an_agent_asks_a_question_of_his_own(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    asked = await question(agent, case, approvers={"role": "company_admin"})
    assert asked.status_code == 201, asked.text
    approval = asked.json()
    assert asked.headers["Location"] == f"/v1/approvals/{approval['id']}"
    assert (approval["kind"], approval["question"]) == ("request", "May we order it?")
    assert [answer["key"] for answer in approval["answers"]] == ["approved", "rejected"]
    assert approval["asked_by"]["name"] == "Agent"
    assert decisions_offered(await shown(admin, case)) == ["approved", "rejected"]
    assert decisions_offered(await shown(customer, case)) == []
    made = (await decided(admin, approval, "approved")).json()
    assert (made["outcome"], made["approval"]["state"]) == ("granted", "granted")
    assert (await shown(agent, case))["status"]["key"] == "registrerat"


async def test_while_a_question_is_pending_nothing_else_closes_the_ticket(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    me = (await customer.get("/v1/me")).json()["id"]
    approval = (await question(agent, case, approvers={"people": [me]})).json()
    closing = await step(agent, case, "close", comment="Nothing to do.")
    assert codes(closing)[:2] == (409, "ticket-gated")
    told = {
        action["input"].get("transition"): action["refused_because"]
        for action in (await shown(agent, case))["allowed_actions"]
    }
    assert told["close"] == "ticket-gated"
    assert told["start"] is None
    assert (await step(agent, case, "start")).status_code == 200
    assert (await decided(customer, approval, "rejected")).status_code == 201
    assert (await step(agent, case, "close", comment="As you say.")).status_code == 200


async def test_a_question_without_a_gate_falls_away_with_the_ticket(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    me = (await customer.get("/v1/me")).json()["id"]
    approval = (await question(agent, case, approvers={"people": [me]}, gate=False)).json()
    assert (await step(agent, case, "close", comment="Done.")).status_code == 200
    assert codes(await decided(customer, approval, "approved"))[:2] == (409, "ticket-moved-on")
    held = (await customer.get(f"/v1/approvals/{approval['id']}")).json()
    assert held["cancelled_because"] == "closed"
    assert codes(await question(agent, case, approvers={"people": [me]}))[:2] == (
        409,
        "ticket-closed",
    )


async def test_a_question_is_taken_back_by_agents_alone(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    me = (await customer.get("/v1/me")).json()["id"]
    approval = (await question(agent, case, approvers={"people": [me]})).json()
    path = f"/v1/approvals/{approval['id']}/withdrawal"
    assert codes(await customer.post(path))[:2] == (403, "forbidden")
    assert (await agent.post(path)).json()["cancelled_because"] == "withdrawn"
    assert codes(await decided(customer, approval, "approved"))[:2] == (409, "not-pending")
    assert codes(await agent.post(path))[:2] == (409, "not-pending")
    assert (await step(agent, case, "close", comment="Done.")).status_code == 200


async def test_as_many_as_are_needed_must_say_yes_and_one_no_refuses(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    people = [(await each.get("/v1/me")).json()["id"] for each in (customer, admin)]
    case = await opened_case(customer)
    approval = (await question(agent, case, approvers={"people": people}, needed=2)).json()
    first = (await decided(customer, approval, "approved")).json()
    assert (first["final"], first["approval"]["state"]) == (False, "pending")
    assert codes(await decided(customer, approval, "approved"))[:2] == (409, "already-decided")
    waiting = (await customer.get("/v1/approvals?limit=100")).json()["items"]
    assert approval["id"] not in [item["id"] for item in waiting]
    second = (await decided(admin, approval, "approved")).json()
    assert (second["final"], second["approval"]["state"]) == (True, "granted")

    other = (await question(agent, case, approvers={"people": people}, needed=2)).json()
    no = (await decided(customer, other, "rejected")).json()
    assert (no["final"], no["approval"]["state"]) == (True, "refused")


async def test_whoever_is_asked_and_could_not_read_the_ticket_takes_part_in_it(
    customer: AsyncClient, colleague: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    them = (await colleague.get("/v1/me")).json()["id"]
    assert (await colleague.get(f"/v1/tickets/{case['id']}")).status_code == 404
    approval = (await question(agent, case, approvers={"people": [them]})).json()
    assert (await colleague.get(f"/v1/tickets/{case['id']}")).status_code == 200
    assert (await decided(colleague, approval, "approved")).status_code == 201


async def test_a_question_nobody_could_answer_is_refused(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    me = (await customer.get("/v1/me")).json()["id"]
    nobody = "0190a000-0000-7000-8000-000000000000"
    for approvers, more in (
        ({"people": [nobody]}, {}),
        ({"people": [me]}, {"needed": 2}),
        ({"people": [me]}, {"exclude_requester": True}),
        ({"role": "no_such_role"}, {}),
        ({"team": "no_such_team"}, {}),
    ):
        refused = await question(agent, case, approvers=approvers, **more)
        assert codes(refused)[:2] == (422, "approvers-not-fitting")


@pytest.mark.parametrize(
    "approvers",
    [{}, {"role": "company_admin", "team": "support"}, {"people": []}, {"everybody": True}],
)
async def test_exactly_one_way_to_name_approvers_is_taken(
    customer: AsyncClient, agent: AsyncClient, approvers: dict[str, object]
) -> None:
    case = await opened_case(customer)
    refused = await question(agent, case, approvers=approvers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("/approvers")


async def test_customers_ask_nothing(customer: AsyncClient) -> None:
    case = await opened_case(customer)
    refused = await question(customer, case, approvers={"role": "company_admin"})
    assert codes(refused)[:2] == (403, "forbidden")


async def test_a_team_of_agents_answers_too(
    desk: Desk, customer: AsyncClient, agent: AsyncClient
) -> None:
    developer = await desk.client("agent2@extend.example", PORTAL)
    case = await opened_case(customer)
    approval = (await question(agent, case, approvers={"team": "development"})).json()
    assert [each["person"]["name"] for each in approval["approvers"]] == ["Developer"]
    waiting = (await developer.get("/v1/approvals?limit=100")).json()["items"]
    assert approval["id"] in [item["id"] for item in waiting]
    assert codes(await decided(agent, approval, "approved"))[:2] == (403, "not-an-approver")
    assert (await decided(developer, approval, "approved")).status_code == 201
