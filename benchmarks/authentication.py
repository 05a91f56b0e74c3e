"""What it costs to know who calls: statements and time of a request with each kind of credential.

.venv/bin/python -m benchmarks.authentication --requests 300
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from httpx2 import AsyncClient
from sqlalchemy import event

from app.kernel import logging
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.apps import Flow, app_of
from tests.factories.keys import calling, key_of

#: Asks nothing of the database but who calls and the definition, which is cached.
PATH = "/v1/roles"


def main(requests: int) -> None:
    """A PostgreSQL of its own, ended whatever happens."""
    logging.configure("ERROR", "json")
    held = cluster.Cluster()
    try:
        addresses = held.start()
        asyncio.run(measure(addresses, requests))
    finally:
        held.stop()


async def measure(addresses: Addresses, requests: int) -> None:
    """Print a row for each kind of credential."""
    with tempfile.TemporaryDirectory() as folder:
        name = cluster.copy_of_template(addresses)
        settings = cluster.settings_for(addresses, name, Path(folder))
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            desk = Desk(app, settings, cluster.demo_people(addresses))
            print("| credential | round trips to know who calls | median ms | 95th |")
            print("|---|---|---|---|")
            for kind, client in (await callers(desk)).items():
                await show(desk, kind, client, requests)
            await desk.close()


async def callers(desk: Desk) -> dict[str, AsyncClient]:
    """Somebody with each kind of credential."""
    admin = await desk.client("admin@crm.example")
    flow = Flow(desk, await app_of(admin))
    key = await key_of(admin, "tickets:read:tenant")
    organization = (await admin.get("/v1/organizations")).json()["items"][0]["id"]
    narrow = await key_of(admin, "tickets:read:tenant", organization=organization)
    return {
        "access token": admin,
        "app's access token": flow.acting(await flow.tokens(admin)),
        "API key": calling(desk, key),
        "API key of one organization": calling(desk, narrow),
    }


async def show(desk: Desk, kind: str, client: AsyncClient, requests: int) -> None:
    """One row: how often `wall.enter` and anything before the rest was asked, and how long."""
    asked: list[str] = []

    def listen(*args: object) -> None:
        asked.append(str(args[2]))

    engine = desk.app.state.database.engine.sync_engine
    for _ in range(10):
        await client.get(PATH)
    event.listen(engine, "before_cursor_execute", listen)
    took = []
    for _ in range(requests):
        began = time.perf_counter()
        assert (await client.get(PATH)).status_code == 200
        took.append((time.perf_counter() - began) * 1000)
    event.remove(engine, "before_cursor_execute", listen)
    each = len([one for one in asked if "wall." in one]) / requests
    late = statistics.quantiles(took, n=20)[-1]
    print(f"| {kind} | {each:.2f} | {statistics.median(took):.2f} | {late:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    main(parser.parse_args().requests)
