"""Speaking SQL behind the wall, as whoever holds a token or as the system."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from app.kernel.secrets import fingerprint
from tests.isolation.world import World


async def token_of(world: World, role: str) -> bytes:
    """The fingerprint of the token of whoever plays a role."""
    client = await world.client(role)
    return fingerprint(client.headers["Authorization"].removeprefix("Bearer "))


@contextmanager
def entered(connection: psycopg.Connection, token: bytes) -> Iterator[dict[str, Any]]:
    """A transaction behind the wall of whoever holds the token; taken back at the end."""
    with connection.transaction(force_rollback=True):
        row = connection.execute(
            "SELECT wall.enter('access', %s, %s)", [token, datetime.now(UTC)]
        ).fetchone()
        assert row
        assert row[0]
        yield row[0]


@contextmanager
def as_system(connection: psycopg.Connection, tenant: str) -> Iterator[None]:
    """A transaction as the system of a tenant; taken back at the end."""
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT wall.enter_as_system(%s)", [tenant])
        yield


def column(connection: psycopg.Connection, statement: LiteralString) -> set[str]:
    """The one column of an answer, as texts."""
    return {str(value) for (value,) in connection.execute(statement).fetchall()}


def tables(connection: psycopg.Connection) -> list[str]:
    """Our tables, but for the one that says how new they are."""
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version' ORDER BY 1"
    ).fetchall()
    return [str(name) for (name,) in found]


def count(connection: psycopg.Connection, table: str) -> int:
    """How many rows of a table are seen."""
    statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(statement).fetchone()
    assert row
    return int(row[0])


def may_read(connection: psycopg.Connection, table: str) -> bool:
    """Whether the connection's role may look into a table at all."""
    row = connection.execute(
        "SELECT has_table_privilege(%s, 'SELECT')", [f"public.{table}"]
    ).fetchone()
    return bool(row and row[0])
