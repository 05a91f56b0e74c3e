"""The page where somebody lets an app act for him, from the app's browser to the app's tokens."""

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.apps import PRIVATE, Flow, app_of, in_query
from tests.factories.pages import cookie_of, hidden, send, title
from tests.factories.people import PASSWORD, new_network, newcomer

HERE = "/portals/crm-service"


@pytest.fixture
async def flow(desk: Desk) -> Flow:
    """A mobile app, newly registered, with a hostile name."""
    admin = await desk.client("admin@crm.example")
    app = await app_of(admin, name="In <b>your</b> pocket")
    return Flow(desk, app, redirect_uri=PRIVATE)


@pytest.fixture
def browser(desk: Desk) -> httpx2.AsyncClient:
    """A browser in a network of its own."""
    return desk.anybody(address=new_network())


async def arrived(flow: Flow, browser: httpx2.AsyncClient) -> str:
    """Where the app's browser is sent."""
    there = (await flow.asks()).headers["location"].removeprefix("http://127.0.0.1:8000")
    assert there.startswith(f"{HERE}/consent?request=")
    return str(there)


async def test_somebody_signs_in_allows_the_app_and_the_app_gets_its_tokens(
    desk: Desk, flow: Flow, browser: httpx2.AsyncClient
) -> None:
    who = await newcomer(desk, name="Somebody")
    there = await arrived(flow, browser)
    first = (await browser.get(there)).headers["location"]
    assert first.startswith(f"{HERE}/sign-in?continue=")
    form = await browser.get(first)
    sent = {"email": who.email, "password": PASSWORD, "continue": hidden(form, "continue")}
    back = await send(browser, f"{HERE}/sign-in", **sent)
    assert back.headers["location"] == there
    cookie = cookie_of(back)
    page = await browser.get(there, headers={"Cookie": cookie})
    assert title(page) == "Let In <b>your</b> pocket act for you?"
    assert "<b>" not in page.text
    assert "Open tickets for oneself." in page.text
    assert "Somebody" in page.text
    assert "com.example.app:" in page.headers["content-security-policy"]
    answer = await send(browser, f"{HERE}/consent", cookie=cookie, request=hidden(page, "request"))
    assert answer.status_code == 303
    landed = answer.headers["location"]
    assert landed.startswith(PRIVATE)
    tokens = await flow.exchange(in_query(landed)["code"])
    assert tokens.status_code == 200, tokens.text
    assert await flow.works(tokens.json())
    assert (await browser.get(there, headers={"Cookie": cookie})).status_code == 404


async def test_no_address_of_an_app_adds_to_the_pages_policy(
    desk: Desk, browser: httpx2.AsyncClient
) -> None:
    odd = "https://app.example;script-src-elem/back"
    app = await app_of(await desk.client("admin@crm.example"), redirect_uris=[odd])
    there = await arrived(Flow(desk, app, redirect_uri=odd), browser)
    who = await newcomer(desk)
    into = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    page = await browser.get(there, headers={"Cookie": cookie_of(into)})
    assert page.status_code == 200
    assert "script-src" not in page.headers["content-security-policy"]


async def test_who_does_not_allow_it_sends_the_app_away(
    desk: Desk, flow: Flow, browser: httpx2.AsyncClient
) -> None:
    who = await newcomer(desk)
    there = await arrived(flow, browser)
    into = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    cookie = cookie_of(into)
    page = await browser.get(there, headers={"Cookie": cookie})
    sent = {"request": hidden(page, "request"), "deny": "yes"}
    answer = await send(browser, f"{HERE}/consent", cookie=cookie, **sent)
    assert in_query(answer.headers["location"])["error"] == "access_denied"


async def test_another_site_cannot_allow_it_for_somebody(
    desk: Desk, flow: Flow, browser: httpx2.AsyncClient
) -> None:
    who = await newcomer(desk)
    there = await arrived(flow, browser)
    into = await send(browser, f"{HERE}/sign-in", email=who.email, password=PASSWORD)
    cookie = cookie_of(into)
    page = await browser.get(there, headers={"Cookie": cookie})
    forged = await browser.post(
        f"{HERE}/consent",
        data={"request": hidden(page, "request")},
        headers={"Cookie": cookie, "Origin": "https://evil.example"},
    )
    assert forged.status_code == 403
    assert (await browser.get(there, headers={"Cookie": cookie})).status_code == 200


async def test_somebody_of_another_portal_signs_in_to_this_one_first(
    desk: Desk, flow: Flow, browser: httpx2.AsyncClient
) -> None:
    there = await arrived(flow, browser)
    address = "member@acme.example"
    sent = {"email": address, "password": desk.password_of(address, "sensedesk")}
    into = await send(browser, "/portals/sensedesk/sign-in", **sent)
    page = await browser.get(there, headers={"Cookie": cookie_of(into)})
    assert page.headers["location"].startswith(f"{HERE}/sign-in?continue=")
