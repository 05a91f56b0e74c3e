"""What tests over HTTP may ask for beside clients."""

from collections.abc import Iterator

import pytest

from app.kernel import clock
from tests.factories.people import Clock


@pytest.fixture
def hands() -> Iterator[Clock]:
    """The hands of the clock. Call from a network of your own: what is counted stays counted."""
    yield Clock()
    clock.set_source(None)
