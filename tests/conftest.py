"""What every test may ask for: the run's PostgreSQL, a database of one's own, a desk to test at."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path

import httpx2
import psycopg
import pytest

from app.kernel import logging
from app.main import create_app
from tests import cluster, distribution
from tests.cluster import Addresses, Cluster
from tests.desk import Desk
from tests.isolation.world import World, made

_KEY = pytest.StashKey[Cluster]()
_ADDRESSES = pytest.StashKey[Addresses]()


def _addresses(config: pytest.Config) -> Addresses:
    """Start the run's server the first time somebody asks in the process that runs the show."""
    if hasattr(config, "workerinput"):
        return Addresses(**json.loads(config.workerinput["cluster"]))
    if _ADDRESSES not in config.stash:
        config.stash[_KEY] = Cluster()
        config.stash[_ADDRESSES] = config.stash[_KEY].start()
    return config.stash[_ADDRESSES]


class _ForWorkers:
    """With xdist, the process that hands out tests starts the server for all, and says who does
    which."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        node.workerinput["cluster"] = json.dumps(asdict(_addresses(node.config)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log) -> object:  # type: ignore[no-untyped-def]  # noqa: ANN001
        config.option.loadscopereorder = False  # the longest first, not the most
        return distribution.ByFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    logging.configure("ERROR", "json")
    config.pluginmanager.register(_ForWorkers())


def pytest_unconfigure(config: pytest.Config) -> None:
    if _KEY in config.stash:
        config.stash[_KEY].stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a database needs PostgreSQL: run on 18, and again on 15. Whether the
    contract is kept does not hang on its version, nor how processes of ours begin and end."""
    for item in items:
        alike = "contract" in item.path.parts or item.get_closest_marker("any_postgres")
        if "addresses" in getattr(item, "fixturenames", ()) and not alike:
            item.add_marker("database")
    distribution.longest_first(items)


@pytest.fixture(scope="session")
def addresses(request: pytest.FixtureRequest) -> Addresses:
    """How to reach the run's PostgreSQL."""
    return _addresses(request.config)


@pytest.fixture(scope="session")
def database_name(addresses: Addresses) -> Iterator[str]:
    """A database of this process' own, with the shipped portals and their demo people."""
    name = cluster.copy_of_template(addresses)
    yield name
    cluster.drop(addresses, name)


@pytest.fixture
def fresh_database(addresses: Addresses) -> Iterator[str]:
    """A database for one test alone."""
    name = cluster.copy_of_template(addresses)
    yield name
    cluster.drop(addresses, name)


@pytest.fixture(scope="module")
def crowded_database(addresses: Addresses) -> Iterator[str]:
    """A database for the tests of one file, to be filled with as much as they like."""
    name = cluster.copy_of_template(addresses)
    yield name
    cluster.drop(addresses, name)


@pytest.fixture(scope="session")
async def desk(
    addresses: Addresses, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """The API in this process; its worker works when told."""
    folder = tmp_path_factory.mktemp("desk")
    settings = cluster.settings_for(addresses, database_name, Path(folder))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@pytest.fixture
async def superuser(
    addresses: Addresses, database_name: str
) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection to the desk's database that no wall holds; each statement is kept at once."""
    address = addresses.of("superuser", database_name)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def nobody(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who has not signed in."""
    async with desk.anybody() as client:
        yield client


@pytest.fixture
async def member(desk: Desk) -> httpx2.AsyncClient:
    """A basic user of Acme (S3 perus)."""
    return await desk.client("member@acme.example")


@pytest.fixture
async def colleague(desk: Desk) -> httpx2.AsyncClient:
    """Another basic user of Acme."""
    return await desk.client("member2@acme.example")


@pytest.fixture
async def company_admin(desk: Desk) -> httpx2.AsyncClient:
    """The main user of Acme (S3 pääkäyttäjä)."""
    return await desk.client("company-admin@acme.example")


@pytest.fixture
async def stranger(desk: Desk) -> httpx2.AsyncClient:
    """The main user of another organization of the same tenant."""
    return await desk.client("company-admin@globex.example")


@pytest.fixture
async def agent(desk: Desk) -> httpx2.AsyncClient:
    """An agent of CRM-service."""
    return await desk.client("agent@crm.example")


@pytest.fixture
async def lead(desk: Desk) -> httpx2.AsyncClient:
    """A lead of CRM-service."""
    return await desk.client("lead@crm.example")


@pytest.fixture(scope="session")
async def world(
    addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A desk of its own with tickets, comments and files of every sort, to find holes with."""
    name = cluster.copy_of_template(addresses)
    settings = cluster.settings_for(addresses, name, Path(tmp_path_factory.mktemp("world")))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield await made(held)
        await held.close()
    cluster.drop(addresses, name)
