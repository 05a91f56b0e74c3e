"""What attackers try on the way there and back, and what happens when a provider is away."""

from urllib.parse import urlsplit

import httpx2
import pytest

from app.domain.federation.lifecycle import may_return_to
from tests.desk import Desk
from tests.factories.definitions import Document
from tests.factories.federation import PORTAL, known_as, oidc
from tests.factories.people import Clock, newcomer, signed_in_at
from tests.federation.conftest import Apply
from tests.providers.browser import Browser, asked
from tests.providers.certified import Provider


async def on_the_way(browser: Browser, certified: Provider, account: str) -> str:
    """The address at which a browser comes back, not opened yet."""
    certified.whoever(account)
    started = await browser.start(PORTAL, "certified", return_to="/in")
    return await browser.go(started.headers["location"])


async def test_an_answer_is_taken_once(door: Desk, certified: Provider, browser: Browser) -> None:
    await known_as(door, "once", issuer=certified.issuer)
    back = await on_the_way(browser, certified, "once")
    kept = dict(browser.here.cookies)
    first = await browser.come_back(back)
    assert first.headers["location"] == "/in"
    browser.here.cookies.update(kept)
    again = await browser.come_back(back)
    assert (again.status_code, again.json()["code"]) == (400, "sign-in-not-yours")


