"""Whose pages may use the session cookie of a portal: its own, though others stand at one site."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app
from app.web.credentials import COOKIE
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.people import PASSWORD
from tests.factories.registrations import somebody

ITS_OWN, NAMED, OTHERS = (f"https://{name}.portals.example" for name in ("one", "two", "three"))
_numbers = count(1)


@pytest.fixture
async def browser(desk: Desk, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """Somebody signed in by a cookie to a portal that names two origins, where the installation
    allows three."""
    number = next(_numbers)
    slug, written = f"sited-{number}", definitions.document()
    written["portal"] |= {"slug": slug, "number_prefix": f"SI{chr(64 + number)}"}
    written["portal"]["address"] = f"{ITS_OWN}/help"
    written["sign_in"]["return_origins"] = [NAMED]
    file = tmp_path / f"{slug}.yaml"
    file.write_text(definitions.text_of(written))
    await desk.apply(file)
    _, email, _ = await somebody(desk, slug, role="boss")
    origins = [ITS_OWN, NAMED, OTHERS]
    app = create_app(desk.settings.model_copy(update={"allowed_origins": origins}))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app=app), base_url="https://testserver") as client,
    ):
        body = {"email": email, "password": PASSWORD, "delivery": "cookie"}
        answer = await client.post(f"/v1/portals/{slug}/sessions", json=body)
        assert answer.status_code == 201, answer.text
        assert COOKIE in client.cookies
        client.headers["X-Skranke-Request"] = "1"
        yield client


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH"])
async def test_a_page_of_another_portal_uses_no_session_of_this_one(
    browser: AsyncClient, method: str
) -> None:
    before = await browser.get("/v1/me")
    tag = {"If-Match": before.headers["etag"]}
    sent = {"name": "Taken over"} if method == "PATCH" else None
    headers = {**tag, "Origin": OTHERS}
    refused = await browser.request(method, "/v1/me", headers=headers, json=sent)
    assert refused.status_code == 403
    assert method == "HEAD" or refused.json()["code"] == "cross-site-refused"
    assert (await browser.get("/v1/me")).json() == before.json()
    for origin in (ITS_OWN, NAMED, "http://127.0.0.1:8000"):
        answer = await browser.get("/v1/me", headers={"Origin": origin})
        assert answer.status_code == 200, origin
