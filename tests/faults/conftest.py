"""What the tests of faults share: an installation of one's own, and how thorough to be.

`SKRANKE_FAULTS=thorough` (as `make faults` sets it) asks for the full measure; without it each
test does as much as shows that the rule holds.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.kernel.settings import Settings
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.served import Served, free_port

_THOROUGH = os.environ.get("SKRANKE_FAULTS") == "thorough"


@pytest.fixture
def settings(
    addresses: Addresses, fresh_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Settings of an installation on a database of its own."""
    folder = Path(tmp_path_factory.mktemp("faults"))
    return cluster.settings_for(addresses, fresh_database, folder, port=free_port())


@pytest.fixture
def served(settings: Settings, addresses: Addresses) -> Iterator[Served]:
    """That installation, served: API and worker as processes of their own."""
    with Served(settings, cluster.demo_people(addresses)).running() as running:
        yield running


@pytest.fixture
async def house(settings: Settings, addresses: Addresses) -> AsyncIterator[Desk]:
    """The API in this process, on a database of its own."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@pytest.fixture
def scale() -> int:
    """How many times the usual measure is asked for."""
    return 34 if _THOROUGH else 1
