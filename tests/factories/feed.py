"""The feed of changes, when it tells what has happened."""

import asyncio
from typing import Any

import httpx2
from sqlalchemy import text

from tests.desk import Desk
from tests.factories.keys import calling, key_of
from tests.factories.people import as_system

Client = httpx2.AsyncClient
EVERYTHING = (
    "changes:read",
    "tickets:read:tenant",
    "comments:internal",
    "organizations:read",
    "organizations:write",
    "people:read",
    "people:write",
)


async def settled(desk: Desk) -> None:
    """Wait until what was kept is told: no transaction that began before is still under way, in
    this database or in another one of the server."""
    horizon = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    async with as_system(desk) as (session, _):
        mine = await session.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
    for _ in range(400):
        async with as_system(desk) as (session, _):
            if await session.scalar(horizon) > mine:
                return
        await asyncio.sleep(0.05)


async def look(client: Client, cursor: str | None = None, **query: Any) -> dict[str, Any]:
    asked = {**query, **({"cursor": cursor} if cursor else {})}
    answer = await client.get("/v1/changes", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def now(desk: Desk, client: Client) -> str:
    """The place behind everything that has happened."""
    await settled(desk)
    return str((await look(client, begin="newest"))["next"])


async def after(desk: Desk, client: Client, cursor: str, **query: Any) -> list[dict[str, Any]]:
    """All that has happened after a place."""
    told = []
    await settled(desk)
    while True:
        found = await look(client, cursor, **query)
        told += found["items"]
        cursor = found["next"]
        if not found["more"]:
            return told


def names(changes: list[dict[str, Any]]) -> list[str]:
    return [change["event"] for change in changes]


async def script(desk: Desk, administrator: Client, *scopes: str, **more: Any) -> Client:
    """A program with a key of its own."""
    return calling(desk, await key_of(administrator, *(scopes or EVERYTHING), **more))
