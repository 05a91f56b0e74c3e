"""One PostgreSQL for a whole run of the tests, and databases copied from one that was made once.

The template is migrated and holds the five shipped portals with their demo people. Tests over HTTP
really commit, so each test process has a copy of its own.
"""

import asyncio
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from app.commands.demo import apply_shipped
from app.database.embedded import EmbeddedPostgres, programs_for
from app.database.migrations import migrate
from app.database.roles import APP, OWNER, SIGN_IN_ROLES, WORKER, prepare
from app.database.session import Database
from app.kernel.settings import Settings

MAJOR = int(os.environ.get("SKRANKE_TEST_POSTGRES", "18"))
_TEMPLATE = "skranke_template"


@dataclass(frozen=True, slots=True)
class Addresses:
    """How to reach the run's server; plain values, so that they reach every test process."""

    superuser: str
    owner: str
    app: str
    worker: str
    demo: str
    passwords: dict[str, str]

    def of(self, role: str, database: str) -> str:
        """The address of `database` for a role (`owner`, `app`, `worker`, `superuser`)."""
        return make_conninfo(getattr(self, role), dbname=database)

    def url(self, role: str, database: str) -> SecretStr:
        """The same as settings are written."""
        parts = psycopg.conninfo.conninfo_to_dict(self.of(role, database))
        host, port = parts["host"], parts.get("port", "5432")
        who = f"{parts['user']}:{parts['password']}"
        return SecretStr(f"postgresql://{who}@/{database}?host={host}&port={port}")


class Cluster:
    """The run's server. Made by the first process, stopped by it."""

    def __init__(self, programs: Path | None = None) -> None:
        """`programs` is the folder of PostgreSQL's, where not the version's that is tested."""
        programs = programs or programs_for(MAJOR)
        if programs is None:
            raise RuntimeError(f"PostgreSQL {MAJOR} is not installed")
        self.folder = Path(tempfile.mkdtemp(prefix="skranke-tests-"))
        self.folder.chmod(0o755)
        self._server = EmbeddedPostgres(
            self.folder / "postgres",
            bin_dir=programs,
            fsync=False,
            settings={"max_connections": "200", "shared_buffers": "128MB"},
        )

    def start(self) -> Addresses:
        """Start it and make the template. Takes some ten seconds."""
        self._server.start()
        prepare(
            self._server.superuser_url(),
            database=_TEMPLATE,
            passwords=self._server.passwords(*SIGN_IN_ROLES),
        )
        addresses = Addresses(
            superuser=_conninfo(self._server.superuser_url()),
            owner=_conninfo(self._server.url(OWNER, _TEMPLATE)),
            app=_conninfo(self._server.url(APP, _TEMPLATE)),
            worker=_conninfo(self._server.url(WORKER, _TEMPLATE)),
            demo=str(self.folder / "demo.json"),
            passwords=self._server.passwords(*SIGN_IN_ROLES),
        )
        settings = settings_for(addresses, _TEMPLATE, self.folder)
        assert settings.migration_database_url
        migrate(settings.migration_database_url)
        asyncio.run(_fill(settings))
        with psycopg.connect(addresses.superuser, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return addresses

    def stop(self) -> None:
        """Stop it and leave nothing behind."""
        self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _fill(settings: Settings) -> None:
    assert settings.worker_database_url
    database = Database(settings.worker_database_url, pool_size=2, name="tests")
    try:
        await apply_shipped(database, settings)
    finally:
        await database.close()


def _conninfo(url: str) -> str:
    return make_conninfo(url)


def settings_for(addresses: Addresses, database: str, folder: Path, **more: Any) -> Settings:
    """Settings of an installation on `database` that keeps its files in `folder`."""

    return Settings(
        **{
            "data_dir": folder,
            "database_url": addresses.url("app", database),
            "migration_database_url": addresses.url("owner", database),
            "worker_database_url": addresses.url("worker", database),
            "secret_key": SecretStr("only-for-tests-" * 3),
            "sign_ins_per_minute": 100_000,
            "requests_per_minute": 1_000_000,
            "log_level": "ERROR",
            **more,
        }
    )


def copy_of_template(addresses: Addresses) -> str:
    """A new database, filled as the template; answers its name."""
    name = f"skranke_{uuid4().hex[:12]}"
    with psycopg.connect(addresses.superuser, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(_TEMPLATE), sql.Identifier(OWNER)
            )
        )
        # What roles are allowed and set to in a database is not copied with it. One process at a
        # time: roles belong to all databases.
        connection.execute("SELECT pg_advisory_lock(1)")
        prepare(addresses.superuser, database=name, passwords=addresses.passwords)
    return name


def drop(addresses: Addresses, name: str) -> None:
    """Drop a copy, whoever is connected."""
    with psycopg.connect(addresses.superuser, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def demo_people(addresses: Addresses) -> dict[str, list[dict[str, str]]]:
    """Who may sign in, by portal: name, email, password, side, role, organization."""
    portals = json.loads(Path(addresses.demo).read_text())["portals"]
    return {slug: portal["people"] for slug, portal in portals.items()}
