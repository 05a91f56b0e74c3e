"""Folders and servers of PostgreSQL for the tests of `app/database` that start their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.database.embedded import EmbeddedPostgres, programs_for
from tests.cluster import Addresses
from tests.isolation.world import World


@contextmanager
def folder_for_every_user() -> Iterator[Path]:
    """An empty folder that every user may enter (pytest's own is closed to all but its maker)."""
    place = Path(tempfile.mkdtemp(prefix="skranke-test-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter."""
    with folder_for_every_user() as place:
        yield place


@pytest.fixture(scope="module")
def running(programs: Path) -> Iterator[EmbeddedPostgres]:
    """A started server that the tests of a module share."""
    with folder_for_every_user() as place:
        settings = {"max_connections": "20"}
        server = EmbeddedPostgres(
            place / "postgres", bin_dir=programs, fsync=False, settings=settings
        )
        with server:
            yield server


@pytest.fixture(scope="session")
def programs() -> Path:
    """PostgreSQL's programs, of the major version under test."""
    major = int(os.environ.get("SKRANKE_TEST_POSTGRES", "18"))
    found = programs_for(major)
    assert found is not None, f"PostgreSQL {major} is not installed"
    return found


@pytest.fixture(scope="session")
def made_once(programs: Path) -> Iterator[Path]:
    """The folder of a server that was started once; to be copied, as making one takes long."""
    with folder_for_every_user() as place:
        with EmbeddedPostgres(place / "postgres", bin_dir=programs, fsync=False):
            pass
        yield place / "postgres"


@pytest.fixture
def server(folder: Path, programs: Path, made_once: Path) -> EmbeddedPostgres:
    """A server with data, not running."""
    subprocess.run(["/bin/cp", "-a", made_once, folder / "postgres"], check=True)
    return EmbeddedPostgres(folder / "postgres", bin_dir=programs, fsync=False)


@pytest.fixture
def new_server(folder: Path, programs: Path) -> EmbeddedPostgres:
    """A server that was never started."""
    return EmbeddedPostgres(folder / "new" / "postgres", bin_dir=programs, fsync=False)


@pytest.fixture(scope="session")
async def told_world(world: World) -> World:
    """The world after the worker has told whom it had to tell, and links were asked for."""
    await world.desk.work()
    async with world.desk.anybody() as nobody:
        for slug in ("sensedesk", "crm-service"):
            known = {"email": "member@acme.example"}
            await nobody.post(f"/v1/portals/{slug}/password-resets", json=known)
    await world.desk.work()
    return world


@pytest.fixture
def app(told_world: World) -> Iterator[psycopg.Connection]:
    """A connection to the world's database as the role that serves."""
    url = told_world.desk.settings.database_url
    assert url
    with psycopg.connect(url.get_secret_value()) as connection:
        yield connection


@pytest.fixture
def worker(told_world: World) -> Iterator[psycopg.Connection]:
    """The same as the worker's role."""
    url = told_world.desk.settings.worker_database_url
    assert url
    with psycopg.connect(url.get_secret_value()) as connection:
        yield connection


@pytest.fixture
def superuser(addresses: Addresses, app: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same as a role that no wall stands before."""
    with psycopg.connect(addresses.of("superuser", app.info.dbname)) as connection:
        yield connection
