"""Accounts of one's own elsewhere: added from within a session, removed; and signing out there."""

import json
import time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete

from app.models.sign_in import Credential
from app.web.turns import Turns
from tests.desk import Desk
from tests.factories.directories import DIRECTORY, bend_with
from tests.factories.federation import PORTAL, known_as
from tests.factories.people import (
    PASSWORD,
    Clock,
    as_system,
    new_address,
    newcomer,
    signed_in_at,
)
from tests.federation.conftest import Apply
from tests.providers.browser import PAGE, Browser
from tests.providers.certified import Provider
from tests.providers.entra import Entra

START = "/v1/me/identities/certified/start"
LINK = {"return_to": "/settings", "password": PASSWORD}


async def signed_in(door: Desk, browser: Browser) -> str:
    """Sign a browser in with a password; answers the person's id."""
    who = await newcomer(door, role="member", portal=PORTAL)
    body = {"email": who.email, "password": PASSWORD, "delivery": "cookie"}
    answer = await browser.here.post(f"/v1/portals/{PORTAL}/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return who.id


async def linked(browser: Browser, certified: Provider, account: str) -> str:
    certified.whoever(account)
    started = await browser.post(START, LINK)
    assert started.status_code == 200, started.text
    back = await browser.come_back(await browser.go(started.json()["continue_at"]))
    return str(back.headers["location"])


async def test_an_account_added_while_signed_in_signs_in_from_then_on(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    person = await signed_in(door, browser)
    assert await linked(browser, certified, "added") == "/settings"
    held = (await browser.here.get("/v1/me/identities")).json()["items"]
    assert [(each["provider"], each["account"]) for each in held] == [("certified", "added")]
    elsewhere = Browser(door)
    certified.whoever("added")
    await elsewhere.sign_in(PORTAL, "certified", return_to="/in")
    assert (await elsewhere.me()).json()["id"] == person

    path = f"/v1/me/identities/{held[0]['id']}/removal"
    for sent, code in (({}, "password-needed"), ({"password": "not it"}, "password-wrong")):
        refused = await browser.post(path, sent)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["pointer"] == "/password"
    assert (await elsewhere.me()).status_code == 200
    removed = await browser.post(path, {"password": PASSWORD})
    assert removed.status_code == 204
    assert (await elsewhere.me()).status_code == 401
    back = await elsewhere.sign_in(PORTAL, "certified", return_to="/in")
    assert back.headers["location"] == "/in?error=invitation-needed"
    await elsewhere.close()


async def test_an_account_signs_one_person_in(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    await known_as(door, "taken", issuer=certified.issuer)
    await signed_in(door, browser)
    assert await linked(browser, certified, "taken") == "/settings?error=identity-taken"
    assert (await browser.here.get("/v1/me/identities")).json()["items"] == []


async def test_an_account_is_added_only_while_the_session_lasts(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    await signed_in(door, browser)
    certified.whoever("too-late")
    started = await browser.post(START, LINK)
    back = await browser.go(started.json()["continue_at"])
    await browser.here.delete("/v1/sessions/current", headers=PAGE)
    refused = await browser.come_back(back)
    assert refused.headers["location"] == "/settings?error=sign-in-not-yours"


async def test_nobody_removes_his_last_way_in_or_somebody_elses_account(
    door: Desk, certified: Provider, browser: Browser, apply: Apply
) -> None:
    await signed_in(door, browser)
    await linked(browser, certified, "the-last-one")
    held = (await browser.here.get("/v1/me/identities")).json()["items"][0]
    other = await newcomer(door, role="member", portal=PORTAL)
    client = await signed_in_at(door, other, PORTAL)
    path = f"/v1/me/identities/{held['id']}/removal"
    assert (await client.post(path, json={"password": PASSWORD})).status_code == 404

    def without_passwords(written: Any) -> None:
        written["sign_in"]["local"]["enabled"] = False

    await apply(without_passwords)
    refused = await browser.post(path, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "last-way-in")


async def test_another_site_cannot_begin_it(door: Desk, browser: Browser) -> None:
    """A cross-site form cannot add an attacker's account to a victim."""
    await signed_in(door, browser)
    assert (await browser.here.post(START, json=LINK)).status_code == 403


async def test_a_session_that_was_found_open_adds_no_account(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """Whoever finds a phone has no way in of his own afterwards."""
    await signed_in(door, browser)
    certified.whoever("finder")
    for sent, code in (({}, "password-needed"), ({"password": "not it"}, "password-wrong")):
        refused = await browser.post(START, sent)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert "set-cookie" not in refused.headers
    tried = [(await browser.post(START, {"password": "not it"})).status_code for _ in range(6)]
    assert tried[-1] == 429
    assert (await browser.here.get("/v1/me/identities")).json()["items"] == []


async def test_whoever_has_no_password_must_have_signed_in_a_moment_ago(
    door: Desk, certified: Provider, browser: Browser, apply: Apply, hands: Clock
) -> None:
    who = await known_as(door, "without", issuer=certified.issuer)
    async with as_system(door, PORTAL) as (session, system):
        await session.execute(
            delete(Credential).where(
                Credential.tenant_id == system.tenant_id, Credential.person_id == UUID(who.id)
            )
        )
    certified.whoever("without")
    await browser.sign_in(PORTAL, "certified", return_to="/in")
    start = "/v1/me/identities/another/start"
    held = (await browser.here.get("/v1/me/identities")).json()["items"][0]["id"]
    assert (await browser.post(start, {})).status_code == 200
    hands.forward(minutes=16)
    for path in (start, f"/v1/me/identities/{held}/removal"):
        refused = await browser.post(path, {})
        assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")


async def test_signing_out_names_where_to_sign_out_there_too(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """RP-Initiated Logout 1.0."""
    await known_as(door, "leaving", issuer=certified.issuer)
    certified.whoever("leaving")
    await browser.sign_in(PORTAL, "certified", return_to="/in")
    out = await browser.here.delete("/v1/sessions/current", headers=PAGE)
    assert out.status_code == 204
    assert f"<{certified.issuer}/session/end?client_id=portal>" in out.headers["link"]
    assert (await browser.me()).status_code == 401


def logout_token(held: Entra, **changed: Any) -> str:
    now = int(time.time())
    assert held.who
    claims = {
        **held.claims(held.who, "unused"),
        "iat": now,
        "jti": str(uuid4()),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        **changed,
    }
    del claims["nonce"]
    claims |= {name: value for name, value in changed.items() if name == "nonce"}
    return held.signed({name: value for name, value in claims.items() if value is not None})


async def test_signing_out_there_signs_out_here_once(
    door: Desk, microsoft: Entra, browser: Browser, apply: Apply
) -> None:
    """Back-Channel Logout 1.0: a token that fits ends the sessions, and no other."""
    await apply(bend_with(microsoft))
    who = microsoft.who = microsoft.account(DIRECTORY, "out@acme.example")
    await known_as(door, who.oid, provider="microsoft", issuer=microsoft.issuer(DIRECTORY))
    await browser.sign_in(PORTAL, "microsoft", return_to="/in")
    assert (await browser.me()).status_code == 200
    path = f"/v1/portals/{PORTAL}/oidc/microsoft/logout"
    for bad in (
        logout_token(microsoft, aud="another"),
        logout_token(microsoft, iss="https://issuer.example"),
        logout_token(microsoft, events={}),
        logout_token(microsoft, nonce="an ID token shown around"),
        logout_token(microsoft, jti=None),
        logout_token(microsoft, iat=int(time.time()) - 7200, exp=None),
        "nothing",
        "",
    ):
        refused = await browser.here.post(path, data={"logout_token": bad})
        assert (refused.status_code, refused.json()["code"]) == (400, "logout-token-refused")
    assert (await browser.me()).status_code == 200
    token = logout_token(microsoft)
    assert (await browser.here.post(path, data={"logout_token": token})).status_code == 204
    assert (await browser.me()).status_code == 401
    again = await browser.here.post(path, data={"logout_token": token})
    assert again.status_code == 400
    assert json.loads(again.content)["code"] == "logout-token-refused"


async def test_whoever_is_sent_away_from_the_line_has_begun_nothing(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    await signed_in(door, browser)
    usual = door.app.state.password_turns
    door.app.state.password_turns = Turns(at_once=1, longest=1, most_waiting=0)
    try:
        refused = await browser.post(START, LINK)
    finally:
        door.app.state.password_turns = usual
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "set-cookie" not in refused.headers
    assert await linked(browser, certified, new_address("later")) == "/settings"
