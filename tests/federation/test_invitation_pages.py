"""The pages of those who are invited: terms, a password or a provider, and in."""

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.federation import PORTAL
from tests.factories.invitations import NEW, invited, with_terms
from tests.factories.pages import cookie_of, hidden, send, title
from tests.factories.people import newcomer, signed_in_at
from tests.federation.conftest import Apply

ACCEPTED = {"accept-trust": "yes", "accept-access": "yes", "terms_version": "1"}


@pytest.fixture
async def agent(door: Desk) -> httpx2.AsyncClient:
    """An agent of the portal."""
    who = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    return await signed_in_at(door, who, PORTAL)


async def test_a_guest_accepts_both_steps_chooses_a_password_and_is_in(
    door: Desk, agent: httpx2.AsyncClient, apply: Apply
) -> None:
    """S0-1 to S0-4, without a frontend."""
    await apply(with_terms())
    token, _ = await invited(door, agent)
    path = f"/invitations/{token}"
    async with door.anybody() as guest:
        page = await guest.get(path)
        assert title(page) == "Your invitation"
        for said in ("Guest of Acme", "Acme AS", "I trust you", "I get access"):
            assert said in page.text
        assert hidden(page, "terms_version") == "1"
        half = await send(guest, path, password=NEW, terms_version="1", **{"accept-trust": "yes"})
        assert half.status_code == 422
        easy = await send(guest, path, password="short", **ACCEPTED)
        assert (easy.status_code, title(easy)) == (422, "Your invitation")
        done = await send(guest, path, password=NEW, **ACCEPTED)
        assert done.headers["location"] == f"/portals/{PORTAL}/signed-in"
        arrived = await guest.get(done.headers["location"], headers={"Cookie": cookie_of(done)})
        assert "Guest of Acme" in arrived.text
        again = await guest.get(path)
        assert again.status_code in {404, 409, 410}
        assert again.headers["content-type"].startswith("text/html")


async def test_a_guest_goes_to_a_provider_once_he_has_accepted(
    door: Desk, agent: httpx2.AsyncClient, apply: Apply
) -> None:
    await apply(with_terms())
    token, _ = await invited(door, agent)
    path = f"/invitations/{token}"
    async with door.anybody() as guest:
        early = await send(guest, path, way="certified")
        assert early.status_code == 422
        page = await guest.get(path)
        assert "form-action 'self' http: https:;" in page.headers["content-security-policy"]
        off = await send(guest, path, way="certified", **ACCEPTED)
        assert off.status_code == 303
        assert "code_challenge=" in off.headers["location"]
        assert off.headers["set-cookie"].startswith("__Host-skranke-way-")


async def test_terms_that_changed_are_asked_for_at_the_next_sign_in(
    door: Desk, apply: Apply
) -> None:
    who = await newcomer(door, role="member", portal=PORTAL)
    await apply(with_terms("2"))
    here = f"/portals/{PORTAL}"
    async with door.anybody() as browser:
        answer = await send(
            browser, f"{here}/sign-in", email=who.email, password=who.password, **{"continue": "/x"}
        )
        due, cookie = answer.headers["location"], cookie_of(answer)
        assert due.startswith(f"{here}/terms?continue=")
        page = await browser.get(due, headers={"Cookie": cookie})
        assert title(page) == "The terms have changed"
        sent = {"terms_version": "2", "continue": hidden(page, "continue")}
        half = await send(browser, f"{here}/terms", cookie=cookie, **sent)
        assert half.status_code == 422
        done = await send(browser, f"{here}/terms", cookie=cookie, **{**ACCEPTED, **sent})
        assert (done.status_code, done.headers["location"]) == (303, "/x")
        next_time = await browser.get(due, headers={"Cookie": cookie})
        assert next_time.headers["location"] == "/x"


async def test_whoever_comes_back_from_a_provider_in_vain_is_told_on_the_sign_in_page(
    door: Desk,
) -> None:
    async with door.anybody() as browser:
        back = await browser.get(f"/portals/{PORTAL}/signed-in?error=invitation-needed")
        there = back.headers["location"]
        assert "error=invitation-needed" in there
        page = await browser.get(there)
        assert 'role="alert"' in page.text
        unknown = await browser.get(f"/portals/{PORTAL}/sign-in?error=no-such")
        assert 'role="alert"' not in unknown.text
