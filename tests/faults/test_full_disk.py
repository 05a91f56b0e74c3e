"""The disk is full: what does not fit is refused, nothing half is kept, and room mends it.

A small disk in memory holds a table of the database and the attachments.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.kernel.settings import Settings
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import Shown, commented, opened, said

_SIZE = 2 * 1024 * 1024
_LEFT = "SELECT (SELECT count(*) FROM comments), (SELECT count(*) FROM events), (SELECT count(*) FROM attachments)"  # noqa: E501


@pytest.fixture
def disk(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of two megabytes with a tablespace and a folder for attachments on it."""
    with psycopg.connect(addresses.superuser, autocommit=True) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        place = Path(tempfile.mkdtemp(dir=Path(data).parent, prefix="small-disk-"))
        place.chmod(0o755)
        words: list[str | Path] = [
            "/bin/mount",
            "-t",
            "tmpfs",
            "-o",
            f"size={_SIZE}",
            "tmpfs",
            place,
        ]
        if os.getuid() or subprocess.run(words, check=False).returncode:
            place.rmdir()
            pytest.skip("NOT TESTED: only root may mount a small disk, and not everywhere.")
        try:
            for name in ("tables", "attachments"):
                (place / name).mkdir()
                shutil.chown(place / name, Path(data).owner(), Path(data).group())
            at = sql.SQL("CREATE TABLESPACE {} LOCATION {}")
            space, folder = _space_on(place), str(place / "tables")
            connection.execute(at.format(space, sql.Literal(folder)))
            try:
                yield place
            finally:
                connection.execute(sql.SQL("DROP TABLESPACE {}").format(space))
        finally:
            subprocess.run(["/bin/umount", place], check=True)
            place.rmdir()


def _space_on(disk: Path) -> sql.Identifier:
    return sql.Identifier(disk.name.replace("-", "_"))


@pytest.fixture
async def house(
    disk: Path, addresses: Addresses, fresh_database: str, settings: Settings
) -> AsyncIterator[Desk]:
    with psycopg.connect(addresses.of("superuser", fresh_database), autocommit=True) as connection:
        moved = sql.SQL("ALTER TABLE comments SET TABLESPACE {}").format(_space_on(disk))
        connection.execute(moved)
    files = (disk / "attachments").as_uri()
    app = create_app(settings.model_copy(update={"storage_url": files}))
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """There is no room on the disk for the block."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    try:
        yield
    finally:
        filler.unlink()


def left(addresses: Addresses, database: str) -> tuple[int, ...] | None:
    with psycopg.connect(addresses.of("superuser", database)) as connection:
        return connection.execute(_LEFT).fetchone()


async def test_a_comment_that_does_not_fit_is_refused_whole_and_taken_once_there_is_room(
    house: Desk, disk: Path, addresses: Addresses, fresh_database: str
) -> None:
    member = await house.client("member@acme.example")
    ticket = await opened(member)
    with full(disk):
        fitted = await _say_until_full(house, ticket)
        before = left(addresses, fresh_database)
        refused = await said(member, ticket, "x" * 2000)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert left(addresses, fresh_database) == before
        assert (await member.get(f"/v1/tickets/{ticket['id']}/comments")).status_code == 200
    await commented(member, ticket, "x" * 2000)
    assert before is not None
    assert before[0] == fitted


async def _say_until_full(house: Desk, ticket: Shown) -> int:
    """How many comments were taken before one was refused."""
    member = await house.client("member@acme.example")
    for fitted in range(100):
        if (await said(member, ticket, "x" * 2000)).status_code == 503:
            return fitted
    raise AssertionError("the disk was never full")


async def test_a_file_that_does_not_fit_is_refused_whole_and_taken_once_there_is_room(
    house: Desk, disk: Path, addresses: Addresses, fresh_database: str
) -> None:
    member = await house.client("member@acme.example")
    sent = {"file": ("notes.txt", os.urandom(100_000).hex().encode(), "text/plain")}
    with full(disk):
        before = left(addresses, fresh_database)
        refused = await member.post("/v1/attachments", files=sent)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage-unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert [file for file in (disk / "attachments").rglob("*") if file.is_file()] == []
        assert left(addresses, fresh_database) == before
    kept = await member.post("/v1/attachments", files=sent)
    assert kept.status_code == 201, kept.text
