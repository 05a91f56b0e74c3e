"""What tests over HTTP may ask for beside clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from sqlalchemy import event

from app.kernel import clock
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.people import Clock, new_network


@pytest.fixture
def hands() -> Iterator[Clock]:
    """The hands of the clock. Call from a network of your own: what is counted stays counted."""
    yield Clock()
    clock.set_source(None)


@pytest.fixture
def elsewhere(desk: Desk) -> AsyncClient:
    """A client in a network of its own."""
    return desk.anybody(address=new_network())


@pytest.fixture
async def strict(desk: Desk, tmp_path: Path) -> str:
    """A portal that asks its agents and admins for a second factor."""
    written = definitions.document()
    written["portal"] |= {"slug": "strict", "number_prefix": "STR"}
    written["sign_in"]["second_factor"] = {"required_of": ["agents", "admins"]}
    file = tmp_path / "strict.yaml"
    file.write_text(definitions.text_of(written))
    await desk.apply(file)
    return "strict"


@pytest.fixture
def asked(desk: Desk) -> Iterator[list[str]]:
    """The statements that are executed from now on, each by its beginning."""
    engine, seen = desk.app.state.database.engine.sync_engine, list[str]()

    def note(*executed: object) -> None:
        seen.append(" ".join(str(executed[2]).split())[:60])

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
