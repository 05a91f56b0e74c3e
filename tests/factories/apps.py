"""Apps for tests: registered, asking, answered, with tokens."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.desk import Desk

Client = httpx2.AsyncClient
LOOPBACK = "http://127.0.0.1/back"
PRIVATE = "com.example.app:/back"
CLAIMED = "https://app.acme.example/back"
SCOPES = ("tickets:create", "tickets:read:own", "tickets:comment:own")


async def app_of(admin: Client, **more: Any) -> dict[str, Any]:
    """A new app, with the secret of a confidential one as `client_secret`."""
    new = {
        "name": "In your pocket",
        "kind": "public",
        "redirect_uris": [LOOPBACK, PRIVATE, CLAIMED],
        "scopes": SCOPES,
        **more,
    }
    answer = await admin.post("/v1/apps", json=new)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@dataclass
class Flow:
    """One app's way to somebody's tokens, step by step, each of which a test may bend."""

    desk: Desk
    app: dict[str, Any]
    redirect_uri: str = "http://127.0.0.1:53682/back"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str | None = "xyz"

    def question(self, **bent: str | None) -> dict[str, str]:
        """The parameters of an authorization request; `None` leaves one out."""
        asked = {
            "response_type": "code",
            "client_id": self.app["id"],
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": create_s256_code_challenge(self.verifier),
            "code_challenge_method": "S256",
            **bent,
        }
        return {name: value for name, value in asked.items() if value is not None}

    async def asks(self, **bent: str | None) -> httpx2.Response:
        """The answer to somebody's browser."""
        return await self.desk.anybody().get("/oauth2/authorize", params=self.question(**bent))

    async def request(self, **bent: str | None) -> str:
        """What the consent page is told: which question it is."""
        answer = await self.asks(**bent)
        assert answer.status_code == 302, answer.text
        return query_of(answer)["request"]

    async def answered(self, person: Client, allow: bool = True, **bent: str | None) -> str:
        """Where the app is answered."""
        path = f"/v1/authorizations/{await self.request(**bent)}/decision"
        answer = await person.post(path, json={"allow": allow})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["redirect_to"])

    async def code(self, person: Client, **bent: str | None) -> str:
        """A code, which somebody has allowed."""
        return in_query(await self.answered(person, True, **bent))["code"]

    async def exchange(self, given: str, **bent: str | None) -> httpx2.Response:
        """The answer to the code."""
        sent = {
            "grant_type": "authorization_code",
            "code": given,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **bent,
        }
        return await self.posts("token", **sent)

    async def posts(self, endpoint: str, **sent: str | None) -> httpx2.Response:
        """What the app is answered at an endpoint of the server, by its own name."""
        named = {
            "client_id": self.app["id"],
            "client_secret": self.app.get("client_secret"),
            **sent,
        }
        form = {name: value for name, value in named.items() if value is not None}
        return await self.desk.anybody().post(f"/oauth2/{endpoint}", data=form)

    async def tokens(self, person: Client, **bent: str | None) -> dict[str, Any]:
        """Tokens, all the way."""
        answer = await self.exchange(await self.code(person, **bent))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refresh(self, tokens: dict[str, Any], **bent: str | None) -> httpx2.Response:
        """The answer to a refresh token."""
        return await self.posts(
            "token",
            **{"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **bent},
        )

    def acting(self, tokens: dict[str, Any]) -> Client:
        """The app with its access token."""
        return self.desk.anybody(Authorization=f"Bearer {tokens['access_token']}")

    async def works(self, tokens: dict[str, Any]) -> bool:
        """Whether an access token opens anything."""
        return (await self.acting(tokens).get("/v1/me")).status_code == 200


def query_of(answer: httpx2.Response) -> dict[str, str]:
    """What stands in the query of where one is sent."""
    return in_query(answer.headers["location"])


def in_query(url: str) -> dict[str, str]:
    """What stands in a query, each once."""
    found = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in found.values())
    return {name: values[0] for name, values in found.items()}
