"""Behind PgBouncer in transaction mode: each transaction may have another connection, and the wall
is raised anew in each. What one leaves behind must not reach the next.

The setting `database_prepared_statements=false` is for versions before 1.21, as Debian 12 has.
"""

import asyncio
from pathlib import Path

import psycopg
import pytest

from app.main import create_app
from tests import cluster, pgbouncer
from tests.cluster import Addresses
from tests.desk import Desk

pytestmark = pytest.mark.slow
_HELD = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'skranke_app'"


async def test_many_at_once_share_two_connections_and_see_only_their_own(
    addresses: Addresses, fresh_database: str, tmp_path: Path
) -> None:
    settings = cluster.settings_for(
        addresses,
        fresh_database,
        tmp_path,
        database_pool_size=4,  # few, so that each says the same often enough to prepare it
        database_prepared_statements=False,
    )
    assert settings.database_url
    with pgbouncer.before(settings.database_url, connections=2) as url:
        app = create_app(settings.model_copy(update={"database_url": url}))
        async with app.router.lifespan_context(app):
            desk = Desk(app, settings, cluster.demo_people(addresses))
            member = await desk.client("member@acme.example")
            agent = await desk.client("agent@tvox.example", "tvox")
            new = {"type": "bug", "subject": "Pooled", "description": "One.", "severity": "sev3"}

            async def ours() -> None:
                opened = await member.post("/v1/tickets", json=new)
                assert opened.status_code == 201, opened.text

            async def theirs() -> None:
                seen = await agent.get("/v1/tickets", params={"limit": 100})
                assert seen.status_code == 200, seen.text
                assert all(each["number"].startswith("TVX-") for each in seen.json()["items"])

            await asyncio.gather(*(each() for _ in range(12) for each in (ours, theirs)))
            mine = await member.get("/v1/tickets", params={"include": "total"})
            assert mine.json()["total"] == 12
            await desk.close()
        with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
            held = connection.execute(_HELD, [fresh_database]).fetchone()
    assert held
    assert held[0] <= 2
