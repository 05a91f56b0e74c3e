"""The API reference works in a browser, with nothing from elsewhere, and one can sign in to it."""

import re

import httpx2
import pytest

from tests.contract import browser
from tests.contract.programs import missing
from tests.served import Served

pytestmark = pytest.mark.slow

PORTAL = "crm-service"
AGENT = "agent@crm.example"
SIGN_IN = """(() => {
  const form = document.getElementById("sign-in");
  form.elements.portal.value = %r;
  form.elements.email.value = %r;
  form.elements.password.value = %r;
  form.requestSubmit();
})()"""
GET_ME = "[id$='-get_me']"
# Of many operations only those in sight are there.
SCROLLED_TO = 'document.querySelector("%s") || (window.scrollBy(0, window.innerHeight / 2), false)'


@pytest.fixture(autouse=True)
def chromium() -> str:
    return browser.program() or missing("Chromium", "On Debian: apt-get install chromium.")


async def test_one_can_sign_in_and_try_an_operation_as_oneself(served: Served) -> None:
    async with browser.opened(f"{served.base}/docs?portal={PORTAL}") as page:
        await page.until("document.querySelector('.opblock')")
        await page.run(SIGN_IN % (PORTAL, AGENT, served.password_of(AGENT, PORTAL)))
        await page.until("!document.getElementById('signed-in').hidden")
        await page.until(SCROLLED_TO % f"{GET_ME} .opblock-summary-control")
        await page.run(f'document.querySelector("{GET_ME} .opblock-summary-control").click()')
        await page.until(f'document.querySelector("{GET_ME} .execute")')
        await page.run(f'document.querySelector("{GET_ME} .execute").click()')
        await page.until(f'document.querySelector("{GET_ME} .live-responses-table")')
        answered = await page.run(
            f'document.querySelector("{GET_ME} .live-responses-table").innerText'
        )
        assert "200" in answered
        assert AGENT in answered
        assert page.complaints == []


async def test_a_wrong_password_is_told_in_words(served: Served) -> None:
    async with browser.opened(f"{served.base}/docs?portal={PORTAL}") as page:
        await page.until("document.querySelector('.opblock')")
        await page.run(SIGN_IN % (PORTAL, AGENT, "not the password at all"))
        await page.until("document.querySelector('#word.refused')")
        told = await page.run("document.getElementById('word').innerText")
        assert len(told) > 20
        assert await page.run("document.getElementById('signed-in').hidden")


async def test_the_page_loads_nothing_from_elsewhere_and_no_inline_script(served: Served) -> None:
    async with httpx2.AsyncClient(base_url=served.base) as client:
        page = await client.get("/docs")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "//" not in re.sub(r"<!--.*?-->", "", page.text)
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|style=", page.text)
        for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert (await client.get(f"/{address}")).status_code == 200, address
