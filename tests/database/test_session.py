"""Connections of a process: opened before they are needed, ended one by one."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from app.database import session
from app.database.session import Database
from app.database.tenancy import ByToken, Nowhere
from app.kernel import clock
from tests.cluster import Addresses

_BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'skranke-connecting'"
_PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%wall.enter(%'"


@pytest.fixture
async def database(addresses: Addresses, database_name: str) -> AsyncIterator[Database]:
    database = Database(addresses.url("app", database_name), pool_size=3, name="connecting")
    yield database
    await database.close()


async def told(database: Database, statement: str) -> int:
    """The one value of an answer."""
    async with database.transaction(Nowhere()) as opened:
        return int((await opened.execute(text(statement))).scalar_one())


async def test_connections_are_opened_and_can_enter_before_one_is_needed(
    database: Database,
) -> None:
    assert await told(database, _BACKENDS) == 1
    await database.connect(ByToken("access", b"", clock.now()))
    assert await told(database, _BACKENDS) == 3
    assert [await told(database, _PREPARED) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("seconds", [0, 1800])
async def test_a_connection_whose_time_is_over_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    monkeypatch.setattr(session, "_LIFETIME", seconds)
    await database.connect(Nowhere())
    before, after = [
        {await told(database, "SELECT pg_backend_pid()") for _ in range(3)} for _ in range(2)
    ]
    assert (before == after) == (seconds > 0)
