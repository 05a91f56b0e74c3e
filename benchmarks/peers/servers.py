"""A help desk under measurement, and Skranke as one of them: two processes each."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psycopg

from app.database.embedded import EmbeddedPostgres
from benchmarks import installation
from benchmarks.filling import Size, filled
from benchmarks.operations import Desk
from benchmarks.traffic import Client, Request

TICKETS = 10_000
WORKERS = 2
#: So many ask at once.
AT_ONCE = 8
#: What every ticket and comment says that is made here.
WORDS = "The totals of the report are wrong since the update, and nobody knows why. Please look."
LIST, TICKET, CREATE, COMMENT = "25 newest", "a ticket, its comments", "create", "comment"

_DUE = """
    SELECT count(*) FROM queue.procrastinate_jobs
     WHERE status IN ('todo', 'doing') AND coalesce(scheduled_at, now()) <= now()
"""

Ask = Callable[[Client], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Server:
    """A help desk that listens: its processes, how their sessions call themselves in PostgreSQL, in
    which database, and what is asked of it. `settled` waits until nothing is left to do of what
    was asked, `renewed` has those who ask sign in anew."""

    name: str
    ports: tuple[int, ...]
    pids: tuple[int, ...]
    backends: tuple[str, ...]
    database: str
    operations: Callable[[Client], Awaitable[dict[str, Ask]]]
    settled: Callable[[], Awaitable[None]] | None = None
    renewed: Callable[[], Awaitable[None]] | None = None


@contextlib.contextmanager
def skranke(server: EmbeddedPostgres, folder: Path) -> Iterator[Server]:
    """Skranke with one tenant, as an agent of it sees it, and its worker, who does what follows."""
    size = Size(TICKETS, 1)
    base = filled(server, folder, size)
    desks: list[Desk] = []

    async def renewed() -> None:
        for desk in desks:
            await desk.sign_in()

    async def operations(client: Client) -> dict[str, Ask]:
        desk = Desk(base, size, client)
        desks.append(desk)
        await desk.sign_in()
        newest = "/v1/tickets?limit=100"
        listed = json.loads(await client.ask(desk.request("agent", newest)))
        ids = cycle(item["id"] for item in listed["items"])
        opened = {"type": "support", "subject": "Totals are wrong", "description": WORDS}

        async def ticket(client: Client) -> None:
            path = f"/v1/tickets/{next(ids)}"
            await client.ask(desk.request("agent", path))
            await client.ask(desk.request("agent", f"{path}/comments"))

        def asking(make: Callable[[], Request]) -> Ask:
            return lambda client: client.ask(make())

        return {
            LIST: asking(lambda: desk.request("agent", "/v1/tickets")),
            TICKET: ticket,
            CREATE: asking(lambda: desk.request("writer", "/v1/tickets", "POST", opened, 201)),
            COMMENT: asking(
                lambda: desk.request(
                    "agent", f"/v1/tickets/{next(ids)}/comments", "POST", {"body": WORDS}, 201
                )
            ),
        }

    with contextlib.ExitStack() as held:
        processes = [held.enter_context(installation.api(base)) for _ in range(WORKERS)]
        worker = held.enter_context(installation.worker(base))
        yield Server(
            "Skranke",
            tuple(each.port for each in processes),
            tuple(each.pid for each in (*processes, worker)),
            (processes[0].backend, worker.backend, "skranke-queue"),
            base.name,
            operations,
            lambda: _settled(base.superuser),
            renewed,
        )


async def _settled(superuser: str) -> None:
    """Wait until the worker has done all that is due."""
    async with await psycopg.AsyncConnection.connect(superuser, autocommit=True) as connection:
        for _ in range(600):
            left = await connection.execute(_DUE)
            if (await left.fetchone()) == (0,):
                return
            await asyncio.sleep(0.1)
    raise RuntimeError("the worker did not get through its jobs within a minute")
