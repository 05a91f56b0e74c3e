"""Folders and servers of PostgreSQL for the tests of `app/database` that start their own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database.embedded import EmbeddedPostgres, programs_for


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user may enter (pytest's own is closed to all but its maker)."""
    place = Path(tempfile.mkdtemp(prefix="skranke-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def programs() -> Path:
    """PostgreSQL's programs, of the major version under test."""
    major = int(os.environ.get("SKRANKE_TEST_POSTGRES", "18"))
    found = programs_for(major)
    assert found is not None, f"PostgreSQL {major} is not installed"
    return found


@pytest.fixture
def server(folder: Path, programs: Path) -> EmbeddedPostgres:
    """A server that is not started yet."""
    return EmbeddedPostgres(folder / "postgres", bin_dir=programs, fsync=False)
