"""There and back with a certified provider: whoever is known comes in, and nobody else."""

from tests.desk import Desk
from tests.factories.definitions import Document
from tests.factories.federation import PORTAL, known_as, oidc
from tests.factories.people import new_address
from tests.federation.conftest import Apply
from tests.providers.browser import Browser, asked
from tests.providers.certified import Provider


async def test_the_portal_lists_its_providers(door: Desk) -> None:
    """S0-6: what the button says, and where it leads."""
    async with door.anybody() as anybody:
        ways = (await anybody.get(f"/v1/portals/{PORTAL}")).json()["sign_in"]
    assert [(way["kind"], way["key"], way["label"]) for way in ways] == [
        ("local", None, None),
        ("oidc", "certified", "Sign in with certified"),
        ("oidc", "another", "Sign in with another"),
    ]
    assert ways[1]["start_url"] == f"/v1/portals/{PORTAL}/oidc/certified/start"


async def test_somebody_whose_account_is_known_is_signed_in(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    who = await known_as(door, "kari", issuer=certified.issuer)
    certified.whoever("kari")
    back = await browser.sign_in(PORTAL, "certified", return_to="/welcome?from=site")
    assert back.status_code == 302
    assert back.headers["location"] == "/welcome?from=site"
    me = (await browser.me()).json()
    assert me["id"] == who.id
    cookies = [value for name, value in back.headers.multi_items() if name == "set-cookie"]
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-skranke="))
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert word in session


async def test_the_way_there_is_code_with_pkce_state_and_nonce(browser: Browser) -> None:
    started = await browser.start(PORTAL, "certified")
    sent = asked(started.headers["location"])
    assert sent["response_type"] == "code"
    assert sent["code_challenge_method"] == "S256"
    assert len(sent["code_challenge"]) == 43
    assert len(sent["state"]) > 40
    assert len(sent["nonce"]) == 43
    assert sent["redirect_uri"].endswith("/v1/oidc/callback")
    assert "client_secret" not in started.headers["location"]


async def test_somebody_unknown_is_told_to_ask_for_an_invitation_and_is_not_made(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """S0-3: there is no other way in than an invitation."""
    certified.whoever(new_address("stranger"))
    back = await browser.sign_in(PORTAL, "certified", return_to="/in")
    assert back.headers["location"] == "/in?error=invitation-needed"
    assert (await browser.me()).status_code == 401


async def test_an_address_says_nothing_about_who_somebody_is(
    door: Desk, certified: Provider, browser: Browser
) -> None:
    """nOAuth: a foreign account that carries a victim's address, verified even, reaches nothing."""
    victim = await known_as(door, "victim", issuer=certified.issuer)
    certified.whoever("attacker", email=victim.email)
    back = await browser.sign_in(PORTAL, "certified", return_to="/in")
    assert back.headers["location"] == "/in?error=invitation-needed"
    assert (await browser.me()).status_code == 401


async def test_google_is_known_by_its_subject_too(
    door: Desk, certified: Provider, browser: Browser, apply: Apply
) -> None:
    def bend(written: Document) -> None:
        google = oidc("google", certified.issuer, kind="google")
        written["sign_in"]["providers"].append({**google, "labels": {}})

    await apply(bend)
    who = await known_as(door, "g-1", provider="google", issuer=certified.issuer)
    certified.whoever("g-1")
    back = await browser.sign_in(PORTAL, "google", return_to="/in")
    assert back.headers["location"] == "/in"
    assert (await browser.me()).json()["id"] == who.id
    async with door.anybody() as anybody:
        ways = (await anybody.get(f"/v1/portals/{PORTAL}")).json()["sign_in"]
    assert ways[-1]["label"] == "Sign in with Google"


async def test_what_signs_in_at_one_provider_says_nothing_at_another(
    door: Desk, certified: Provider, another: Provider, browser: Browser
) -> None:
    """The same subject elsewhere is somebody else."""
    await known_as(door, "twin", issuer=certified.issuer)
    another.whoever("twin")
    back = await browser.sign_in(PORTAL, "another", return_to="/in")
    assert back.headers["location"] == "/in?error=invitation-needed"
