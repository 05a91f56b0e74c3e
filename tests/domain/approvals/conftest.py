"""A desk that asks for approval: a tenant of its own for each test, a clock that is set, mails in
memory, and what follows in the transaction of an event."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.database.session import Database
from app.journal import Reactions
from app.kernel import clock
from app.reactions import IN_THE_TRANSACTION
from tests import cluster
from tests.cluster import Addresses
from tests.domain.approvals.people import Begin, Case, began
from tests.domain.notifications.office import furnished


@pytest.fixture(scope="session")
async def reacting(
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
        info={"reactions": Reactions(in_the_transaction=IN_THE_TRANSACTION)},
    )
    yield database
    await database.close()


@pytest.fixture
async def begin(
    addresses: Addresses, database_name: str, reacting: Database, tmp_path: Path
) -> Begin:
    """Begins a case of the portal `extend`, whose policy is changed as is said."""
    settings = cluster.settings_for(addresses, database_name, tmp_path, mail_domain="desk.example")

    async def begin(admins: int = 0, **policy: Any) -> Case:
        def bend(document: dict[str, Any]) -> None:
            document["approval_policies"][0].update(policy)

        office = await furnished(settings, reacting, portal="extend", bend=bend)
        return await began(office, admins=admins)

    return begin


@pytest.fixture
async def case(begin: Begin) -> Case:
    """A case that an agent has mended on a Monday at nine in Stockholm; its requester is asked."""
    return await begin()


@pytest.fixture(autouse=True)
def _true_time() -> Iterator[None]:
    """The clock is put right after each test."""
    yield
    clock.set_source(None)
