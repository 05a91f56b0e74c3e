"""Approvals over HTTP: asked, seen, decided, refused."""

import asyncio

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.approvals import (
    PORTAL,
    asked_about,
    decided,
    decisions_offered,
    mended,
    opened_case,
    question,
    step,
)
from tests.factories.tickets import codes, history, shown

ANSWERS = ["tested_ok", "approved", "rejected"]


@pytest.fixture
async def customer(desk: Desk) -> AsyncClient:
    return await desk.client("member@acme.example", PORTAL)


@pytest.fixture
async def colleague(desk: Desk) -> AsyncClient:
    return await desk.client("member2@acme.example", PORTAL)


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    return await desk.client("company-admin@acme.example", PORTAL)


@pytest.fixture
async def stranger(desk: Desk) -> AsyncClient:
    return await desk.client("company-admin@globex.example", PORTAL)


@pytest.fixture
async def agent(desk: Desk) -> AsyncClient:
    return await desk.client("agent@extend.example", PORTAL)


async def test_the_choices_exist_only_in_that_phase(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await opened_case(customer)
    assert decisions_offered(case) == []
    await step(agent, case, "start")
    assert decisions_offered(await shown(customer, case)) == []
    await step(agent, case, "ask_approval", comment="Mended.")
    waiting = await shown(customer, case)
    assert waiting["status"]["key"] == "att_godkanna"
    assert decisions_offered(waiting) == ANSWERS
    offered = {action["input"].get("decision"): action for action in waiting["allowed_actions"]}
    assert offered["tested_ok"]["leads_to"]["key"] == "produktionssatts"
    assert offered["approved"]["leads_to"]["key"] == "avslutat"
    assert offered["rejected"]["needs_comment"] is True
    approval = await asked_about(customer, case)
    assert (await decided(customer, approval, "approved")).status_code == 201
    assert decisions_offered(await shown(customer, case)) == []


async def test_only_approvers_are_offered_the_choices(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    assert decisions_offered(await shown(admin, case)) == []
    assert decisions_offered(await shown(agent, case)) == []
    approval = await asked_about(admin, case)
    assert approval["allowed_actions"] == []


@pytest.mark.parametrize(
    ("decision", "outcome", "status"),
    [
        ("tested_ok", "granted", "produktionssatts"),
        ("approved", "granted", "avslutat"),
        ("rejected", "refused", "pagar"),
    ],
)
async def test_each_answer_makes_its_own_move(
    customer: AsyncClient, agent: AsyncClient, decision: str, outcome: str, status: str
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    answer = await decided(customer, approval, decision, "Tried it on our test system.")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["decision"]["key"], made["outcome"]) == (decision, outcome)
    assert (made["kind"], made["final"]) == ("explicit", True)
    assert made["decided_by"]["name"] == "Member of Acme"
    assert made["approval"]["state"] == outcome
    assert made["approval"]["ticket"]["status"]["key"] == status
    assert (await shown(agent, case))["status"]["key"] == status
    said = (await agent.get(f"/v1/tickets/{case['id']}/comments?sort=-created_at")).json()["items"]
    assert said[0]["body"] == "Tried it on our test system."
    assert said[0]["status_change"]["after"]["key"] == status


async def test_a_no_must_be_explained(customer: AsyncClient, agent: AsyncClient) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    refused = await decided(customer, approval, "rejected")
    assert codes(refused) == (422, "comment-needed", [("/comment", "comment-needed")])
    assert (
        await decided(customer, approval, "rejected", "It fails on Fridays.")
    ).status_code == 201


async def test_an_answer_that_is_not_offered_is_refused(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    refused = await decided(customer, approval, "delivered")
    assert codes(refused) == (422, "invalid", [("/decision", "not-a-choice")])


async def test_whoever_reads_it_and_is_not_asked_may_not_decide(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    for other in (admin, agent):
        assert codes(await decided(other, approval, "approved"))[:2] == (403, "not-an-approver")


async def test_what_one_may_not_read_does_not_exist(
    customer: AsyncClient, colleague: AsyncClient, stranger: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    nowhere = "0190a000-0000-7000-8000-000000000000"
    for outsider in (colleague, stranger):
        answers = [
            await outsider.get(f"/v1/approvals/{approval['id']}"),
            await outsider.get(f"/v1/approvals/{approval['id']}/certificate"),
            await decided(outsider, approval, "approved"),
            await outsider.post(f"/v1/approvals/{approval['id']}/withdrawal"),
        ]
        unknown = (await outsider.get(f"/v1/approvals/{nowhere}")).json()
        for answer in answers:
            told = answer.json()
            assert {**told, "instance": ""} == {**unknown, "instance": ""}
        listed = (await outsider.get("/v1/approvals?mine=false&limit=100")).json()["items"]
        assert approval["id"] not in [item["id"] for item in listed]


async def test_deciding_twice_is_refused(customer: AsyncClient, agent: AsyncClient) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    assert (await decided(customer, approval, "approved")).status_code == 201
    assert codes(await decided(customer, approval, "rejected", "No!"))[:2] == (
        409,
        "already-decided",
    )


async def test_of_six_decisions_sent_at_once_one_is_made(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    answers = await asyncio.gather(
        *(decided(customer, approval, verb, "Now.") for verb in ANSWERS * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    held = (await customer.get(f"/v1/approvals/{approval['id']}")).json()
    assert [decision["id"] for decision in held["decisions"]] == [made["id"]]
    assert held["decision"] == made["decision"]


async def test_the_same_decision_sent_again_is_the_same_decision(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    key = {"Idempotency-Key": f"decide-{approval['id']}"}
    first = await decided(customer, approval, "tested_ok", **key)
    again = await decided(customer, approval, "tested_ok", **key)
    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    other = await decided(customer, approval, "approved", **key)
    assert other.status_code == 422


async def test_a_decision_on_what_has_changed_since_is_refused(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    seen = (await customer.get(f"/v1/approvals/{approval['id']}")).headers["ETag"]
    stale = {"If-Match": seen.replace('"1-', '"7-')}
    assert (await decided(customer, approval, "approved", **stale)).status_code == 412
    assert (await decided(customer, approval, "approved", **{"If-Match": seen})).status_code == 201


async def test_a_ticket_that_moved_on_takes_its_question_along(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    assert (await step(agent, case, "start")).status_code == 200
    held = (await customer.get(f"/v1/approvals/{approval['id']}")).json()
    assert (held["state"], held["cancelled_because"]) == ("cancelled", "moved_on")
    assert codes(await decided(customer, approval, "approved"))[:2] == (409, "ticket-moved-on")
    await step(agent, case, "ask_approval", comment="Now it is.")
    anew = await asked_about(customer, case)
    assert (anew["state"], anew["id"] != approval["id"]) == ("pending", True)


async def test_what_waits_for_me_is_my_list(
    customer: AsyncClient, admin: AsyncClient, agent: AsyncClient
) -> None:
    approval = await asked_about(customer, await mended(customer, agent))

    async def ids(client: AsyncClient, query: str = "") -> list[str]:
        answer = await client.get(f"/v1/approvals?limit=100&{query}")
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert approval["id"] in await ids(customer)
    assert approval["id"] not in await ids(admin)
    assert approval["id"] not in await ids(agent)
    assert approval["id"] in await ids(admin, "mine=false")
    assert approval["id"] in await ids(agent, "mine=false")
    await decided(customer, approval, "approved")
    assert approval["id"] not in await ids(customer)
    assert approval["id"] in await ids(customer, "state=granted&state=refused")
    assert approval["id"] not in await ids(customer, "state=refused")


async def test_the_list_goes_on_page_by_page_and_by_every_sort(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    for _ in range(3):
        await mended(customer, agent)
    for sort in ("asked_at", "-asked_at", "due_at", "-due_at", "ended_at", "-ended_at"):
        path = f"/v1/approvals?state=pending&state=granted&sort={sort}&limit=2&include=total"
        first = (await customer.get(path)).json()
        second = (await customer.get(f"{path}&cursor={first['next_cursor']}")).json()
        ids = [item["id"] for item in (*first["items"], *second["items"])]
        assert len(ids) == len(set(ids)) >= 3
        assert first["total"] >= 3


async def test_a_look_decides_nothing(customer: AsyncClient, agent: AsyncClient) -> None:
    approval = await asked_about(customer, await mended(customer, agent))
    path = f"/v1/approvals/{approval['id']}"
    for way in (path, f"{path}?decision=approved", f"{path}/decisions"):
        assert (await customer.get(way)).status_code in {200, 405, 422}
    assert (await customer.get(path)).json()["state"] == "pending"


async def test_a_certificate_says_who_decided_what_on_which_words(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent, subject="Prove it")
    approval = await asked_about(customer, case)
    path = f"/v1/approvals/{approval['id']}/certificate"
    assert codes(await customer.get(path))[:2] == (409, "not-decided")
    await decided(customer, approval, "approved", "All of it.")
    proof = (await agent.get(path)).json()
    (decision,) = proof["decisions"]
    assert proof["ticket"]["number"] == case["number"]
    assert proof["ticket"]["subject"] == "Prove it"
    assert proof["organization"] == "Acme AB"
    assert proof["question"] == "Approval of what was done"
    assert proof["state"] == "granted"
    assert (decision["decision"]["label"], decision["kind"]) == ("Approved", "explicit")
    assert decision["decided_by"]["name"] == "Member of Acme"
    assert decision["comment"] == "All of it."
    assert decision["ticket_version"] == proof["ticket_version"]
    assert len(decision["text_digest"]) == 64
    # The decision's own comment came after it.
    assert proof["text_digest_now"] != decision["text_digest"]
    assert proof["rule"]["hours_after_reminder"] == 24


async def test_each_step_stands_in_the_history_with_the_version_of_its_rule(
    customer: AsyncClient, agent: AsyncClient
) -> None:
    case = await mended(customer, agent)
    approval = await asked_about(customer, case)
    await decided(customer, approval, "tested_ok")
    told = [event for event in await history(customer, case) if "approval" in event["event"]]
    assert [event["event"] for event in told] == ["approval.asked", "approval.decided"]
    assert {event["data"]["definition_version"] for event in told} == {1}
    assert told[1]["data"]["decision"] == "tested_ok"
    assert told[1]["data"]["ticket_version"] == told[0]["data"]["ticket_version"]
    assert told[1]["actor"]["name"] == "Member of Acme"


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
