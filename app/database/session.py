"""Connections and sessions: one pool per role, sessions that begin nothing without the wall."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from app.database.light_session import LightSession
from app.database.tenancy import Wall, stand_behind


def driver_url(url: SecretStr) -> URL:
    """The address with the one driver we use, whatever prefix the operator wrote."""
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
        `prepared_statements`: whether a connection may keep some (psycopg's fifth time on)."""
        preparing: dict[str, Any] = {} if prepared_statements else {"prepare_threshold": None}
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            pool_recycle=1800,
            hide_parameters=True,  # an error's text is logged, and they hold what people wrote
            connect_args={
                "application_name": f"skranke-{name}",
                "connect_timeout": 10,
                **preparing,
            },
        )
        self._sessions = async_sessionmaker(
            self.engine, class_=LightSession, expire_on_commit=False
        )
        self._info = info or {}

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
