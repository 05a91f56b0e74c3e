"""Questions: frequent statements that are executed by the driver directly.

SQLAlchemy needs several times as long between a statement and the driver as the driver itself
(`benchmarks/README.md`). A question is compiled to SQL by SQLAlchemy once; after that its values
and rows pass directly between the driver and the caller, in the session's own transaction, behind
its wall."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg.rows import namedtuple_row
from sqlalchemy import ARRAY, Connection, LargeBinary
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

Values = Mapping[str, Any]
MakeRow = Callable[[Sequence[Any]], Any]
#: Under which name a session's `info` holds the connection of the transaction that is open.
CONNECTION = "connection"


class Question:
    """A statement with named parameters in place of values (`bindparam`).

    Its rows are named tuples of its columns, never entities: nothing can be changed by them. One
    that writes returns only its RETURNING rows; the session knows nothing of what it wrote
    (`entities.py`)."""

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement
        self._words: _Words | None = None

    async def rows(self, session: AsyncSession, values: Values) -> list[Any]:
        """Every row, after the session's pending changes are flushed."""
        if session.in_transaction() and (session.new or session.dirty or session.deleted):
            await session.flush()
        connection = await _connection_of(session)
        try:
            return await self._rows(connection, values)
        except BaseException as error:
            await greenlet_spawn(self._refuse, connection, error)
            raise

    async def row(self, session: AsyncSession, values: Values) -> Any:
        """The only row, or `None`."""
        found = await self.rows(session, values)
        if len(found) > 1:
            raise LookupError("more rows than one")
        return found[0] if found else None

    def value_on(self, connection: Connection, values: Values) -> Any:
        """The only value of the only row, for code that runs inside SQLAlchemy (an event)."""
        try:
            ((value,),) = connection.connection.run_async(lambda _: self._rows(connection, values))
        except BaseException as error:
            self._refuse(connection, error)
            raise
        return value

    async def _rows(self, connection: Connection, values: Values) -> list[Any]:
        words = self._words
        if words is None:
            words = self._words = _Words(self.statement, connection.dialect)
        asked: tuple[str, Any] = (words.sql, words.filled(values))
        for listener in connection.dispatch.before_cursor_execute:
            asked = listener(connection, None, *asked, None, False)  # noqa: FBT003
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor(row_factory=words.row_factory)
        await cursor.execute(*asked)
        found: list[Any] = await cursor.fetchall() if cursor.pgresult.nfields else []
        return found

    def _refuse(self, connection: Connection, error: BaseException) -> None:
        """Raise what SQLAlchemy raises for an error of the driver, and invalidate a connection that
        is broken, or whose answer nobody waits for any more, as SQLAlchemy does."""
        try:
            raise error  # noqa: TRY301 (as SQLAlchemy looks at what is being handled)
        except BaseException as raised:  # noqa: BLE001
            said = self._words.sql if self._words else None
            connection._handle_dbapi_exception(raised, said, None, None, None)  # noqa: SLF001


class _Words:
    """A statement compiled for the driver."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self._open = {name for name, bound in compiled.binds.items() if bound.required}
        # Lists of values that the statement itself holds are written out.
        written = compiled.construct_expanded_state(dict.fromkeys(self._open))
        self.sql: str = written.statement
        self._fixed = dict(written.parameters)
        self._processes = [
            (name, process)
            for name, bound in compiled.binds.items()
            if (process := bound.type.dialect_impl(dialect).bind_processor(dialect))
        ]
        for column in getattr(statement, "selected_columns", ()):
            if not _reads_alone(column.type, dialect):
                raise TypeError(f"the driver alone does not read {column}")
        self._make_row: MakeRow | None = None

    def filled(self, values: Values) -> dict[str, Any]:
        """The parameters for the driver. Raises `LookupError` where a value is missing."""
        if missing := self._open - values.keys():
            raise LookupError(f"no value for {sorted(missing)}")
        asked = {**self._fixed, **values}
        for name, process in self._processes:
            asked[name] = process(asked[name])
        return asked

    def row_factory(self, cursor: Any) -> MakeRow:
        """How the driver makes a row: found out with the first result."""
        if self._make_row is None:
            if not cursor.pgresult or not cursor.pgresult.nfields:  # nothing was answered yet
                return namedtuple_row(cursor)
            self._make_row = namedtuple_row(cursor)
        return self._make_row


def _reads_alone(kind: TypeEngine[Any], dialect: Dialect) -> bool:
    """Whether the driver alone returns the values that SQLAlchemy would: lists for arrays, bytes
    for `bytea`, whatever SQLAlchemy does for other drivers."""
    if isinstance(kind, ARRAY):
        return _reads_alone(kind.item_type, dialect)
    if isinstance(kind, LargeBinary):
        return True
    return kind.dialect_impl(dialect).result_processor(dialect, None) is None


async def _connection_of(session: AsyncSession) -> Connection:
    """The connection of the session's transaction, which is begun where there is none. A savepoint
    is only made when the session is asked for its connection."""
    connection: Connection | None = session.info.get(CONNECTION)
    begun = connection is not None and connection.in_transaction()
    if connection is not None and begun and not session.in_nested_transaction():
        return connection
    _ = await session.connection()
    joined: Connection = session.info[CONNECTION]
    return joined
