"""The pages in a real browser: nobody is kept out by how they look, at a phone and at a desk (WCAG
2.2 AA as far as axe-core can tell), in every language, light and dark.

Where `CI` is set all of these meet; at a desk it is light at a phone and dark at a desk.
"""

import json
from pathlib import Path

import pytest

from tests.contract import browser
from tests.contract.browser import Page
from tests.contract.programs import HERE, install_packages, missing
from tests.measure import IN_FULL
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PORTAL = "crm-service"
MEMBER = "member@acme.example"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = 320, 1280
#: How wide, and whether dark.
LOOKS = [(PHONE, False), (DESK, True)]
if IN_FULL:
    LOOKS += [(PHONE, True), (DESK, False)]


@pytest.fixture(autouse=True)
def chromium() -> str:
    return browser.program() or missing("Chromium", "On Debian: apt-get install chromium.")


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    return (install_packages(HERE) / "axe-core" / "axe.min.js").read_text()


async def look(page: Page, width: int, *, dark: bool) -> None:
    await page.send(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=800,
        deviceScaleFactor=1,
        mobile=width < 500,
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    await page.send("Emulation.setEmulatedMedia", features=[scheme])


async def flaws(page: Page, axe: str) -> list[str]:
    """What axe-core finds wrong, and whether anything runs over the edge."""
    await page.run(f"{axe};1")
    told = await page.run(
        f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then(found => found.violations"
        ".map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' | ')))"
    )
    over = await page.run("document.documentElement.scrollWidth > window.innerWidth")
    return [*told, *(["it is wider than the window"] if over else [])]


async def open_path(page: Page, served: Served, path: str) -> None:
    await page.send("Page.navigate", url=f"{served.base}{path}")
    await page.until(f"document.readyState === 'complete' && location.pathname === {path!r}")


async def fill_in(page: Page, **values: str) -> None:
    """Fill in the form and send it."""
    for name, value in values.items():
        await page.run(f"document.getElementById({name!r}).value = {value!r}; 1")
    await page.run("document.querySelector('form .button').click(); 1")


@pytest.mark.parametrize("language", ["nb", "sv", "fi", "da", "it", "en"])
async def test_everybody_can_use_the_pages_before_signing_in(
    served: Served, axe: str, language: str
) -> None:
    paths = ("sign-in", "forgotten-password")
    async with browser.opened("about:blank") as page:
        await page.send("Network.enable")
        headers = {"Accept-Language": language}
        await page.send("Network.setExtraHTTPHeaders", headers=headers)
        await page.send("Page.setBypassCSP", enabled=True)
        for path in paths:
            for width, dark in LOOKS:
                await look(page, width, dark=dark)
                await open_path(page, served, f"/portals/{PORTAL}/{path}")
                assert await page.run("document.documentElement.lang") == language
                assert await flaws(page, axe) == [], (path, width, dark)


async def test_somebody_signs_in_and_out_under_the_policy_of_the_pages(
    served: Served, axe: str, tmp_path: Path
) -> None:
    async with browser.opened(f"{served.base}/portals/{PORTAL}/sign-in") as page:
        await page.until("document.getElementById('email')")
        await fill_in(page, email=MEMBER, password="not his")
        await page.until("document.querySelector('[role=alert]')")
        refused = [line for line in page.complaints if "401" not in line]
        assert refused == []
        await fill_in(page, password=served.password_of(MEMBER, PORTAL))
        await page.until("location.pathname.endsWith('/signed-in')")
        (tmp_path / "signed-in.png").write_bytes(await page.picture())
        assert "Member" in await page.run("document.querySelector('main').innerText")
        cookie = await page.run("document.cookie")
        assert cookie == ""  # out of reach of scripts
        await page.run("document.querySelector('form .button').click(); 1")
        await page.until("document.querySelector('h1')?.innerText.includes('signed out')")
        assert [line for line in page.complaints if "401" not in line] == []
