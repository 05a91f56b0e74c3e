"""The portal that asks for approval (S2): cases, mended and waiting for the customer's word."""

from typing import Any

from httpx2 import AsyncClient, Response

from tests.factories.tickets import Shown

PORTAL = "extend"
CASE = {
    "type": "question",
    "subject": "How are returns booked?",
    "description": "We cannot find it.",
}


async def opened_case(customer: AsyncClient, **more: Any) -> Shown:
    """A new case of whoever `customer` is."""
    answer = await customer.post("/v1/tickets", json={**CASE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def mended(customer: AsyncClient, agent: AsyncClient, **more: Any) -> Shown:
    """A case that an agent has dealt with: its customer is asked to approve."""
    case = await opened_case(customer, **more)
    assert (await step(agent, case, "start")).status_code == 200
    done = await step(agent, case, "ask_approval", comment="Returns are booked at night now.")
    assert done.status_code == 200, done.text
    return done.json()  # type: ignore[no-any-return]


async def step(client: AsyncClient, case: Shown, transition: str, **more: Any) -> Response:
    """The answer to a transition."""
    path = f"/v1/tickets/{case['id']}/transitions"
    return await client.post(path, json={"transition": transition, **more})


async def asked_about(client: AsyncClient, case: Shown) -> Shown:
    """The one approval that was last asked about a case, as `client` sees it."""
    answer = await client.get(f"/v1/tickets/{case['id']}/approvals?limit=1")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"][0]  # type: ignore[no-any-return]


async def decided(
    client: AsyncClient, approval: Shown, decision: str, comment: str | None = None, **headers: str
) -> Response:
    """The answer to a decision."""
    told = {"decision": decision, **({"comment": comment} if comment else {})}
    path = f"/v1/approvals/{approval['id']}/decisions"
    return await client.post(path, json=told, headers=headers)


async def question(agent: AsyncClient, case: Shown, **more: Any) -> Response:
    """The answer to an agent's own question about a ticket."""
    told = {"question": "May we order it?", **more}
    return await agent.post(f"/v1/tickets/{case['id']}/approvals", json=told)


def decisions_offered(case: Shown) -> list[str]:
    """The decisions that a ticket's `allowed_actions` offer."""
    return [
        action["input"]["decision"]
        for action in case["allowed_actions"]
        if action["action"] == "decide" and action["allowed"]
    ]