@pytest.mark.parametrize("form", [b"a=b&" * 500, b"\xff", b"", b"logout_token=%00"])
async def test_what_is_no_logout_token_is_refused(door: Desk, form: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with door.anybody() as somebody:
        for portal, status in ((PORTAL, 400), ("%00", 404)):
            path = f"/v1/portals/{portal}/oidc/certified/logout"
            answer = await somebody.post(path, content=form, headers=headers)
            assert answer.status_code == status


async def test_an_answer_is_taken_from_the_browser_that_began_and_no_other(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """Nobody is signed in as somebody else by opening his link (login CSRF)."""
    await known_as(door, "attacker-himself", issuer=certified.issuer)
    back = await on_the_way(browser, certified, "attacker-himself")
    victim = Browser(door)
    refused = await victim.come_back(back)
    assert (refused.status_code, refused.json()["code"]) == (400, "sign-in-not-yours")
    name, value = next(iter(browser.here.cookies.items()))
    victim.here.cookies.set(name, value[::-1])
    assert (await victim.come_back(back)).status_code == 400
    assert (await victim.me()).status_code == 401
    await victim.close()
    assert (await browser.come_back(back)).headers["location"] == "/in"


async def test_states_of_two_ways_cannot_be_swapped(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    await known_as(door, "two-tabs", issuer=certified.issuer)
    one = await on_the_way(browser, certified, "two-tabs")
    other = await on_the_way(browser, certified, "two-tabs")
    swapped = one.replace(asked(one)["state"], asked(other)["state"])
    refused = await browser.come_back(swapped)
    assert refused.headers["location"] == "/in?error=identity-not-proven"
    assert (await browser.come_back(one)).headers["location"] == "/in"


async def test_an_answer_of_another_provider_than_was_asked_is_refused(
    door: Desk, certified: Provider, another: Provider, browser: Browser
) -> None:
    """Mix-up (RFC 9207): both providers know the portal by the same name and secret."""
    await known_as(door, "mixed", issuer=certified.issuer)
    another.whoever("mixed")
    started = await browser.start(PORTAL, "certified", return_to="/in")
    sent = urlsplit(started.headers["location"])
    back = await browser.go(f"{another.issuer}{sent.path}?{sent.query}")
    refused = await browser.come_back(back)
    assert refused.headers["location"] == "/in?error=identity-not-proven"

    started = await browser.start(PORTAL, "certified", return_to="/in")
    sent = urlsplit(started.headers["location"])
    back = await browser.go(f"{another.issuer}{sent.path}?{sent.query}")
    named = asked(back)["iss"]
    forged = str(httpx2.URL(back).copy_set_param("iss", certified.issuer))
    assert named == another.issuer
    refused = await browser.come_back(forged)
    assert refused.headers["location"] == "/in?error=identity-not-proven"


async def test_a_code_of_another_browser_is_of_no_use(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """Code injection: PKCE binds a code to the browser that asked for it."""
    await known_as(door, "victim-of-injection", issuer=certified.issuer)
    stolen = asked(await on_the_way(browser, certified, "victim-of-injection"))["code"]
    thief = Browser(door)
    own = await on_the_way(thief, certified, "thief")
    forged = str(httpx2.URL(own).copy_set_param("code", stolen))
    refused = await thief.come_back(forged)
    assert refused.headers["location"] == "/in?error=identity-not-proven"
    assert (await thief.me()).status_code == 401
    await thief.close()


async def test_whoever_says_no_there_is_sent_back_with_it(
    certified: Provider, browser: Browser
) -> None:
    certified.whoever("nobody", refuses=True)
    back = await browser.sign_in(PORTAL, "certified", return_to="/in")
    assert back.headers["location"] == "/in?error=sign-in-declined"


async def test_a_way_that_takes_too_long_is_over(
    door: Desk, certified: Provider, browser: Browser, hands: Clock
) -> None:
    await known_as(door, "slow", issuer=certified.issuer)
    back = await on_the_way(browser, certified, "slow")
    hands.forward(minutes=16)
    assert (await browser.come_back(back)).json()["code"] == "sign-in-not-yours"


async def test_what_is_not_known_in_the_answer_is_ignored(browser: Browser) -> None:
    """A protocol route: unknown parameters are no mistake (RFC 6749, 4.1.2)."""
    path = "/v1/oidc/callback?state=x&code=y"
    assert (await browser.here.get(f"{path}&unknown=1")).json()["code"] == "sign-in-not-yours"


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "https://www.small.example.evil.example/",
        "https://www.small.example@evil.example/",
        "http://www.small.example/",
        "javascript:alert(1)",
        "/a\nb",
        "\thttps://evil.example",
        "https:evil.example",
        "welcome",
    ],
)
async def test_nobody_is_sent_to_a_strangers_page(browser: Browser, address: str) -> None:
    refused = await browser.start(PORTAL, "certified", return_to=address)
    assert (refused.status_code, refused.json()["code"]) == (422, "return-address-refused")


def test_own_paths_and_named_origins_are_fine() -> None:
    """S0-8, S4-19: a company's site may have people come back to it."""
    origins = {"https://www.small.example"}
    for address in ("/", "/a?b=c#d", "https://www.small.example", "https://www.small.example/in?x"):
        assert may_return_to(address, origins)


async def test_a_provider_that_is_away_stops_nobody_else(
    door: Desk, browser: Browser, apply: Apply
) -> None:
    """Local people and whoever is signed in go on; who wants that provider is told."""
    who = await newcomer(door, role="member", portal=PORTAL)
    signed_in = await signed_in_at(door, who, PORTAL)

    def bend(written: Document) -> None:
        written["sign_in"]["providers"].append(oidc("away", "http://127.0.0.1:9"))

    await apply(bend)
    refused = await browser.start(PORTAL, "away")
    assert (refused.status_code, refused.json()["code"]) == (503, "provider-out-of-reach")
    assert refused.headers["retry-after"]
    assert (await signed_in.get("/v1/me")).status_code == 200
    again = await signed_in_at(door, who, PORTAL)
    assert (await again.get("/v1/me")).status_code == 200


async def test_a_provider_that_is_another_than_configured_is_not_used(
    browser: Browser, apply: Apply, certified: Provider
) -> None:
    def bend(written: Document) -> None:
        elsewhere = certified.issuer.replace("127.0.0.1", "localhost")
        written["sign_in"]["providers"].append(oidc("wrong", elsewhere))

    await apply(bend)
    assert (await browser.start(PORTAL, "wrong")).status_code == 503


async def test_no_such_provider(browser: Browser) -> None:
    assert (await browser.start(PORTAL, "unknown")).json()["code"] == "provider-not-found"


async def test_whoever_is_shut_out_is_not_let_in_by_his_account(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """And what he was signed in with has ended."""
    who = await known_as(door, "leaver", issuer=certified.issuer)
    certified.whoever("leaver")
    assert (await browser.sign_in(PORTAL, "certified", return_to="/in")).status_code == 302
    agent = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    client = await signed_in_at(door, agent, PORTAL)
    tag = (await client.get(f"/v1/people/{who.id}")).headers["etag"]
    left = {"state": "inactive"}
    await client.patch(f"/v1/people/{who.id}", json=left, headers={"If-Match": tag})
    assert (await browser.me()).status_code == 401
    back = await browser.sign_in(PORTAL, "certified", return_to="/in")
    assert back.headers["location"] == "/in?error=access-ended"
