"""The connection breaks at COMMIT: nobody knows whether it was kept, and asking again does it once.

A proxy stands before PostgreSQL and cuts the line as soon as COMMIT has come through, or before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from pydantic import SecretStr

from app.kernel.settings import Settings
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import answers

_TIMES = 5


class Line:
    """A line to PostgreSQL that can be told to break at the next COMMIT."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        #: `before` or `after` the server has it; once.
        self.breaks: str | None = None
        self.broken = 0

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[int]:
        """The port to call."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _carry(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        far, to_far = await asyncio.open_unix_connection(self._socket)
        back = asyncio.create_task(_pass_on(far, to_near))
        try:
            while piece := await near.read(65_536):
                breaking = self.breaks if b"COMMIT" in piece else None
                if breaking:
                    self.breaks, self.broken = None, self.broken + 1
                    back.cancel()
                    await asyncio.wait({back})
                if breaking == "before":
                    break
                to_far.write(piece)
                await to_far.drain()
                if breaking == "after":
                    await far.read(65_536)  # it is kept now, and its answer is lost
                    break
        finally:
            back.cancel()
            for writer in (to_near, to_far):
                writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[tuple[Line, SecretStr]]:
    assert settings.database_url
    parts = psycopg.conninfo.conninfo_to_dict(settings.database_url.get_secret_value())
    line = Line(f"{parts['host']}/.s.PGSQL.{parts['port']}")
    async with line.laid() as port:
        place = f"127.0.0.1:{port}/{parts['dbname']}"
        yield line, SecretStr(f"postgresql://{parts['user']}:{parts['password']}@{place}")


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_lost_answer_to_commit_is_asked_again_and_there_is_one_ticket(
    settings: Settings,
    addresses: Addresses,
    line: tuple[Line, SecretStr],
    fresh_database: str,
    moment: str,
) -> None:
    cut, url = line
    app = create_app(settings.model_copy(update={"database_url": url}))
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        member = await desk.client("member@acme.example")
        for turn in range(_TIMES):
            cut.breaks = moment
            key = {"Idempotency-Key": f"lost-{turn}"}
            new = answers(subject=f"Lost {turn}")
            lost = await member.post("/v1/tickets", json=new, headers=key)
            assert (lost.status_code, lost.json()["code"]) == (503, "outcome-unknown")
            assert int(lost.headers["retry-after"]) >= 1
            again = await member.post("/v1/tickets", json=new, headers=key)
            assert again.status_code == 201, again.text
            assert ("idempotent-replayed" in again.headers) == (moment == "after")
        await desk.close()
    assert cut.broken == _TIMES
    with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
        kept = connection.execute("SELECT subject FROM tickets ORDER BY number").fetchall()
        told = connection.execute("SELECT count(*) FROM events WHERE name = 'ticket.opened'")
        assert kept == [(f"Lost {turn}",) for turn in range(_TIMES)]
        assert told.fetchone() == (_TIMES,)
