"""A database with a portal in it, and a desk whose every mail stays in memory."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.commands.surroundings import database_of
from app.database.migrations import migrate
from app.database.session import Database
from app.kernel.settings import Settings
from tests.domain.notifications.desk import Desk, furnished


@pytest.fixture(scope="session")
def served() -> Iterator[Settings]:
    """Settings with the addresses of a database at the newest schema."""
    place = Path(tempfile.mkdtemp(prefix="skranke-test-"))
    place.chmod(0o755)
    try:
        with database_of(Settings(data_dir=place, mail_domain="desk.example")) as ready:
            assert ready.migration_database_url is not None
            migrate(ready.migration_database_url)
            yield ready
    finally:
        shutil.rmtree(place)


@pytest.fixture(scope="session")
async def database(served: Settings) -> AsyncIterator[Database]:
    assert served.worker_database_url is not None
    database = Database(served.worker_database_url, pool_size=4, name="test")
    yield database
    await database.close()


@pytest.fixture
async def desk(served: Settings, database: Database) -> Desk:
    """A tenant of its own with the portal of CRM-service, and nobody in it yet."""
    return await furnished(served, database)
