"""A PostgreSQL of the benchmarks' own, kept between runs, and the API processes beside it.

Everything lies in one folder (`var/benchmarks`); listens on loopback alone; ends what it started,
by id.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from pydantic import SecretStr

from app.commands.demo import FILE, apply_shipped
from app.database.embedded import EmbeddedPostgres
from app.database.migrations import migrate
from app.database.roles import APP, OWNER, SIGN_IN_ROLES, WORKER, prepare
from app.database.session import Database
from app.kernel.settings import Settings

_HERE = Path(__file__).parent.parent
_PATIENCE = 60.0
#: As for a server of this size, and with every backend's work its own: no parallel workers, no
#: autovacuum in the middle of a measurement.
_SERVER = {
    "shared_buffers": "1GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_parallel_workers_per_gather": "0",
    "log_line_prefix": "%a|",
}


@dataclass(frozen=True, slots=True)
class Base:
    """A database of the installation, and who may sign in to it."""

    name: str
    folder: Path
    server: EmbeddedPostgres

    def url(self, role: str) -> str:
        """The address for a role."""
        return self.server.url(role, self.name)

    @property
    def superuser(self) -> str:
        """The address that no wall holds; for filling, looking and the floor."""
        return self.server.superuser_url(self.name)

    def password(self, portal: str, email: str) -> str:
        """The password of a demo person."""
        people = json.loads((self.folder / FILE).read_text())["portals"][portal]["people"]
        return next(str(one["password"]) for one in people if one["email"] == email)

    def environment(self, port: int) -> dict[str, str]:
        """The settings of a process that serves or works on it, as an operator would set them."""
        return {
            "SKRANKE_PORT": str(port),
            "UVICORN_PORT": str(port),
            "SKRANKE_DATA_DIR": str(self.folder),
            "SKRANKE_DATABASE_URL": self.url(APP),
            "SKRANKE_MIGRATION_DATABASE_URL": self.url(OWNER),
            "SKRANKE_WORKER_DATABASE_URL": self.url(WORKER),
            "SKRANKE_SECRET_KEY": "only-for-benchmarks-" * 2,
            "SKRANKE_SIGN_INS_PER_MINUTE": "1000000",
            "SKRANKE_REQUESTS_PER_MINUTE": "1000000000",
        }

    @property
    def log(self) -> Path:
        """PostgreSQL's log."""
        return self.server.folder.log


@contextlib.contextmanager
def server_in(folder: Path) -> Iterator[EmbeddedPostgres]:
    """The installation's PostgreSQL, made at the first use, for the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(folder.absolute() / "postgres", settings=_SERVER) as server:
        yield server


def base_in(server: EmbeddedPostgres, folder: Path, name: str) -> Base:
    """The database of this name with the shipped portals, made anew; one that is there goes."""
    base = Base(name, folder.absolute() / name, server)
    base.folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(name)))
    passwords = server.passwords(*SIGN_IN_ROLES)
    prepare(server.superuser_url(), database=name, passwords=passwords)
    settings = Settings(
        data_dir=base.folder,
        database_url=SecretStr(base.url(APP)),
        migration_database_url=SecretStr(base.url(OWNER)),
        worker_database_url=SecretStr(base.url(WORKER)),
    )
    migrate(SecretStr(base.url(OWNER)))
    asyncio.run(_apply(settings))
    return base


async def _apply(settings: Settings) -> None:
    assert settings.worker_database_url
    database = Database(settings.worker_database_url, pool_size=2, name="benchmarks")
    try:
        await apply_shipped(database, settings)
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Process:
    """A running process: the API, its floor, or the worker; `port` is where it listens, if it
    does; `backend` tells its sessions in `pg_stat_activity`."""

    pid: int
    port: int
    database: str
    backend: str


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(
    base: Base, words: list[str], *, backend: str, listens: bool = True, **environment: str
) -> Iterator[Process]:
    """A Python process on `base` for the block, once it listens; ended by its id."""
    port = free_port()
    with program(
        [sys.executable, "-m", *words],
        {**base.environment(port), **environment},
        base.folder / f"{backend}.log",
        port if listens else None,
    ) as pid:
        yield Process(pid, port, base.name, backend)


@contextlib.contextmanager
def program(
    words: list[str], environment: dict[str, str], log: Path, port: int | None
) -> Iterator[int]:
    """A program for the block, once it listens on `port`, and its id, by which it is ended."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            words,
            env={**os.environ, **environment},
            cwd=_HERE,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        if port is not None:
            _wait(process, port, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError(f"it was not ready: {log.read_text()[-2000:]}")


def api(base: Base) -> Any:
    """The API on `base`, as `skranke serve` runs it."""
    return running(base, ["app.cli", "serve"], backend="skranke-api")


def worker(base: Base) -> Any:
    """The worker on `base`."""
    return running(base, ["app.cli", "work"], backend="skranke-worker", listens=False)
