"""Folders and servers of PostgreSQL for the tests of `app/database` that start their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.database.embedded import EmbeddedPostgres, programs_for


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
