"""A desk whose portal `small` signs people in with providers on this machine."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.commands.applying import apply_file
from app.database.session import Database
from app.domain.tenants.definition import Definition
from app.kernel import clock
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.definitions import Bend
from tests.factories.directories import DIRECTORY
from tests.factories.federation import two_providers, written
from tests.factories.people import Clock
from tests.providers.browser import Browser
from tests.providers.certified import Provider, certified_provider, client
from tests.providers.entra import Entra, entra
from tests.served import free_port

Apply = Callable[[Bend | None], Awaitable[Definition]]


@pytest.fixture(scope="package")
def base() -> str:
    """Where the desk believes it is reached."""
    return "http://127.0.0.1:8000"


@pytest.fixture(scope="package")
def certified(base: str) -> Iterator[Provider]:
    """A certified provider."""
    with certified_provider(client(base, backchannel_logout_uri=f"{base}/unused")) as provider:
        yield provider


@pytest.fixture(scope="package")
def another(base: str) -> Iterator[Provider]:
    """Another one, which knows the portal by the same name and secret."""
    with certified_provider(client(base)) as provider:
        yield provider


@pytest.fixture(scope="module")
def microsoft() -> Iterator[Entra]:
    """Directories of Microsoft Entra ID, one of them with an account."""
    with entra(free_port()) as held:
        held.account(DIRECTORY, "first@provider.example")
        yield held


@pytest.fixture(scope="package")
async def door(
    addresses: Addresses,
    tmp_path_factory: pytest.TempPathFactory,
    certified: Provider,
    another: Provider,
) -> AsyncIterator[Desk]:
    """The desk, on a database of its own."""
    name = cluster.copy_of_template(addresses)
    folder = Path(tmp_path_factory.mktemp("door"))
    (folder / "secrets" / "small").mkdir(parents=True)
    (folder / "secrets" / "small" / "certified").write_text("only for tests, and long enough\n")
    settings = cluster.settings_for(
        addresses, name, folder, loopback_providers=True, secrets_dir=folder / "secrets"
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        await _apply(held, two_providers(certified.issuer, another.issuer))
        yield held
        await held.close()
    cluster.drop(addresses, name)


@pytest.fixture
async def apply(door: Desk, certified: Provider, another: Provider) -> AsyncIterator[Apply]:
    """Puts a bent definition of `small` in force, until the end of the test."""
    usual = two_providers(certified.issuer, another.issuer)

    async def bent(bend: Bend | None) -> Definition:
        return await _apply(door, usual, bend)

    yield bent
    await _apply(door, usual)


@pytest.fixture
async def browser(door: Desk) -> AsyncIterator[Browser]:
    """A browser nobody has used yet."""
    held = Browser(door)
    yield held
    await held.close()


@pytest.fixture
def hands() -> Iterator[Clock]:
    """The hands of the clock."""
    yield Clock()
    clock.set_source(None)


async def _apply(desk: Desk, *bends: Bend | None) -> Definition:
    file = desk.settings.data_dir / "small.yaml"
    file.write_text(written(*bends), encoding="utf-8")
    assert desk.settings.worker_database_url
    database = Database(desk.settings.worker_database_url, pool_size=2, name="tests")
    try:
        return (await apply_file(database, file)).definition
    finally:
        await database.close()
