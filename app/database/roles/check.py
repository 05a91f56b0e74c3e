"""Which roles may serve: those that the tenant wall holds, and no other.

A superuser, a role that bypasses row-level security, whoever owns a table, and the finder all walk
through the wall. The doors ask before they open, and do not open.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg

from app.database.roles.names import APP, FINDER, WORKER

# Looks at the user who signed in, so that SET ROLE hides nothing, and at all he can become.
ROLE_QUESTION: LiteralString = """
WITH held AS (
    SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles
    WHERE pg_has_role(session_user, oid, 'MEMBER')
)
SELECT session_user,
    EXISTS (SELECT FROM held WHERE rolsuper) AS superuser,
    EXISTS (SELECT FROM held WHERE rolbypassrls) AS bypasses,
    EXISTS (SELECT FROM held WHERE rolname = 'skranke_finder') AS finds,
    EXISTS (
        SELECT FROM pg_database JOIN held ON held.oid = datdba WHERE datname = current_database()
    ) OR EXISTS (
        SELECT FROM pg_class JOIN held ON held.oid = relowner
        WHERE relnamespace::regnamespace::text IN ('public', 'queue', 'wall')
    ) AS owns
"""


class RoleWalksThrough(RuntimeError):
    """The process would serve as a role that the tenant wall does not hold; one line."""


def judge(row: Sequence[Any]) -> None:
    """Raise `RoleWalksThrough` where the answer to `ROLE_QUESTION` is of a role it lets by."""
    name, superuser, bypasses, finds, owns = row
    reasons = {
        "is a superuser": superuser,
        "has BYPASSRLS": bypasses,
        "owns the database or tables in it": owns,
        f"is a member of {FINDER}": finds,
    }
    reason = next((reason for reason, holds in reasons.items() if holds), None)
    if reason:
        raise RoleWalksThrough(
            f'The database role "{name}" {reason}, so it would see every tenant. Serve as {APP} and'
            f" {WORKER}; `skranke database prepare` makes them."
        )


def check_role(connection: psycopg.Connection) -> None:
    """Raise `RoleWalksThrough` where this connection's role is not held by the wall."""
    row = connection.execute(ROLE_QUESTION).fetchone()
    judge(row or ())


async def check_role_async(connection: psycopg.AsyncConnection) -> None:
    """As `check_role`, on an asynchronous connection."""
    row = await (await connection.execute(ROLE_QUESTION)).fetchone()
    judge(row or ())
