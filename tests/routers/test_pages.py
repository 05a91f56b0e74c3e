"""Pages of signing in: forms of our own alone, refusals that say what to do."""

import re
from html import unescape

import httpx2
import pyotp
import pytest

from tests.desk import Desk
from tests.factories.pages import OWN, cookie_of, hidden, picture, send, title
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    Newcomer,
    new_network,
    newcomer,
    signed_in,
    try_to_sign_in,
)
from tests.mailbox import text_of

Client = httpx2.AsyncClient
HERE = "/portals/crm-service"


@pytest.fixture
def browser(desk: Desk) -> Client:
    """A browser in a network of its own."""
    return desk.anybody(address=new_network())


async def test_somebody_signs_in_and_arrives_where_he_wanted_to_go(
    desk: Desk, browser: Client
) -> None:
    who = await newcomer(desk)
    page = await browser.get(f"{HERE}/sign-in", params={"continue": "/v1/me"})
    assert (page.status_code, title(page)) == (200, "Sign in")
    answer = await send(
        browser,
        f"{HERE}/sign-in",
        email=who.email,
        password=PASSWORD,
        **{"continue": hidden(page, "continue")},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/me")
    assert "Secure" in answer.headers["set-cookie"]
    me = await browser.get("/v1/me", headers={"Cookie": cookie_of(answer)})
    assert me.json()["email"] == who.email


async def test_a_wrong_password_shows_the_form_again_with_the_address_and_what_is_wrong(
    desk: Desk, browser: Client
) -> None:
    who = await newcomer(desk)
    known = await send(browser, f"{HERE}/sign-in", email=who.email, password="not his at all")
    unknown = await send(browser, f"{HERE}/sign-in", email="x@y.example", password="not his at all")
    assert known.status_code == unknown.status_code == 401
    assert f'value="{who.email}"' in known.text
    assert "not his at all" not in known.text
    assert 'role="alert"' in known.text
    assert "set-cookie" not in known.headers


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"],
)
async def test_nobody_is_sent_elsewhere(desk: Desk, browser: Client, elsewhere: str) -> None:
    who = await newcomer(desk)
    sent = {"email": who.email, "password": PASSWORD, "continue": elsewhere}
    answer = await send(browser, f"{HERE}/sign-in", **sent)
    assert answer.headers["location"] == f"{HERE}/signed-in"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_of_another_site_does_nothing(
    desk: Desk, browser: Client, headers: dict[str, str]
) -> None:
    who = await newcomer(desk)
    sent = {"email": who.email, "password": PASSWORD}
    answer = await browser.post(f"{HERE}/sign-in", data=sent, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_page_loads_and_runs_nothing_and_is_framed_by_nobody(browser: Client) -> None:
    page = await browser.get(f"{HERE}/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in page.text
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert f'<style nonce="{nonce[1]}">' in page.text
    again = await browser.get(f"{HERE}/sign-in")
    assert nonce[1] not in again.headers["content-security-policy"]
    style = await browser.get("/pages/style.css")
    assert "url(" not in style.text


async def test_what_is_sent_stands_in_the_page_as_text(browser: Client) -> None:
    evil = '"><script>alert(1)</script>'
    answer = await send(browser, f"{HERE}/sign-in", email=evil, password="x")
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("asks", "language"), [("sv", "sv"), ("it;q=0.9", "it"), ("de", "fi"), ("", "fi")]
)
async def test_a_page_speaks_the_language_asked_for_else_the_portals(
    desk: Desk, asks: str, language: str
) -> None:
    page = await desk.anybody(**{"Accept-Language": asks}).get(f"{HERE}/sign-in")
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language


async def test_an_unknown_portal_or_link_is_said_on_a_page(browser: Client) -> None:
    for path in (
        "/portals/no-such/sign-in",
        "/portals/%00/sign-in",
        "/password-resets/skl_no-such",
        "/password-resets/%00",
    ):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "<h1>" in answer.text


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"email=%00&password=%ff", b"&" * 2000, b"[1]"])
async def test_a_form_that_is_none_is_refused_as_a_page(browser: Client, body: bytes) -> None:
    headers = OWN | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.post(f"{HERE}/sign-in", content=body, headers=headers)
    assert answer.status_code in {401, 422}
    assert answer.headers["content-type"].startswith("text/html")


