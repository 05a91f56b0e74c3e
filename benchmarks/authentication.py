"""What it costs to know who calls: statements and time of a request with each kind of credential,
and its share of the processor's time for a list.

.venv/bin/python -m benchmarks.authentication --requests 300
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from httpx2 import AsyncClient
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Message

from app.access.actor import Actor
from app.database.tenancy import ByToken, Nowhere, entered, stand_behind
from app.kernel import clock, logging
from app.kernel.secrets import fingerprint
from app.main import create_app
from app.web import route
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.apps import Flow, app_of
from tests.factories.keys import calling, key_of
from tests.factories.tickets import opened

#: Asks nothing of the database but who calls and the definition, which is cached.
PATH = "/v1/roles"
#: How often the two ways are measured, one right after the other.
_PAIRS = 25
#: What a transaction says of itself, by name (`app.tenant` and its like).
WALL = ("tenant", "side", "person", "organizations", "closed_departments", "organization")


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
        settings = cluster.settings_for(
            addresses, name, Path(folder), database_pool_size=1, requests_per_minute=10**6
        )
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            desk = Desk(app, settings, cluster.demo_people(addresses))
            print("| credential | round trips to know who calls | median ms | 95th |")
            print("|---|---|---|---|")
            for kind, client in (await callers(desk)).items():
                await show(desk, kind, client, requests)
            print("\n| who asks for 25 tickets | ms with | ms without | share of knowing who |")
            print("|---|---|---|---|")
            await filled(desk)
            for who in ("member@acme.example", "agent@crm.example"):
                await share(desk, who, requests)
            await desk.close()


async def filled(desk: Desk) -> None:
    """Enough tickets for a page."""
    member = await desk.client("member@acme.example")
    for number in range(25):
        await opened(member, subject=f"Ticket {number}")


async def share(desk: Desk, who: str, requests: int) -> None:
    """One row: the processor's time of a list, this process and its backend together, as it is and
    with a caller who is known beforehand, in turns."""
    token = (await desk.client(who)).headers["Authorization"]
    database = desk.app.state.database
    actor, settings = await remembered(desk, token)

    async def known(_request: object, session: AsyncSession, **_: object) -> Actor:
        """No look at the token, and no word to the database but BEGIN."""
        stand_behind(session, Nowhere())
        _ = await session.connection()
        return actor

    # The pool has one connection, which is put behind the wall for as long as it lives.
    async with database.engine.connect() as connection:
        backend = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    many = max(1, requests // _PAIRS)
    spent: dict[str, list[float]] = {"with": [], "without": []}
    for turn in range(2 * _PAIRS):
        without = turn % 2 == 1
        async with database.engine.begin() as connection:
            for name, value in settings.items():
                said = {"name": name, "value": value if without else ""}
                await connection.execute(text("SELECT set_config(:name, :value, false)"), said)
        with patch.object(route, "authenticate", known if without else route.authenticate):
            await ask(desk, token, 3)
            began = processor(backend)
            await ask(desk, token, many)
            each = (processor(backend) - began) / many * 1000
        spent["without" if without else "with"].append(each)
    much, little = (statistics.median(each) for each in spent.values())
    shares = [1 - b / a for a, b in zip(spent["with"], spent["without"], strict=True)]
    low, middle, high = statistics.quantiles(shares, n=4)
    print(
        f"| {who.partition('@')[0]} | {much:.2f} | {little:.2f}"
        f" | {middle:.0%} (half of the pairs: {low:.0%} to {high:.0%}) |"
    )


async def remembered(desk: Desk, token: str) -> tuple[Actor, dict[str, str]]:
    """Who holds a token, and what the wall knows of him."""
    secret = token.removeprefix("Bearer ")
    wall = ByToken("access", fingerprint(secret), clock.now())
    async with desk.app.state.database.transaction(wall) as session:
        _ = await session.connection()
        actor = Actor.from_row(entered(session))
        names = [f"app.{name}" for name in WALL]
        said = text("SELECT current_setting(:name, true)")
        settings = {
            name: (await session.execute(said, {"name": name})).scalar_one() or "" for name in names
        }
    return actor, settings


async def ask(desk: Desk, token: str, times: int) -> None:
    """Ask the application itself for the list, with no client of HTTP in between."""
    headers = [(b"host", b"testserver"), (b"authorization", token.encode())]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    for _ in range(times):
        sent: list[Message] = []

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/v1/tickets",
            "raw_path": b"/v1/tickets",
            "query_string": b"limit=25",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 50_000),
            "server": ("testserver", 80),
        }
        await desk.app(scope, receive, send)
        assert sent[0]["status"] == 200, sent


def processor(backend: int) -> float:
    """Seconds of the processor that this process and the backend have had."""
    had = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
    return time.process_time() + had / 1e9


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
