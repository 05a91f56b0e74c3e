"""The feed of changes, when it tells what has happened."""

import asyncio

from sqlalchemy import text

from tests.desk import Desk
from tests.factories.people import as_system


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
