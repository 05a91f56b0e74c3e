"""A browser that is sent to a provider and back, as HTTP alone shows it."""

from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from tests.desk import Desk

CALLBACK = "/v1/oidc/callback"


class Browser:
    """Somebody's browser: `here` is the portal, `there` everything else; cookies are kept."""

    def __init__(self, desk: Desk, **headers: str) -> None:
        self.here = desk.anybody(**headers)
        # Cookies of ours are for https alone.
        self.here.base_url = httpx2.URL("https://testserver")
        self.there = httpx2.AsyncClient(timeout=30)

    async def start(self, portal: str, provider: str, **query: str) -> httpx2.Response:
        """Begin to sign in."""
        path = f"/v1/portals/{portal}/oidc/{provider}/start"
        return await self.here.get(path, params=query)

    async def go(self, url: str) -> str:
        """Follow redirects from `url` until one leads back to us; answers that address."""
        for _ in range(15):
            answer = await self.there.get(url)
            assert answer.status_code in {302, 303}, f"{url} → {answer.status_code} {answer.text}"
            url = urljoin(url, answer.headers["location"])
            if urlsplit(url).path == CALLBACK:
                return url
        raise AssertionError("the provider sends people round in circles")

    async def come_back(self, url: str) -> httpx2.Response:
        """Open the address at which the provider sent us back."""
        parts = urlsplit(url)
        return await self.here.get(f"{parts.path}?{parts.query}")

    async def sign_in(self, portal: str, provider: str, **query: str) -> httpx2.Response:
        """There and back; answers the last redirect of ours."""
        started = await self.start(portal, provider, **query)
        assert started.status_code == 302, started.text
        return await self.come_back(await self.go(started.headers["location"]))

    async def me(self) -> httpx2.Response:
        """Who we are signed in as."""
        return await self.here.get("/v1/me")

    async def post(self, path: str, json: Any = None) -> httpx2.Response:
        """A POST as a page of the portal sends it."""
        return await self.here.post(path, json=json, headers=PAGE)

    async def close(self) -> None:
        await self.here.aclose()
        await self.there.aclose()


#: What a page of our own adds to whatever changes something.
PAGE = {"X-Skranke-Request": "1"}


def asked(url: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
