"""What the contract's tests share: the document as the code builds it, the API as it is served."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.commands.openapi import FOLDER, documents
from tests import cluster
from tests.cluster import Addresses
from tests.contract.document import Document
from tests.served import Served, free_port

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def built() -> dict[str, str]:
    """File name → text of what is generated from the code."""
    return documents()


@pytest.fixture
def raw(built: dict[str, str]) -> dict[str, Any]:
    """The document as JSON; each test gets its own and may spoil it."""
    document: dict[str, Any] = json.loads(built["openapi.json"])
    return document


@pytest.fixture
def document(raw: dict[str, Any]) -> Document:
    return Document(raw)


@pytest.fixture
def folder() -> Path:
    """Where the committed documents live."""
    return ROOT / FOLDER


@contextmanager
def installation(addresses: Addresses, folder: Path) -> Iterator[Served]:
    """An installation that is served, on a database of its own."""
    name = cluster.copy_of_template(addresses)
    settings = cluster.settings_for(addresses, name, folder, port=free_port())
    try:
        with Served(settings, cluster.demo_people(addresses)).running() as held:
            yield held
    finally:
        cluster.drop(addresses, name)


@pytest.fixture(scope="package")
def served(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The contract's installation; what a test puts in is its own."""
    with installation(addresses, tmp_path_factory.mktemp("served")) as running:
        yield running
