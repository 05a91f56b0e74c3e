"""A desk whose clock may be set, its people, and portals put in force."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from httpx2 import AsyncClient

from app.commands.applying import SHIPPED, apply_file
from app.database.session import Database
from app.kernel import clock
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.routers.service_levels.cases import MONDAY, SLUG, Apply, Move, Shown, staying


@pytest.fixture
def at() -> Iterator[Move]:
    """Sets the clock; by itself it is Monday morning."""

    def move(moment: datetime) -> None:
        clock.set_source(lambda: moment.astimezone(UTC))

    move(MONDAY)
    yield move
    clock.set_source(None)


@pytest.fixture(scope="module")
async def own(
    addresses: Addresses, crowded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk whose clock may be set; everybody has signed in before."""
    settings = cluster.settings_for(
        addresses, crowded_database, Path(tmp_path_factory.mktemp("levels"))
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@pytest.fixture
async def contact(own: Desk, at: Move) -> AsyncClient:
    return await staying(own, "member@acme.example")


@pytest.fixture
async def consultant(own: Desk, at: Move) -> AsyncClient:
    return await staying(own, "agent@skill.example")


@pytest.fixture
async def put_in_force(own: Desk, tmp_path: Path) -> AsyncIterator[Apply]:
    """Puts the shipped portal in force, bent, and lets the worker follow; the shipped one again
    when all is over."""
    assert own.settings.worker_database_url
    database = Database(own.settings.worker_database_url, pool_size=4, name="test")

    async def apply(bend: Callable[[Shown], object]) -> None:
        document = yaml.safe_load((SHIPPED / f"{SLUG}.yaml").read_text(encoding="utf-8"))
        bend(document)
        file = tmp_path / f"{SLUG}.yaml"
        file.write_text(yaml.dump(document, allow_unicode=True), encoding="utf-8")
        await apply_file(database, file)
        await own.work()

    yield apply
    await apply(bool)
    await database.close()
