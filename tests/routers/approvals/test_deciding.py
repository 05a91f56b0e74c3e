"""Approvals that a policy asks for: offered in one phase, decided once, by whoever is asked."""

import asyncio

import pytest
from httpx2 import AsyncClient

from tests.factories.approvals import (
    asked_about,
    decided,
    decisions_offered,
    mended,
    opened_case,
    step,
)
from tests.factories.tickets import codes, shown

ANSWERS = ["tested_ok", "approved", "rejected"]


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
