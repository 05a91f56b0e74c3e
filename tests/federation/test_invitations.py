"""Invitations: a link of one's own, accepted once, by password or by an account elsewhere."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.federation import PORTAL, known_as
from tests.factories.invitations import NEW, TERMS, invited, link_of, with_terms
from tests.factories.people import (
    Clock,
    Newcomer,
    new_address,
    new_organization_at,
    newcomer,
    signed_in_at,
)
from tests.federation.conftest import Apply
from tests.mailbox import text_of
from tests.providers.browser import Browser
from tests.providers.certified import Provider


@pytest.fixture
async def agent(door: Desk) -> httpx2.AsyncClient:
    """An agent of the portal."""
    who = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    return await signed_in_at(door, who, PORTAL)


async def test_from_invitation_to_signed_in_with_a_password(
    door: Desk, agent: httpx2.AsyncClient, apply: Apply
) -> None:
    """S0-1 to S0-4: the mail, what it leads to, both steps, in."""
    await apply(with_terms())
    token, invitation = await invited(door, agent)
    assert invitation["state"] == "preparing"
    async with door.anybody() as guest:
        seen = (await guest.get(f"/v1/invitations/{token}")).json()
        assert seen["portal"] == PORTAL
        assert seen["organization"] == "Acme AS"
        assert [step["key"] for step in seen["terms"]["steps"]] == ["trust", "access"]
        assert [way["key"] or way["kind"] for way in seen["ways"]] == [
            "local",
            "certified",
            "another",
        ]
        path = f"/v1/invitations/{token}/accept"
        half = {"way": "local", "password": NEW, "terms_version": "1", "accepted": ["trust"]}
        refused = await guest.post(path, json=half)
        assert (refused.status_code, refused.json()["code"]) == (422, "terms-not-accepted")
        stale = await guest.post(path, json={**half, **TERMS, "terms_version": "0"})
        assert (stale.status_code, stale.json()["code"]) == (409, "terms-changed")
        short = await guest.post(path, json={**TERMS, "way": "local", "password": "short"})
        assert short.json()["code"] == "password-too-short"
        done = await guest.post(path, json={**TERMS, "way": "local", "password": NEW})
        assert done.status_code == 200, done.text
        guest.headers["Authorization"] = f"Bearer {done.json()['signed_in']['access_token']}"
        me = (await guest.get("/v1/me")).json()
        assert me["state"] == "active"
        assert (await guest.get("/v1/me/terms")).json() == {"due": None}
        again = await guest.post(path, json={**TERMS, "way": "local", "password": NEW})
        assert (again.status_code, again.json()["code"]) == (409, "invitation-redeemed")
        assert (await guest.get(f"/v1/invitations/{token}")).status_code == 409
    listed = (await agent.get("/v1/invitations?state=accepted")).json()["items"]
    assert listed[0]["id"] == invitation["id"]
    assert listed[0]["accepted_by"] == "local"


async def test_new_terms_are_asked_for_again(
    door: Desk, agent: httpx2.AsyncClient, apply: Apply
) -> None:
    """S0-4: what was accepted counts for the version it was."""
    await apply(with_terms())
    token, _ = await invited(door, agent)
    async with door.anybody() as guest:
        path = f"/v1/invitations/{token}/accept"
        done = await guest.post(path, json={**TERMS, "way": "local", "password": NEW})
        guest.headers["Authorization"] = f"Bearer {done.json()['signed_in']['access_token']}"
        await apply(with_terms("2"))
        due = (await guest.get("/v1/me/terms")).json()["due"]
        assert due["version"] == "2"
        old = await guest.post("/v1/me/terms", json={"version": "1", "accepted": ["trust"]})
        assert old.json()["code"] == "terms-changed"
        yes = {"version": "2", "accepted": ["trust", "access"]}
        assert (await guest.post("/v1/me/terms", json=yes)).json() == {"due": None}


async def test_from_invitation_to_signed_in_with_an_account_elsewhere(
    door: Desk, agent: httpx2.AsyncClient, certified: Provider, browser: Browser
) -> None:
    """S0-2, S0-6: accepted at the provider; from then on that account signs him in."""
    token, invitation = await invited(door, agent)
    certified.whoever(account := new_address("account"))
    going = await browser.post(
        f"/v1/invitations/{token}/accept", {"way": "certified", "return_to": "/first"}
    )
    assert going.json()["state"] == "continue_at_provider"
    assert (await browser.here.get(f"/v1/invitations/{token}")).status_code == 200
    back = await browser.come_back(await browser.go(going.json()["continue_at"]))
    assert back.headers["location"] == "/first"
    assert (await browser.me()).json()["id"] == invitation["person"]["id"]
    assert (await browser.here.get(f"/v1/invitations/{token}")).status_code == 409
    elsewhere = Browser(door)
    certified.whoever(account)
    again = await elsewhere.sign_in(PORTAL, "certified", return_to="/in")
    assert again.headers["location"] == "/in"
    assert (await elsewhere.me()).json()["id"] == invitation["person"]["id"]
    await elsewhere.close()


async def test_an_account_that_signs_somebody_else_in_redeems_nothing(
    door: Desk, agent: httpx2.AsyncClient, certified: Provider, browser: Browser
) -> None:
    await known_as(door, "somebody-else", issuer=certified.issuer)
    token, _ = await invited(door, agent)
    certified.whoever("somebody-else")
    going = await browser.post(
        f"/v1/invitations/{token}/accept", {"way": "certified", "return_to": "/first"}
    )
    back = await browser.come_back(await browser.go(going.json()["continue_at"]))
    assert back.headers["location"] == "/first?error=identity-taken"
    assert (await browser.here.get(f"/v1/invitations/{token}")).status_code == 200


async def test_of_twenty_who_redeem_at_once_one_wins(door: Desk, agent: httpx2.AsyncClient) -> None:
    token, _ = await invited(door, agent)
    async with door.anybody() as guest:
        answers = await asyncio.gather(
            *(
                guest.post(
                    f"/v1/invitations/{token}/accept", json={"way": "local", "password": NEW}
                )
                for _ in range(20)
            )
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [409] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {
        "invitation-redeemed"
    }


async def test_sent_again_withdrawn_and_run_out(
    door: Desk, agent: httpx2.AsyncClient, hands: Clock
) -> None:
    """Each says what became of it, and what to do."""
    first, invitation = await invited(door, agent)
    path = f"/v1/invitations/{invitation['id']}"
    assert (await agent.post(f"{path}/resend")).status_code == 202
    second = await link_of(door, invitation["email"])
    async with door.anybody() as guest:

        async def said(token: str) -> tuple[int, str | None]:
            answer = await guest.get(f"/v1/invitations/{token}")
            return answer.status_code, answer.json().get("code")

        assert await said(first) == (410, "invitation-replaced")
        assert await said(second) == (200, None)
        hands.forward(seconds=timedelta(days=7, minutes=1).total_seconds())
        assert await said(second) == (410, "invitation-expired")
        accepted = await guest.post(
            f"/v1/invitations/{second}/accept", json={"way": "local", "password": NEW}
        )
        assert accepted.json()["code"] == "invitation-expired"
        assert await said("skl_stranger") == (404, "invitation-not-found")
        third, other = await invited(door, await _fresh(door))
        fresh = await _fresh(door)
        gone = await fresh.post(f"/v1/invitations/{other['id']}/withdrawal")
        assert gone.json()["state"] == "withdrawn"
        assert await said(third) == (410, "invitation-withdrawn")
        over = await fresh.post(f"/v1/invitations/{other['id']}/resend")
        assert over.json()["code"] == "invitation-over"


async def _fresh(door: Desk) -> httpx2.AsyncClient:
    who = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    return await signed_in_at(door, who, PORTAL)


async def test_the_link_of_an_invitation_sets_no_password_past_the_terms(
    door: Desk, agent: httpx2.AsyncClient, apply: Apply
) -> None:
    """S0-3: registering by any other route does not work."""
    await apply(with_terms())
    token, _ = await invited(door, agent)
    async with door.anybody() as guest:
        assert (await guest.get(f"/v1/password-resets/{token}")).status_code == 404
        other = await guest.post(f"/v1/password-resets/{token}", json={"password": NEW})
        assert other.status_code == 404
        assert (await guest.get(f"/v1/invitations/{token}")).status_code == 200


async def test_an_invitation_adds_no_way_in_for_whoever_has_come_in_by_another(
    door: Desk, agent: httpx2.AsyncClient
) -> None:
    """Else whoever reads his mail would get past his password and his second factor."""
    token, invitation = await invited(door, agent)
    person, address = invitation["person"]["id"], invitation["email"]
    path = f"/v1/invitations/{invitation['id']}/resend"
    assert (await agent.post(f"/v1/people/{person}/activation")).status_code == 202
    await door.work()
    link = re.search(r"/password-resets/(\S+)", text_of(door.mails(address)[-1]))
    assert link
    async with door.anybody() as guest:
        own = await guest.post(f"/v1/password-resets/{link[1]}", json={"password": NEW})
        assert own.status_code == 204
        sent = {"way": "local", "password": "another seven lemons on a boat"}
        late = await guest.post(f"/v1/invitations/{token}/accept", json=sent)
        assert (late.status_code, late.json()["code"]) == (409, "invitation-redeemed")
        again = await agent.post(path)
        assert (again.status_code, again.json()["code"]) == (409, "person-already-in")
        assert (await agent.post(path.replace("resend", "withdrawal"))).status_code == 200


async def test_a_company_administrator_invites_colleagues_and_nobody_else(door: Desk) -> None:
    """Delegated administration: his organization, no role above his own."""
    boss = await newcomer(door, role="boss", portal=PORTAL)
    async with as_client(door, boss) as client:
        new = {"name": "Colleague", "email": new_address("colleague"), "role": "member"}
        made = await client.post("/v1/invitations", json=new)
        assert made.status_code == 201, made.text
        assert made.json()["organization"]["id"] == boss.organization
        elsewhere = {
            **new,
            "email": new_address(),
            "organization": await new_organization_at(door, PORTAL),
        }
        assert (await client.post("/v1/invitations", json=elsewhere)).status_code == 404
        agent = {**new, "email": new_address(), "side": "agent", "role": "agent"}
        assert (await client.post("/v1/invitations", json=agent)).status_code in {403, 422}
        assert len((await client.get("/v1/invitations")).json()["items"]) == 1
    member = await newcomer(door, role="member", organization=boss.organization, portal=PORTAL)
    async with as_client(door, member) as client:
        refused = await client.post("/v1/invitations", json={**new, "email": new_address()})
        assert refused.status_code == 403
        assert (await client.get("/v1/invitations")).json()["items"] == []
        other = await client.post(f"/v1/invitations/{made.json()['id']}/withdrawal")
        assert other.status_code == 404
    stranger = await newcomer(door, role="boss", portal=PORTAL)
    async with as_client(door, stranger) as client:
        assert (await client.get("/v1/invitations")).json()["items"] == []
        other = await client.post(f"/v1/invitations/{made.json()['id']}/resend")
        assert other.status_code == 404


async def test_whoever_is_shut_out_meanwhile_does_not_come_in(
    door: Desk, agent: httpx2.AsyncClient
) -> None:
    token, invitation = await invited(door, agent)
    path = f"/v1/people/{invitation['person']['id']}"
    tag = (await agent.get(path)).headers["etag"]
    await agent.patch(path, json={"state": "inactive"}, headers={"If-Match": tag})
    async with door.anybody() as guest:
        answer = await guest.get(f"/v1/invitations/{token}")
        assert answer.json()["code"] == "invitation-withdrawn"


@asynccontextmanager
async def as_client(door: Desk, who: Newcomer) -> AsyncIterator[httpx2.AsyncClient]:
    client = await signed_in_at(door, who, PORTAL)
    yield client
    await client.aclose()
