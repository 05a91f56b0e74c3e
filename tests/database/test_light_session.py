"""A session that has begun without its ORM is one transaction with it, behind one wall."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.asking import Question
from app.database.session import Database
from app.database.tenancy import AsSystem, Nowhere
from tests.cluster import Addresses

_NUMBER = "SELECT pg_current_xact_id()::text AS number"
_TRANSACTION = Question(text(_NUMBER))
_TENANT = "SELECT current_setting('app.tenant', true) AS tenant"
_NOTE = Question(text("INSERT INTO noted VALUES ('something')"))
_WRONG = Question(text("SELECT 1/0"))
_NOTED = Question(text("SELECT count(*) AS rows FROM noted"))


@pytest.fixture
async def database(addresses: Addresses, database_name: str) -> AsyncIterator[Database]:
    """A way to the database with a single connection, and a table of that connection's own."""
    url = addresses.url("superuser", database_name)
    database = Database(url, pool_size=1, name="light")
    async with database.session(Nowhere()) as session:
        _ = await session.execute(text("CREATE TEMPORARY TABLE noted (what text)"))
        await session.commit()
    yield database
    await database.close()


async def note(session: AsyncSession) -> None:
    """Write a line, through the ORM's own connection."""
    _ = await session.execute(text("INSERT INTO noted VALUES ('something')"))


async def note_and_fail(session: AsyncSession) -> None:
    """Write a line in a savepoint, and fail there."""
    async with session.begin_nested():
        await note(session)
        _ = await session.execute(text("SELECT 1/0"))


async def ask_and_fail(session: AsyncSession) -> None:
    """The same by questions."""
    async with session.begin_nested():
        _ = await _NOTE.rows(session, {})
        _ = await _WRONG.rows(session, {})


async def noted(database: Database) -> int:
    """How many lines there are."""
    async with database.session(Nowhere()) as session:
        rows: int = (await _NOTED.row(session, {})).rows
    return rows


def in_use(database: Database) -> int:
    """How many connections are not at home."""
    return int(database.engine.pool.checkedout())  # type: ignore[attr-defined]


async def test_the_orm_joins_the_transaction_that_was_begun(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        begun = (await _TRANSACTION.row(session, {})).number
        assert await session.scalar(text(_NUMBER)) == begun
        assert (await _TRANSACTION.row(session, {})).number == begun


async def test_what_the_orm_writes_there_is_kept_with_the_session(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        _ = await _TRANSACTION.row(session, {})
        await note(session)
        await session.commit()
        assert in_use(database) == 0
    assert await noted(database) == 1


@pytest.mark.parametrize("says_so", [True, False], ids=["rolled back", "left"])
async def test_what_is_not_committed_is_not_kept(database: Database, *, says_so: bool) -> None:
    async with database.session(Nowhere()) as session:
        _ = await _TRANSACTION.row(session, {})
        await note(session)
        if says_so:
            await session.rollback()
    assert in_use(database) == 0
    assert await noted(database) == 0


async def test_a_savepoint_of_it_goes_back_alone(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        _ = await _TRANSACTION.row(session, {})
        await note(session)
        with pytest.raises(DBAPIError):
            await note_and_fail(session)
        await session.commit()
    assert await noted(database) == 1


async def test_a_savepoint_holds_what_a_question_writes(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        _ = await _NOTE.rows(session, {})
        with pytest.raises(DBAPIError):
            await ask_and_fail(session)
        await session.commit()
    assert await noted(database) == 1


async def test_the_wall_is_raised_once_for_each_transaction(database: Database) -> None:
    raised: list[str] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda *told: raised.append(told[2]) if "wall." in told[2] else None,
    )
    tenant = uuid4()
    async with database.session(AsSystem(tenant)) as session:
        for times in (1, 2):
            _ = await _TRANSACTION.row(session, {})
            assert await session.scalar(text(_TENANT)) == str(tenant)
            await session.commit()
            assert len(raised) == times
        assert await session.scalar(text(_TENANT)) == str(tenant)
        assert len(raised) == 3


async def test_a_connection_that_is_given_back_is_behind_nobodys_wall(database: Database) -> None:
    async with database.session(AsSystem(uuid4())) as session:
        _ = await _TRANSACTION.row(session, {})
    async with database.session(Nowhere()) as session:
        assert not await session.scalar(text(_TENANT))
