"""A post office: a tenant of its own for each test, whose every mail stays in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.database.session import Database
from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.domain.notifications.office import Office, furnished


@pytest.fixture(scope="session")
def served(
    addresses: Addresses, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings with the addresses of this process' database."""
    folder: Path = tmp_path_factory.mktemp("office")
    return cluster.settings_for(addresses, database_name, folder, mail_domain="desk.example")


@pytest.fixture(scope="session")
async def database(served: Settings) -> AsyncIterator[Database]:
    """That database, as the worker reaches it; nothing reacts by itself."""
    assert served.worker_database_url is not None
    database = Database(served.worker_database_url, pool_size=4, name="test")
    yield database
    await database.close()


@pytest.fixture
async def office(served: Settings, database: Database) -> Office:
    """A tenant of its own with the portal of CRM-service, and nobody in it yet."""
    return await furnished(served, database)
