"""A desk that asks for approval: a tenant of its own for each test, a clock that is set, mails in
memory, and what follows in the same breath."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.database.session import Database
from app.journal import Reactions
from app.kernel import clock
from app.reactions import IN_THE_SAME_BREATH
from tests import cluster
from tests.cluster import Addresses
from tests.domain.approvals.people import Case, began
from tests.domain.notifications.office import furnished


@pytest.fixture(scope="session")
async def breathing(
    addresses: Addresses, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """This process' database, as the worker reaches it; what follows at once, follows."""
    folder: Path = tmp_path_factory.mktemp("approvals")
    settings = cluster.settings_for(addresses, database_name, folder)
    assert settings.worker_database_url is not None
    database = Database(
        settings.worker_database_url,
        pool_size=9,
        name="test",
        info={"reactions": Reactions(in_the_same_breath=IN_THE_SAME_BREATH)},
    )
    yield database
    await database.close()


@pytest.fixture
async def case(
    addresses: Addresses, database_name: str, breathing: Database, tmp_path: Path
) -> AsyncIterator[Case]:
    """A case of the portal `extend` that an agent has mended on a Monday at nine in Stockholm."""
    settings = cluster.settings_for(addresses, database_name, tmp_path, mail_domain="desk.example")
    try:
        yield await began(await furnished(settings, breathing, portal="extend"))
    finally:
        clock.set_source(None)


@pytest.fixture(autouse=True)
def _true_time() -> Iterator[None]:
    """The clock is put right after each test."""
    yield
    clock.set_source(None)
