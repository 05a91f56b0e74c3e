"""Dumping and restoring one database with PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.commands.failures import CommandFailed, Exit
from app.database.roles import OWNER
from app.kernel import clock

_INCOMING = "skranke_incoming"


def dump(programs: Path, superuser_url: str, file: Path) -> None:
    """Write the database behind `superuser_url` to `file`. Raises `CommandFailed`."""
    _run(programs / "pg_dump", superuser_url, "--format=custom", f"--file={file}")


def restore(programs: Path, superuser_url: str, database: str, file: Path) -> str | None:
    """Put what `file` holds in the place of `database`; the answer is where the former one went.

    Restored beside it first: a dump that cannot be read whole changes nothing. The roles must be
    there already, and nobody may be connected. Raises `CommandFailed`."""
    with psycopg.connect(superuser_url, autocommit=True) as server:
        _drop(server, _INCOMING)
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(_INCOMING), sql.Identifier(OWNER)
            )
        )
        try:
            # pg_restore takes its target from --dbname, not from the environment.
            words = ("--exit-on-error", f"--dbname={_INCOMING}", str(file))
            _run(programs / "pg_restore", superuser_url, *words)
            _settle_order(make_conninfo(superuser_url, dbname=_INCOMING))
            former = _set_aside(server, database)
        except BaseException:
            _drop(server, _INCOMING)
            raise
        _rename(server, _INCOMING, database)
    return former


def _settle_order(superuser_url: str) -> None:
    """Let what was restored come before all that this server will keep. Events carry the numbers of
    transactions for their order, and another server, or a new one, counts from its own."""
    with psycopg.connect(superuser_url) as restored:
        kept = restored.execute("SELECT to_regclass('public.events')").fetchone()
        if kept is not None and kept[0] is not None:
            restored.execute("UPDATE events SET xact = xact - (SELECT max(xact) + 1 FROM events)")


def _drop(server: psycopg.Connection, database: str) -> None:
    server.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
    )


def _set_aside(server: psycopg.Connection, database: str) -> str | None:
    known = server.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone()
    if known is None:
        return None
    former = f"{database}_before_{clock.now():%Y%m%d_%H%M%S}"
    _rename(server, database, former)
    return former


def _rename(server: psycopg.Connection, database: str, name: str) -> None:
    try:
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(database), sql.Identifier(name)
            )
        )
    except psycopg.errors.ObjectInUse as error:
        raise CommandFailed(
            f"The database {database} is in use. Stop the API and the workers first.",
            Exit.DATABASE_BUSY,
        ) from error


_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def _run(program: Path, url: str, *words: str) -> None:
    """Run a program of PostgreSQL against `url`; its password must not show in the process list."""
    parts = conninfo_to_dict(make_conninfo(url))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {
        variable: str(parts[key]) for key, variable in _VARIABLES.items() if parts.get(key)
    }
    try:
        answer = subprocess.run(
            [program, *words],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            process_group=0,  # Ctrl-C reaches us; what we began we end ourselves
        )
    except OSError as error:
        raise CommandFailed(f"{program} cannot be run: {error.strerror}.", Exit.ARCHIVE) from error
    if answer.returncode:
        said = [line for line in answer.stderr.splitlines() if "error" in line] or [answer.stderr]
        raise CommandFailed(f"{program.name} gave up: {' '.join(said[0].split())}", Exit.ARCHIVE)
