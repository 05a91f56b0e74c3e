"""Who answers for somebody who is away: named, in force, at work, gone again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.approvals import (
    PORTAL,
    asked_about,
    decided,
    decisions_offered,
    mended,
)
from tests.factories.tickets import codes, history, shown
from tests.mailbox import text_of

PATH = "/v1/me/substitute"


def in_days(days: float) -> str:
    """A moment so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.fixture
async def away(desk: Desk) -> AsyncIterator[AsyncClient]:
    """A customer who goes away; whatever he named is gone afterwards."""
    client = await desk.client("member@acme.example", PORTAL)
    yield client
    await client.delete(PATH)


@pytest.fixture
async def deputy(desk: Desk) -> AsyncClient:
    return await desk.client("member2@acme.example", PORTAL)


@pytest.fixture
async def agent(desk: Desk) -> AsyncIterator[AsyncClient]:
    client = await desk.client("agent@extend.example", PORTAL)
    yield client
    await client.delete(PATH)


async def named(client: AsyncClient, email: str = "member2@acme.example", **more: Any) -> Any:
    """What is answered to naming somebody for a week."""
    answer = await client.put(PATH, json={"email": email, "ends_at": in_days(7), **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_substitute_is_named_shown_replaced_and_dismissed(
    away: AsyncClient, deputy: AsyncClient
) -> None:
    assert (await away.get(PATH)).status_code == 404
    first = await named(away)
    assert first["person"]["id"] == (await deputy.get("/v1/me")).json()["id"]
    assert (await away.get(PATH)).json() == first
    other = await named(away, "company-admin@acme.example", starts_at=in_days(1))
    assert other["person"] != first["person"]
    assert (await away.get(PATH)).json() == other
    assert (await away.delete(PATH)).status_code == 204
    gone = await away.get(PATH)
    assert (gone.status_code, gone.json()["code"]) == (404, "substitute-not-found")
    assert (await away.delete(PATH)).status_code == 404


async def test_by_id_too_and_agents_name_agents(agent: AsyncClient, desk: Desk) -> None:
    other = await desk.client("lead@extend.example", PORTAL)
    lead = (await other.get("/v1/me")).json()["id"]
    answer = await agent.put(PATH, json={"person": lead, "ends_at": in_days(1)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["person"]["id"] == lead


async def test_the_substitute_decides_on_behalf_of_whoever_is_away(
    away: AsyncClient, deputy: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    await named(away)
    await desk.work()
    desk.forget_mails()
    case = await mended(away, agent)
    await desk.work()
    approval = await asked_about(deputy, case)
    mails = [text_of(mail) for mail in desk.mails("member2@acme.example")]
    assert [f"/approvals/{approval['id']}" in text for text in mails].count(True) == 1
    assert decisions_offered(await shown(deputy, case))
    waiting = (await deputy.get("/v1/approvals")).json()["items"]
    assert approval["id"] in {each["id"] for each in waiting}
    answer = await decided(deputy, approval, "tested_ok")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["kind"] == "delegated"
    assert made["decided_by"]["id"] == (await deputy.get("/v1/me")).json()["id"]
    assert made["on_behalf_of"]["id"] == (await away.get("/v1/me")).json()["id"]
    (told,) = [e for e in await history(agent, case) if e["event"] == "approval.decided"]
    assert told["actor"]["id"] == made["decided_by"]["id"]
    late = await decided(away, approval, "approved")
    assert (late.status_code, late.json()["code"]) == (409, "already-decided")


async def test_what_was_asked_before_waits_for_the_substitute_from_the_first_day_on(
    away: AsyncClient, deputy: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    case = await mended(away, agent)
    path = f"/v1/tickets/{case['id']}"
    assert (await deputy.get(path)).status_code == 404
    await named(away, starts_at=in_days(2))
    await desk.work()
    assert (await deputy.get(path)).status_code == 404
    await named(away)
    await desk.work()
    assert (await deputy.get(path)).status_code == 200
    approval = await asked_about(deputy, case)
    assert (await decided(deputy, approval, "approved")).status_code == 201


async def test_before_and_after_the_absence_nobody_else_answers(
    away: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    admin = await desk.client("company-admin@acme.example", PORTAL)
    case = await mended(away, agent)
    approval = await asked_about(admin, case)
    await named(away, "company-admin@acme.example", starts_at=in_days(1))
    refused = await decided(admin, approval, "approved")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-an-approver")
    await named(away, "company-admin@acme.example")
    assert decisions_offered(await shown(admin, case))
    assert (await away.delete(PATH)).status_code == 204
    assert decisions_offered(await shown(admin, case)) == []
    assert (await decided(admin, approval, "approved")).status_code == 403
    assert (await decided(away, approval, "approved")).status_code == 201


async def test_a_chain_is_not_followed(
    away: AsyncClient, deputy: AsyncClient, agent: AsyncClient, desk: Desk
) -> None:
    admin = await desk.client("company-admin@acme.example", PORTAL)
    await named(away)
    await named(deputy, "company-admin@acme.example")
    try:
        case = await mended(away, agent)
        approval = await asked_about(admin, case)
        assert (await decided(admin, approval, "approved")).status_code == 403
        assert (await decided(deputy, approval, "approved")).status_code == 201
    finally:
        await deputy.delete(PATH)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({"email": "member@acme.example"}, "substitute-not-fitting", "/email"),
        ({"email": "member@globex.example"}, "substitute-not-fitting", "/email"),
        ({"email": "agent@extend.example"}, "substitute-not-fitting", "/email"),
        ({"email": "nobody@nowhere.example"}, "substitute-not-fitting", "/email"),
        (
            {"person": "00000000-0000-7000-8000-000000000000"},
            "substitute-not-fitting",
            "/person",
        ),
        ({}, "substitute-ambiguous", "/person"),
        (
            {"email": "member2@acme.example", "person": "00000000-0000-7000-8000-000000000000"},
            "substitute-ambiguous",
            "/person",
        ),
        ({"email": "member2@acme.example", "ends_at": in_days(-1)}, "absence-over", "/ends_at"),
        (
            {"email": "member2@acme.example", "starts_at": in_days(9)},
            "absence-over",
            "/ends_at",
        ),
    ],
)
async def test_who_does_not_fit_is_refused_and_nothing_changes(
    away: AsyncClient, body: dict[str, Any], code: str, place: str
) -> None:
    before = await named(away, "company-admin@acme.example")
    refused = await away.put(PATH, json={"ends_at": in_days(7), **body})
    assert codes(refused) == (422, code, [(place, code)])
    assert (await away.get(PATH)).json() == before


@pytest.mark.parametrize(
    "body", [{}, {"ends_at": "tomorrow"}, {"ends_at": 5}, {"until": "x"}, [], None]
)
async def test_bad_input_is_told_and_never_an_error_of_ours(away: AsyncClient, body: Any) -> None:
    answer = await away.put(PATH, json=body)
    assert answer.status_code in {400, 422}
    assert (await away.get(PATH)).status_code == 404


async def joined(lead: AsyncClient, client: AsyncClient, email: str) -> tuple[str, str]:
    """A new colleague of `client`; answers his id and the path of his membership."""
    home = (await client.get("/v1/me")).json()["memberships"][0]["organization"]["id"]
    made = await lead.post("/v1/people", json={"name": "Colleague", "email": email})
    assert made.status_code == 201, made.text
    path = f"/v1/organizations/{home}/members/{made.json()['id']}"
    assert (await lead.put(path, json={"role": "member"})).is_success
    return made.json()["id"], path


async def closed(lead: AsyncClient, person: str) -> None:
    """Let somebody leave."""
    gone = await lead.patch(
        f"/v1/people/{person}", json={"state": "inactive"}, headers={"If-Match": "*"}
    )
    assert gone.status_code == 200, gone.text


async def test_whoever_left_cannot_stand_in(desk: Desk, away: AsyncClient) -> None:
    lead = await desk.client("lead@extend.example", PORTAL)
    leaver, _ = await joined(lead, away, "leaver@acme.example")
    await named(away, "leaver@acme.example")
    await closed(lead, leaver)
    assert (await away.get(PATH)).status_code == 404
    refused = await away.put(PATH, json={"person": leaver, "ends_at": in_days(1)})
    assert codes(refused)[1] == "substitute-not-fitting"


async def test_whoever_is_no_colleague_any_more_stands_in_no_longer(
    desk: Desk, away: AsyncClient
) -> None:
    lead = await desk.client("lead@extend.example", PORTAL)
    _, membership = await joined(lead, away, "changer@acme.example")
    await named(away, "changer@acme.example")
    # Another role in the same company changes nothing.
    assert (await lead.put(membership, json={"role": "company_admin"})).is_success
    assert (await away.get(PATH)).status_code == 200
    assert (await lead.delete(membership)).status_code == 204
    assert (await away.get(PATH)).status_code == 404
