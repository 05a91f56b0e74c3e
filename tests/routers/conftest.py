"""What tests over HTTP may ask for beside clients."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.commands.applying import apply_file
from app.database.session import Database
from app.kernel import clock
from app.reactions import reactions
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.people import Clock


@pytest.fixture
def hands() -> Iterator[Clock]:
    """The hands of the clock. Call from a network of your own: what is counted stays counted."""
    yield Clock()
    clock.set_source(None)


@pytest.fixture
async def strict(desk: Desk, tmp_path: Path) -> AsyncIterator[str]:
    """A portal that asks its agents and admins for a second factor."""

    def bend(written: definitions.Document) -> None:
        written["portal"]["slug"] = "strict"
        written["portal"]["number_prefix"] = "STR"
        written["sign_in"]["second_factor"] = {"required_of": ["agents", "admins"]}

    file = tmp_path / "strict.yaml"
    written = definitions.document()
    bend(written)
    file.write_text(definitions.text_of(written))
    assert desk.settings.worker_database_url
    database = Database(
        desk.settings.worker_database_url,
        pool_size=4,
        name="tests",
        info={"reactions": reactions()},
    )
    try:
        await apply_file(database, file)
        yield "strict"
    finally:
        await database.close()
