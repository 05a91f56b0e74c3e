"""Portals with providers, and people whose accounts elsewhere are known."""

import httpx2

from app.domain.federation.actions import bind
from app.domain.federation.id_tokens import Proven
from app.domain.people.queries import person_for
from tests.desk import Desk
from tests.factories.definitions import Bend, Document, document, text_of
from tests.factories.people import Newcomer, as_system, newcomer

PORTAL = "small"


def oidc(key: str, issuer: str, **more: object) -> Document:
    """A provider of OpenID Connect in a definition."""
    return {
        "key": key,
        "kind": "oidc",
        "labels": {"nb": f"Logg inn med {key}", "en": f"Sign in with {key}"},
        "issuer": issuer,
        "client_id": "portal",
        "client_secret": "certified",
        **more,
    }


def with_providers(*providers: Document) -> Bend:
    """A bend that gives the portal these providers, and a page of its own."""

    def bend(written: Document) -> None:
        written["sign_in"]["providers"] = list(providers)
        written["sign_in"]["return_origins"] = ["https://www.small.example"]

    return bend


def two_providers(one: str, other: str) -> Bend:
    """A bend with two certified providers."""
    return with_providers(oidc("certified", one), oidc("another", other))


def written(*bends: Bend | None) -> str:
    """The small definition, bent one after the other, as YAML."""
    found = document()
    for bend in bends:
        if bend:
            bend(found)
    return text_of(found)


async def agreed(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Whoever this is, once he has accepted what the portal's terms are now."""
    due = (await client.get("/v1/me/terms")).json()["due"]
    if due:
        steps = [step["key"] for step in due["steps"]]
        yes = {"version": due["version"], "accepted": steps}
        assert (await client.post("/v1/me/terms", json=yes)).json() == {"due": None}
    return client


async def known_as(
    desk: Desk, account: str, *, provider: str = "certified", issuer: str, role: str = "member"
) -> Newcomer:
    """Somebody whom the account `account` of a provider signs in."""
    who = await newcomer(desk, role=role, portal=PORTAL)
    async with as_system(desk, PORTAL) as (session, system):
        person = await person_for(session, system, who.id)
        proven = Proven(issuer=issuer, subject=account)
        await bind(session, system, person.id, provider, proven, by="signed_in")
    return who
