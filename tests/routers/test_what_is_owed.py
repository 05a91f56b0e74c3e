"""What a portal asks of those who are signed in already: newer terms, a second factor. Until then
a running session opens what leads there, and nothing else."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest
from sqlalchemy import select, update

from app.domain.sign_in.tokens import Origin, start_session
from app.models.people import Person
from app.models.sign_in import SignedInSession
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.apps import Flow, app_of
from tests.factories.keys import calling, key_of, service_account
from tests.factories.people import PASSWORD, Clock, Newcomer, as_system, newcomer, signed_in_at

Client = httpx2.AsyncClient
Ask = Callable[..., Awaitable[None]]
PORTAL = "demanding"
BROWSER = {"Sec-Fetch-Site": "same-origin"}
YES = {"version": "2", "accepted": ["trust", "access"]}


@pytest.fixture
async def ask(desk: Desk, tmp_path: Path) -> Ask:
    """Puts what the portal asks in force; nothing at first."""

    async def put(terms: str | None = None, factor_of: tuple[str, ...] = ()) -> None:
        written = definitions.document()
        written["portal"] |= {"slug": PORTAL, "number_prefix": "DEM"}
        written["sign_in"]["second_factor"] = {"required_of": list(factor_of)}
        written["roles"].append(definitions.named("chief", side="agent", like="tenant_admin"))
        if terms:
            steps = [definitions.named("trust"), definitions.named("access")]
            written["sign_in"]["terms"] = {"version": terms, "steps": steps}
        file = tmp_path / "demanding.yaml"
        file.write_text(definitions.text_of(written))
        await desk.apply(file)

    await put()
    return put


async def somebody(desk: Desk, role: str = "member", **more: Any) -> tuple[Newcomer, Client]:
    """Somebody of the portal, and a client of his."""
    who = await newcomer(desk, role=role, portal=PORTAL, **more)
    return who, await signed_in_at(desk, who, PORTAL)


async def code_of(client: Client, path: str = "/v1/tickets", **more: Any) -> str | None:
    """With which code somebody is refused; `None` where he is not."""
    answer = await client.get(path, **more)
    return None if answer.is_success else str(answer.json()["code"])


async def test_newer_terms_shut_a_running_session_until_they_are_accepted(
    desk: Desk, ask: Ask
) -> None:
    """S0-4: what was accepted counts for the version it was."""
    await ask("1")
    who = await newcomer(desk, role="member", portal=PORTAL)
    sent = {"email": who.email, "password": PASSWORD}
    come = (await desk.anybody().post(f"/v1/portals/{PORTAL}/sessions", json=sent)).json()
    assert come["state"] == "terms_acceptance_required"
    client = desk.anybody(Authorization=f"Bearer {come['access_token']}")
    first = {"version": "1", "accepted": ["trust", "access"]}
    assert (await client.post("/v1/me/terms", json=first)).status_code == 200
    assert await code_of(client) is None

    await ask("2")
    shut = await client.get("/v1/tickets")
    assert (shut.status_code, shut.json()["code"]) == (403, "terms-acceptance-required")
    assert shut.headers["link"] == '</v1/me/terms>; rel="terms-of-service"'
    written = await client.patch("/v1/me", json={"name": "X"}, headers={"If-Match": '"1"'})
    assert written.json()["code"] == "terms-acceptance-required"
    assert (await client.get("/v1/me")).json()["must_accept_terms"] is True
    assert (await client.get("/v1/me/sessions")).status_code == 200
    assert (await client.get("/v1/me/terms")).json()["due"]["version"] == "2"
    half = await client.post("/v1/me/terms", json=YES | {"accepted": ["trust"]})
    assert (half.status_code, await code_of(client)) == (422, "terms-acceptance-required")
    assert (await client.post("/v1/me/terms", json=YES)).json() == {"due": None}
    assert await code_of(client) is None
    assert (await client.get("/v1/me")).json()["must_accept_terms"] is False


async def test_a_renewed_session_owes_as_much_and_signing_out_is_open(desk: Desk, ask: Ask) -> None:
    who = await newcomer(desk, role="member", portal=PORTAL)
    sent = {"email": who.email, "password": PASSWORD}
    come = (await desk.anybody().post(f"/v1/portals/{PORTAL}/sessions", json=sent)).json()
    assert come["state"] == "signed_in"
    await ask("2", ("agents",))
    again = await desk.anybody().post(
        "/v1/sessions/refresh", json={"refresh_token": come["refresh_token"]}
    )
    assert again.json()["state"] == "terms_acceptance_required"
    client = desk.anybody(Authorization=f"Bearer {again.json()['access_token']}")
    assert await code_of(client) == "terms-acceptance-required"
    assert (await client.delete("/v1/sessions/current")).status_code == 204


async def test_a_cookie_is_led_to_the_terms_and_on(desk: Desk, ask: Ask) -> None:
    who = await newcomer(desk, role="member", portal=PORTAL)
    browser = desk.anybody(**BROWSER)
    browser.base_url = httpx2.URL("https://testserver")
    form = {"email": who.email, "password": PASSWORD}
    assert (await browser.post(f"/portals/{PORTAL}/sign-in", data=form)).status_code == 303
    await ask("2")
    led = await browser.get(f"/portals/{PORTAL}/signed-in")
    there = f"/portals/{PORTAL}/terms?continue=%2Fportals%2F{PORTAL}%2Fsigned-in"
    assert (led.status_code, led.headers["location"]) == (303, there)
    assert (await browser.get(there)).status_code == 200
    onward = f"/portals/{PORTAL}/signed-in"
    yes = {"terms_version": "2", "accept-trust": "yes", "accept-access": "yes", "continue": onward}
    done = await browser.post(f"/portals/{PORTAL}/terms", data=yes)
    assert (done.status_code, done.headers["location"]) == (303, onward)
    assert (await browser.get(onward)).status_code == 200


async def test_an_app_waits_for_its_person_and_keys_and_service_accounts_do_not(
    desk: Desk, ask: Ask
) -> None:
    _, chief = await somebody(desk, "chief", side="agent")
    _, member = await somebody(desk)
    flow = Flow(desk, await app_of(chief, scopes=["tickets:read:own"]))
    tokens = (await flow.exchange(await flow.code(member))).json()
    app = desk.anybody(Authorization=f"Bearer {tokens['access_token']}")
    key = calling(desk, await key_of(chief, "tickets:read:tenant"))
    robot = await service_account(chief)
    service = calling(desk, await key_of(chief, "tickets:read:tenant", person=robot))
    await ask("2", ("agents", "admins"))
    assert await code_of(app) == "terms-acceptance-required"
    assert await code_of(app, "/v1/me/terms") == "only-in-person"
    assert await code_of(chief) == "second-factor-required"
    assert (await code_of(key), await code_of(service)) == (None, None)
    assert (await member.post("/v1/me/terms", json=YES)).status_code == 200
    assert await code_of(app) is None


async def test_a_second_factor_that_becomes_required_narrows_running_sessions(
    desk: Desk, ask: Ask, hands: Clock
) -> None:
    _, agent = await somebody(desk, "agent", side="agent")
    _, boss = await somebody(desk, "boss")
    _, member = await somebody(desk)
    await ask(factor_of=("agents",))
    told = [await code_of(client) for client in (agent, boss, member)]
    assert told == ["second-factor-required", None, None]
    await ask("2", ("admins",))
    told = [await code_of(client) for client in (agent, boss, member)]
    terms = "terms-acceptance-required"
    assert told == [terms, "second-factor-required", terms]

    mine = (await boss.get("/v1/me")).json()
    assert (mine["must_add_factor"], mine["must_accept_terms"]) == (True, True)
    # First the factor, then the terms.
    assert await code_of(boss, "/v1/me/terms") == "second-factor-required"
    assert (await boss.get("/v1/me/factors")).json()["required"]
    new = await boss.post("/v1/me/factors", json={"label": "Phone", "password": PASSWORD})
    assert new.status_code == 201
    assert await code_of(boss) == "second-factor-required"
    shown = pyotp.TOTP(new.json()["secret"]).at(hands.now)
    path = f"/v1/me/factors/{new.json()['id']}/confirmation"
    assert (await boss.post(path, json={"code": shown})).status_code == 200
    assert await code_of(boss) == terms
    assert (await boss.post("/v1/me/terms", json=YES)).status_code == 200
    assert await code_of(boss) is None


async def test_a_page_leads_whoever_needs_a_factor_through_the_way_in(desk: Desk, ask: Ask) -> None:
    who = await newcomer(desk, role="boss", portal=PORTAL)
    browser = desk.anybody(**BROWSER)
    browser.base_url = httpx2.URL("https://testserver")
    form = {"email": who.email, "password": PASSWORD}
    await browser.post(f"/portals/{PORTAL}/sign-in", data=form)
    await ask(factor_of=("admins",))
    led = await browser.get(f"/portals/{PORTAL}/signed-in")
    assert led.status_code == 303
    assert "error=second-factor-required" in led.headers["location"]
    page = await browser.get(led.headers["location"])
    assert "A second factor must be added first" in page.text
    assert (await browser.post(f"/portals/{PORTAL}/sign-out")).status_code == 200


async def test_whom_a_provider_vouches_for_is_its_to_ask_through_an_app_too(
    desk: Desk, ask: Ask
) -> None:
    who, alone = await somebody(desk, "agent", side="agent")
    _, chief = await somebody(desk, "chief", side="agent")
    flow = Flow(desk, await app_of(chief, scopes=["tickets:read:tenant"]))
    async with as_system(desk, PORTAL) as (session, system):
        person = await session.scalar(select(Person).where(Person.id == who.id))
        assert person
        tokens = await start_session(
            session,
            system,
            person,
            delivery="tokens",
            origin=Origin("test"),
            way="oidc:elsewhere",
            vouched_for=True,
        )
    vouched = desk.anybody(Authorization=f"Bearer {tokens.access}")
    given = (await flow.exchange(await flow.code(vouched))).json()
    app = desk.anybody(Authorization=f"Bearer {given['access_token']}")
    await ask(factor_of=("agents",))
    assert await code_of(alone) == "second-factor-required"
    assert (await code_of(vouched), await code_of(app)) == (None, None)
    async with as_system(desk, PORTAL) as (session, system):
        await session.execute(
            update(SignedInSession)
            .where(SignedInSession.tenant_id == system.tenant_id)
            .values(vouched_for=False)
        )
    assert await code_of(app) == "second-factor-required"


async def test_nobody_of_another_portal_owes_anything(
    desk: Desk, ask: Ask, member: Client, agent: Client
) -> None:
    await ask("2", ("agents", "admins"))
    assert (await code_of(member), await code_of(agent)) == (None, None)
