"""Invitations for tests: a portal with terms, and whoever is invited to it."""

import re
from typing import Any

import httpx2

from tests.desk import Desk
from tests.factories.definitions import Document
from tests.factories.federation import PORTAL, agreed
from tests.factories.people import new_address, new_organization_at
from tests.mailbox import text_of

TERMS = {"terms_version": "1", "accepted": ["trust", "access"]}
#: The password that whoever accepts gives himself.
NEW = "seven lemons on a blue boat"


def with_terms(version: str = "1") -> Any:
    """A bend that gives the portal two steps to accept (S0-4)."""

    def bend(written: Document) -> None:
        written["sign_in"]["terms"] = {
            "version": version,
            "steps": [
                {"key": "trust", "labels": {"nb": "Jeg stoler på dere", "en": "I trust you"}},
                {"key": "access", "labels": {"nb": "Jeg får tilgang", "en": "I get access"}},
            ],
        }

    return bend


async def invited(door: Desk, agent: httpx2.AsyncClient, **more: Any) -> tuple[str, dict[str, Any]]:
    """The secret of a new invitation's link, and the invitation."""
    new = {
        "name": "Guest of Acme",
        "email": new_address("guest"),
        "organization": await new_organization_at(door, PORTAL),
        "role": "member",
        **more,
    }
    answer = await (await agreed(agent)).post("/v1/invitations", json=new)
    assert answer.status_code == 201, answer.text
    return await link_of(door, new["email"]), answer.json()


async def link_of(door: Desk, address: str) -> str:
    """The secret in the latest mail to somebody."""
    await door.work()
    text = text_of(door.mails(address)[-1])
    found = re.search(r"/invitations/(\S+)", text)
    assert found, text
    return found[1]
