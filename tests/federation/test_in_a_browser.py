"""The whole way in a real browser: from the link of an invitation through our own page to a
certified provider, and back signed in; then once more by its button on the sign-in page."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from app.commands.applying import apply_file
from app.database.session import Database
from app.domain.tenants.schema import PORTALS
from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.contract import browser
from tests.contract.browser import Page
from tests.contract.programs import missing
from tests.providers.certified import Provider, certified_provider, client
from tests.served import Served, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PORTAL = "crm-service"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def certified(port: int) -> Iterator[Provider]:
    with certified_provider(client(f"http://127.0.0.1:{port}")) as provider:
        yield provider


@pytest.fixture(scope="module")
def served(
    addresses: Addresses,
    tmp_path_factory: pytest.TempPathFactory,
    port: int,
    certified: Provider,
) -> Iterator[Served]:
    """CRM-service, which lets people in by a provider too."""
    name = cluster.copy_of_template(addresses)
    folder = Path(tmp_path_factory.mktemp("browser"))
    (folder / "secrets" / PORTAL).mkdir(parents=True)
    (folder / "secrets" / PORTAL / "certified").write_text("only for tests, and long enough\n")
    settings = cluster.settings_for(
        addresses,
        name,
        folder,
        port=port,
        loopback_providers=True,
        secrets_dir=folder / "secrets",
    )
    asyncio.run(_put_in_force(settings, certified))
    with Served(settings, cluster.demo_people(addresses)).running() as running:
        yield running
    cluster.drop(addresses, name)


async def _put_in_force(settings: Settings, certified: Provider) -> None:
    written = yaml.safe_load((PORTALS / "crm-service.yaml").read_text("utf-8"))
    written["sign_in"]["providers"] = [
        {
            "key": "certified",
            "kind": "oidc",
            "labels": {"fi": "Kirjaudu tunnistuspalvelulla", "en": "Sign in with the provider"},
            "client_id": "portal",
            "client_secret": "certified",
            "issuer": certified.issuer,
        }
    ]
    written["sign_in"]["terms"] = {
        "version": "1",
        "steps": [{"key": "privacy", "labels": {"fi": "Luin tietosuojan", "en": "I read it"}}],
    }
    file = settings.data_dir / "crm.yaml"
    file.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    assert settings.worker_database_url
    database = Database(settings.worker_database_url, pool_size=2, name="tests")
    try:
        await apply_file(database, file)
    finally:
        await database.close()


def invited(served: Served, address: str) -> str:
    """The path of the link that somebody new is mailed."""
    lead = served.person(PORTAL, "lead@crm.example")
    yes = {"version": "1", "accepted": ["privacy"]}
    assert lead.post("/v1/me/terms", json=yes).json() == {"due": None}
    acme = lead.get("/v1/organizations").json()["items"][0]["id"]
    new = {"name": "Guest in a browser", "email": address, "organization": acme, "role": "perus"}
    answer = lead.post("/v1/invitations", json=new)
    assert answer.status_code == 201, answer.text
    found = re.search(r"/invitations/\S+", served.mail_to(address, "/invitations/"))
    assert found
    return found[0]


async def arrived(page: Page) -> str:
    """What is said to whoever is signed in."""
    await page.until("location.pathname.endsWith('/signed-in') && document.querySelector('main')")
    return str(await page.run("document.querySelector('main').innerText"))


async def test_a_guest_comes_in_by_a_certified_provider_and_finds_back(
    served: Served, certified: Provider
) -> None:
    if browser.program() is None:
        missing("Chromium", "On Debian: apt-get install chromium.")
    certified.whoever("guest-in-a-browser", email="somebody@elsewhere.example")
    path = await asyncio.to_thread(invited, served, "guest@browser.example")
    async with browser.opened(f"{served.base}{path}") as page:
        await page.until("document.querySelector('button[name=way]')")
        await page.run("document.getElementById('accept-privacy').click(); 1")
        await page.run("document.querySelector('button[name=way]').click(); 1")
        assert "Guest in a browser" in await arrived(page)
        assert await page.run("document.cookie") == ""

        await page.run("document.querySelector('form .button').click(); 1")
        await page.until("!document.querySelector('form')")
        sign_in = f"{served.base}/portals/{PORTAL}/sign-in"
        await page.send("Page.navigate", url=sign_in)
        await page.until("document.querySelector('a.way')")
        await page.run("document.querySelector('a.way').click(); 1")
        assert "Guest in a browser" in await arrived(page)
        assert page.complaints == []
