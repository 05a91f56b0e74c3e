"""A session that begins without the ORM, which joins when something needs it.

Beginning and ending a transaction takes the ORM several times as long as the connection itself
(`benchmarks/README.md`), and most requests only use questions (`asking.py`). So the connection is
taken and the wall set without it; whatever else the session is asked for happens on that
connection, in that transaction, which is then the session's own
(`join_transaction_mode="control_fully"`)."""

from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from app.database.tenancy import raise_wall


class LightSession(AsyncSession):
    """To its users a session like any other."""

    def __init__(self, bind: AsyncEngine, **options: Any) -> None:
        super().__init__(bind, join_transaction_mode="control_fully", **options)
        self._engine = bind
        self._held: AsyncConnection | None = None

    async def connection(self, *args: Any, **options: Any) -> AsyncConnection:
        """The connection of the transaction, which is begun behind the session's wall where none
        is open."""
        if args or options or self.in_transaction():
            return await super().connection(*args, **options)
        if self._held is None:
            begun = await greenlet_spawn(_begun, self._engine.sync_engine, self.sync_session)
            self.bind = self._held = AsyncConnection(self._engine, begun)
        return self._held

    async def flush(self, *args: Any) -> None:
        if self.in_transaction():
            await super().flush(*args)

    async def commit(self) -> None:
        if self.in_transaction():
            await super().commit()
        await self._end(keep=True)

    async def rollback(self) -> None:
        if self.in_transaction():
            await super().rollback()
        await self._end()

    async def close(self) -> None:
        await super().close()
        await self._end()

    async def __aexit__(self, type_: object, value: object, traceback: object) -> None:
        if self._held is not None or self.in_transaction():
            await super().__aexit__(type_, value, traceback)

    async def _end(self, *, keep: bool = False) -> None:
        held, self._held = self._held, None
        if held is not None:
            self.bind = self._engine
            await greenlet_spawn(_ended, held.sync_connection, keep)


def _begun(engine: Engine, session: Session) -> Connection:
    connection = engine.connect()
    try:
        _ = connection.begin()
        raise_wall(session, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _ended(held: Connection, keep: bool) -> None:  # noqa: FBT001
    try:
        transaction = held.get_transaction()
        if keep and transaction is not None:
            transaction.commit()
    finally:
        held.close()
