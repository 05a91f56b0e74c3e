"""What tests over HTTP may ask for beside clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

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