async def test_the_second_factor_is_asked_for_on_the_next_page(
    desk: Desk, browser: Client, hands: Clock
) -> None:
    who = await newcomer(desk)
    client = await signed_in(desk, who)
    begun = await client.post("/v1/me/factors", json={"label": "Phone", "password": PASSWORD})
    totp = pyotp.TOTP(begun.json()["secret"])
    path = f"/v1/me/factors/{begun.json()['id']}/confirmation"
    codes = (await client.post(path, json={"code": totp.at(hands.now)})).json()["items"]
    hands.forward(seconds=30)

    page = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    assert (page.status_code, title(page)) == (200, "Confirm that it is you")
    assert "set-cookie" not in page.headers
    sent = {name: hidden(page, name) for name in ("challenge", "continue")}
    wrong = await send(browser, f"{HERE}/sign-in/factor", code="000000", **sent)
    assert (wrong.status_code, hidden(wrong, "challenge")) == (422, sent["challenge"])
    # What no picture holds is drawn in none.
    vast = sent | {"address": "otpauth://" + "x" * 3900, "secret": "x"}
    wrong = await send(browser, f"{HERE}/sign-in/factor", code="000000", **vast)
    assert (wrong.status_code, "<svg" in wrong.text) == (422, False)
    right = await send(browser, f"{HERE}/sign-in/factor", code=totp.at(hands.now), **sent)
    assert right.status_code == 303
    assert cookie_of(right).startswith("__Host-skranke=")

    again = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    sent = {name: hidden(again, name) for name in ("challenge", "continue")}
    lost = await send(browser, f"{HERE}/sign-in/factor", code=codes[0].upper(), **sent)
    assert lost.status_code == 303


async def test_whoever_needs_a_factor_adds_it_on_the_way_and_sees_the_picture_again_when_he_errs(
    desk: Desk, strict: str, browser: Client, hands: Clock
) -> None:
    who = await newcomer(desk, side="agent", role="agent", portal=strict)
    here = f"/portals/{strict}"
    page = await send(browser, f"{here}/sign-in", email=who.email, password=PASSWORD)
    assert (page.status_code, title(page)) == (200, "Add a second factor")
    drawn, secret = picture(page)
    sent = {name: hidden(page, name) for name in ("challenge", "continue")}
    assert page.text.replace(" ", "").count(secret) == 1

    # What is drawn again comes from what is kept; what is sent with the form is not believed.
    forged = sent | {"address": "otpauth://totp/x?secret=AAAA", "secret": "AAAA"}
    wrong = await send(browser, f"{here}/sign-in/factor", code="000000", **forged)
    assert (wrong.status_code, title(wrong)) == (422, "Add a second factor")
    assert picture(wrong) == (drawn, secret)

    code = pyotp.TOTP(secret).at(hands.now)
    right = await send(browser, f"{here}/sign-in/factor", code=code, **sent)
    assert (right.status_code, title(right)) == (200, "Your recovery codes")
    assert cookie_of(right).startswith("__Host-skranke=")


