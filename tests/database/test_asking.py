"""Questions go to the driver in the session's own transaction, and fail as any statement does."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Text, bindparam, event, literal, select, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.asking import Question
from app.database.session import Database
from app.database.tenancy import AsSystem, Nowhere, WallNotRaised
from app.models.tickets import Ticket
from tests.cluster import Addresses

_ECHO = Question(select(bindparam("said", type_=Text).label("said"), literal(7).label("seven")))
_TENANT = Question(text("SELECT current_setting('app.tenant', true) AS tenant"))
_BACKEND = Question(text("SELECT pg_backend_pid() AS pid"))
_SLEEP = Question(text("SELECT pg_sleep(30)"))
_WRONG = Question(text("SELECT 1 / CAST(:number AS integer)"))


@pytest.fixture
async def database(addresses: Addresses, database_name: str) -> AsyncIterator[Database]:
    """A way to the database with a single connection."""
    url = addresses.url("superuser", database_name)
    database = Database(url, pool_size=1, name="asking")
    yield database
    await database.close()


async def test_rows_have_the_names_of_their_columns(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        for said in ("one", "two"):
            row = await _ECHO.row(session, {"said": said})
            assert (row.said, row.seven) == (said, 7)


async def test_a_list_that_the_statement_holds_is_asked_with_it(database: Database) -> None:
    named = literal("b").in_(["a", "b"]) & (literal("c") == bindparam("said", type_=Text))
    question = Question(select(named.label("fits")))
    async with database.session(Nowhere()) as session:
        for said, fits in (("c", True), ("d", False)):
            assert (await question.row(session, {"said": said})).fits is fits


async def test_a_value_that_is_missing_is_refused(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        with pytest.raises(StatementError, match="said"):
            await _ECHO.rows(session, {})


async def test_a_question_raises_the_wall_of_each_transaction(database: Database) -> None:
    tenant = uuid4()
    async with database.session(AsSystem(tenant)) as session:
        for _ in range(2):
            assert (await _TENANT.row(session, {})).tenant == str(tenant)
            await session.commit()
        await session.rollback()
        assert (await _TENANT.row(session, {})).tenant == str(tenant)
    async with database.session(Nowhere()) as session:
        assert not (await _TENANT.row(session, {})).tenant


async def test_without_a_wall_nothing_is_asked(database: Database) -> None:
    async with database.session() as session:
        with pytest.raises(WallNotRaised):
            await _TENANT.rows(session, {})


async def test_what_is_not_written_yet_is_written_first(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        session.add(Ticket(tenant_id=uuid4(), id=uuid4()))
        with pytest.raises(DBAPIError):  # which lacks all that a ticket must have
            await _ECHO.rows(session, {"said": ""})
        with pytest.raises(PendingRollbackError):
            await _ECHO.rows(session, {"said": "outside of any transaction"})


async def test_an_error_is_told_as_of_any_statement(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        with pytest.raises(DBAPIError) as told:
            await _WRONG.rows(session, {"number": 0})
        assert isinstance(told.value.orig, psycopg.errors.DivisionByZero)
        assert not told.value.connection_invalidated
        await session.rollback()
        assert (await _ECHO.row(session, {"said": "after"})).said == "after"


async def test_a_broken_connection_is_given_up(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        pid = (await _BACKEND.row(session, {})).pid
        with pytest.raises(DBAPIError) as told:
            await Question(text("SELECT pg_terminate_backend(pg_backend_pid())")).rows(session, {})
        assert told.value.connection_invalidated
    async with database.session(Nowhere()) as session:
        assert (await _BACKEND.row(session, {})).pid != pid


async def test_an_answer_nobody_waits_for_is_nobody_elses(database: Database) -> None:
    async with database.session(Nowhere()) as session:
        pid = (await _BACKEND.row(session, {})).pid
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await _SLEEP.rows(session, {})
    async with database.session(Nowhere()) as session:
        assert (await _BACKEND.row(session, {})).pid != pid
        assert (await _ECHO.row(session, {"said": "mine"})).said == "mine"


async def test_whoever_listens_hears_what_is_asked(database: Database) -> None:
    heard: list[tuple[object, object]] = []
    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *told: heard.append(told[2:4]))
    async with database.session(Nowhere()) as session:
        await _ECHO.rows(session, {"said": "one"})
    ((sql, values),) = heard
    assert "%(said)s" in str(sql)
    assert isinstance(values, dict)
    assert values["said"] == "one"


async def test_another_session_begins_behind_its_own_wall(database: Database) -> None:
    seen = []
    for tenant in (uuid4(), uuid4()):
        session: AsyncSession = database.session(AsSystem(tenant))
        async with session:
            seen.append((await _TENANT.row(session, {})).tenant == str(tenant))
    assert seen == [True, True]
