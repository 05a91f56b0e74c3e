"""A backup rehearsed: what comes back elsewhere has as many rows in every table, and every file."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from app.commands.database import backup, restore
from tests import cluster
from tests.cluster import Addresses


def use(monkeypatch: pytest.MonkeyPatch, addresses: Addresses, name: str, folder: Path) -> None:
    """Let commands work on a database and a data directory."""
    settings = cluster.settings_for(addresses, name, folder)
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(folder))
    for role in ("database_url", "migration_database_url", "worker_database_url"):
        monkeypatch.setenv(f"SKRANKE_{role.upper()}", getattr(settings, role).get_secret_value())


def counts(address: str) -> dict[str, int]:
    """How many rows each table has, the queue's too."""
    with psycopg.connect(address) as connection:
        found = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
        ).fetchall()
        asked = sql.SQL("SELECT count(*) FROM {}")
        return {
            f"{schema}.{table}": _one(connection, asked.format(sql.Identifier(schema, table)))
            for schema, table in found
        }


def _one(connection: psycopg.Connection, query: sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def elsewhere(addresses: Addresses) -> Iterator[str]:
    name = f"skranke_{uuid4().hex[:12]}"
    yield name
    cluster.drop(addresses, name)


def test_every_row_and_every_file_comes_back_elsewhere(
    addresses: Addresses,
    fresh_database: str,
    elsewhere: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "backup.tar"
    for number in range(3):
        attachment = here / "attachments" / "tenant" / f"file-{number}"
        attachment.parent.mkdir(parents=True, exist_ok=True)
        attachment.write_bytes(b"of a ticket" * number)
    use(monkeypatch, addresses, fresh_database, here)
    backup(file, superuser_url=addresses.superuser)
    before = counts(addresses.of("superuser", fresh_database))
    assert before["public.people"] > 40
    assert before["public.tenants"] == 5

    use(monkeypatch, addresses, elsewhere, there)
    restore(file, superuser_url=addresses.superuser)
    assert counts(addresses.of("superuser", elsewhere)) == before
    assert contents(there) == contents(here)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
