"""The checks before anything is served: the database roles and the schema version."""

import psycopg

from app.commands.failures import CommandFailed, Exit, first_line
from app.commands.prerequisites import ADDRESSES, required
from app.kernel.settings import Settings


def require_ready(settings: Settings) -> None:
    """Check that the database may and can be served from.

    Raises `RoleWalksThrough` for a role that bypasses row-level security, and `CommandFailed` where
    the database does not answer or lacks migrations."""
    require_roles(settings)
    given = next(name for name in ADDRESSES if getattr(settings, name) is not None)
    with _connected(given, settings) as connection:
        _require_migrated(connection)


def require_roles(settings: Settings) -> None:
    """Raise `RoleWalksThrough` where the API or the worker would sign in as a wrong role. Looks at
    the addresses this process was given."""
    from app.database.roles import check_role

    for name in ("database_url", "worker_database_url"):
        if getattr(settings, name) is not None:
            with _connected(name, settings) as connection:
                check_role(connection)


def _connected(name: str, settings: Settings) -> psycopg.Connection:
    url = required(getattr(settings, name)).get_secret_value()
    try:
        return psycopg.connect(url, connect_timeout=5)
    except psycopg.OperationalError as error:
        said = first_line(error)
        unprepared = "does not exist" in said or "password authentication failed" in said
        advice = " Make it with: skranke database prepare" if unprepared else ""
        raise CommandFailed(
            f"The database of SKRANKE_{name.upper()} does not let us in: {said}.{advice}",
            Exit.DATABASE_AWAY,
        ) from error


def _require_migrated(connection: psycopg.Connection) -> None:
    from app.database.migrations import newest

    found = revision_of(connection)
    if found != newest():
        raise CommandFailed(
            f"The database is at migration {found or 'none'}, this program needs {newest()}."
            " Run: skranke database migrate",
            Exit.MIGRATION,
        )


def revision_of(connection: psycopg.Connection) -> str | None:
    """The migration the database is at, or `None` where none has run."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        connection.rollback()
        return None
    return str(row[0]) if row else None