async def test_a_forgotten_password_is_set_by_the_link_in_the_mail(
    desk: Desk, browser: Client
) -> None:
    who = await newcomer(desk)
    known = await send(browser, f"{HERE}/forgotten-password", email=who.email)
    unknown = await send(browser, f"{HERE}/forgotten-password", email="nobody@people.example")
    nonce = re.compile(r'nonce="[^"]*"')
    assert nonce.sub("", known.text) == nonce.sub("", unknown.text)
    await desk.work()
    mail = text_of(desk.mails(who.email)[-1])
    link = re.search(r"(/password-resets/skl_\S+)", mail)
    assert link
    page = await browser.get(link[1])
    assert title(page) == "Choose a new password"
    easy = await send(browser, link[1], password="short")
    assert easy.status_code == 422
    assert 'aria-invalid="true"' in easy.text
    done = await send(browser, link[1], password=OTHER_PASSWORD)
    assert (done.status_code, title(done)) == (200, "Your password is saved")
    assert (await browser.get(link[1])).status_code == 404
    assert (await try_to_sign_in(browser, who.email, OTHER_PASSWORD)).status_code == 201


async def test_whoever_must_set_another_password_is_led_there_first(
    desk: Desk, browser: Client
) -> None:
    who: Newcomer = await newcomer(desk, must_change=True)
    answer = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    due = answer.headers["location"]
    assert due.startswith(f"{HERE}/password?continue=")
    cookie = cookie_of(answer)
    straight = await browser.get(f"{HERE}/signed-in", headers={"Cookie": cookie})
    assert straight.headers["location"].startswith(f"{HERE}/password")
    page = await browser.get(due, headers={"Cookie": cookie})
    sent = {"present": PASSWORD, "password": OTHER_PASSWORD, "continue": hidden(page, "continue")}
    done = await send(browser, f"{HERE}/password", cookie=cookie, **sent)
    assert done.status_code == 303
    arrived = await browser.get(done.headers["location"], headers={"Cookie": cookie_of(done)})
    assert title(arrived) == "You are signed in"


async def test_signing_out_ends_the_session_and_takes_the_cookie(
    desk: Desk, browser: Client
) -> None:
    who = await newcomer(desk)
    answer = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    cookie = cookie_of(answer)
    out = await send(browser, f"{HERE}/sign-out", cookie=cookie)
    assert title(out) == "You are signed out"
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert (await browser.get("/v1/me", headers={"Cookie": cookie})).status_code == 401
    gone = await browser.get(f"{HERE}/signed-in", headers={"Cookie": cookie})
    assert gone.headers["location"].startswith(f"{HERE}/sign-in?continue=")


async def test_whoever_is_signed_in_already_goes_on_as_himself_or_lets_somebody_else_in(
    desk: Desk, browser: Client
) -> None:
    """S0-8, S4-19: a link from a company's site leads straight in."""
    who = await newcomer(desk, name="Somebody")
    link = f"{HERE}/sign-in?continue=%2Fv1%2Fme"
    answer = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    own = {"Cookie": cookie_of(answer)}
    chooses = (await browser.get(link, headers=own)).headers["location"]
    assert chooses == f"{HERE}/account?continue=%2Fv1%2Fme"
    page = await browser.get(chooses, headers=own)
    assert (page.status_code, title(page)) == (200, "Choose an account")
    assert "Go on as Somebody" in page.text
    assert 'href="/v1/me"' in page.text
    anew = f"{HERE}/sign-in?continue=%2Fv1%2Fme&prompt=login"
    assert f'href="{anew}"' in unescape(page.text)
    assert title(await browser.get(anew, headers=own)) == "Sign in"

    await send(browser, f"{HERE}/sign-out", cookie=own["Cookie"])
    gone = await browser.get(chooses, headers=own)
    assert gone.headers["location"] == anew
    there = await browser.get("/portals/sensedesk/account?continue=%2Fv1%2Fme", headers=own)
    assert there.headers["location"].startswith("/portals/sensedesk/sign-in?")


async def test_a_page_of_one_portal_shows_nobody_of_another(desk: Desk, browser: Client) -> None:
    who = await newcomer(desk)
    answer = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    other = await browser.get("/portals/sensedesk/signed-in", headers={"Cookie": cookie_of(answer)})
    assert other.headers["location"] == "/portals/sensedesk/sign-in?prompt=login"
