"""PostgreSQL that may only be read, as after a failover: refused as away, then taken again."""

from pathlib import Path

import psycopg
from fastapi import FastAPI
from psycopg import sql

from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk

_NEW = {"type": "bug", "subject": "Too early", "description": "One.", "severity": "sev3"}


async def test_what_cannot_be_kept_is_refused_until_it_can_be_again(
    addresses: Addresses, fresh_database: str, tmp_path: Path
) -> None:
    settings = cluster.settings_for(addresses, fresh_database, tmp_path)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        member = await desk.client("member@acme.example")
        await _let_it_be_written(app, addresses, fresh_database, allowed=False)
        assert (await member.get("/v1/portals/crm-service")).status_code == 200
        refused = await member.post("/v1/tickets", json=_NEW)
        assert refused.status_code == 503, refused.text
        assert refused.json()["code"] == "unavailable"
        assert refused.headers["retry-after"]
        await _let_it_be_written(app, addresses, fresh_database, allowed=True)
        assert (await member.post("/v1/tickets", json=_NEW)).status_code == 201
        await desk.close()


async def _let_it_be_written(
    app: FastAPI, addresses: Addresses, name: str, *, allowed: bool
) -> None:
    """As the next connections find it; those in the pool are closed."""
    with psycopg.connect(addresses.superuser, autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
                sql.Identifier(name), sql.Literal("off" if allowed else "on")
            )
        )
    await app.state.database.engine.dispose()
