"""What journeys share: a served installation with the five shipped portals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cluster
from tests.cluster import Addresses
from tests.served import Served, free_port


@pytest.fixture(scope="package")
def served(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation with API and worker as processes of their own."""
    name = cluster.copy_of_template(addresses)
    folder = Path(tmp_path_factory.mktemp("served"))
    settings = cluster.settings_for(addresses, name, folder, port=free_port())
    with Served(settings, cluster.demo_people(addresses)).running() as running:
        yield running
    cluster.drop(addresses, name)
