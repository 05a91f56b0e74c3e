"""What tests of the door share."""

import pytest

from tests.factories.hand_clock import HandClock


@pytest.fixture
def time() -> HandClock:
    return HandClock()
