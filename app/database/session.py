"""Connections and sessions: one pool for each role; no session begins a transaction without the
wall."""

import math
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

from pydantic import SecretStr
from sqlalchemy import URL, event, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from app.database.light_session import LightSession
from app.database.tenancy import Wall, stand_behind

#: Seconds that a connection is kept, about.
_LIFETIME = 1800
_UNTIL_PREPARED = 2


def driver_url(url: SecretStr) -> URL:
    """The URL with the one driver we use, whatever prefix the operator wrote."""
    return make_url(url.get_secret_value()).set(drivername="postgresql+psycopg")


class HasDatabase(Protocol):
    """Whatever brings the database along: the least that a job asks of the worker."""

    @property
    def database(self) -> "Database": ...


class Database:
    """One role's way to the database: its pool of connections and the sessions on it."""

    def __init__(
        self,
        url: SecretStr,
        *,
        pool_size: int,
        name: str,
        info: dict[str, Any] | None = None,
        prepared_statements: bool = True,
    ) -> None:
        """`info` goes to every session: what a door ties to them (`journal.Reactions`).
        `prepared_statements`: whether a connection may keep some."""
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text is logged, and they hold what people wrote
            connect_args={
                "application_name": f"skranke-{name}",
                "connect_timeout": 10,
                # The second time on: PostgreSQL plans the first five anew that are prepared, and
                # psycopg's own five before that would be planned as well.
                "prepare_threshold": 1 if prepared_statements else None,
            },
        )
        _end_one_by_one(self.engine)
        self._sessions = async_sessionmaker(
            self.engine, class_=LightSession, expire_on_commit=False
        )
        self._info = info or {}

    async def connect(self, wall: Wall) -> None:
        """Open every connection before one is needed, and raise `wall` on each until PostgreSQL
        has prepared that. Raises what SQLAlchemy raises where there is no database."""
        size = self.engine.pool.size()  # type: ignore[attr-defined]
        for _ in range(_UNTIL_PREPARED):
            async with AsyncExitStack() as held:
                for _ in range(size):
                    session = await held.enter_async_context(self.transaction(wall))
                    _ = await session.connection()

    def session(self, wall: Wall | None = None) -> AsyncSession:
        """A new session behind `wall`. Whoever opens it closes it."""
        session = self._sessions(info=dict(self._info))
        if wall is not None:
            stand_behind(session, wall)
        return session

    @asynccontextmanager
    async def transaction(self, wall: Wall) -> AsyncIterator[AsyncSession]:
        """One transaction behind `wall`: committed at the end of the block, else rolled back."""
        async with self.session(wall) as session, session.begin():
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _end_one_by_one(engine: AsyncEngine) -> None:
    """Let connections end after half an hour or so, as each keeps memory in PostgreSQL; at times
    of their own, as what is opened at once would have to be opened at once again."""
    pool = engine.sync_engine.pool

    @event.listens_for(pool, "connect")
    def choose_end(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["ends_at"] = time.monotonic() + _LIFETIME * random.uniform(0.5, 1.5)  # noqa: S311

    @event.listens_for(pool, "checkin")
    def end(_connection: Any, entry: ConnectionPoolEntry) -> None:
        if time.monotonic() > entry.info.get("ends_at", math.inf):
            entry.invalidate(soft=True)  # the next checkout opens another
