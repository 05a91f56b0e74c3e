"""API keys for tests, and whoever calls with them."""

from typing import Any

import httpx2

from tests.desk import Desk

Client = httpx2.AsyncClient
#: Scopes that a customer can give: all he does with tickets of his own.
OWN_TICKETS = ("tickets:create", "tickets:read:own", "tickets:comment:own")
#: Scopes that an agent can give.
ALL_TICKETS = ("tickets:read:tenant", "tickets:comment:tenant", "tickets:update:tenant")


async def key_of(client: Client, *scopes: str, **more: Any) -> dict[str, Any]:
    """A new key of whoever `client` is, with its secret as `key`."""
    answer = await client.post("/v1/api-keys", json={"name": "Key", "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def calling(desk: Desk, key: str | dict[str, Any], **more: str) -> Client:
    """A script that calls with a key."""
    secret = key if isinstance(key, str) else str(key["key"])
    return desk.anybody(**more, Authorization=f"Bearer {secret}")


async def service_account(admin: Client, **more: Any) -> str:
    """The id of a new service account."""
    new = {"name": "Robot", "side": "agent", "role": "agent", "service": True, **more}
    answer = await admin.post("/v1/people", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
