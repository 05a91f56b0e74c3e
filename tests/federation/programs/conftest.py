"""A portal that lets programs of a directory call, and who binds them."""

import pytest

from tests.desk import Desk
from tests.factories.directory_tokens import taking_programs
from tests.factories.federation import PORTAL
from tests.factories.people import Client, newcomer, signed_in_at
from tests.federation.conftest import Apply
from tests.providers.entra import Entra


@pytest.fixture
async def directory(apply: Apply, microsoft: Entra) -> Entra:
    """The portal lets programs of a directory call."""
    await apply(taking_programs(microsoft))
    return microsoft


@pytest.fixture
async def keeper(door: Desk, directory: Entra) -> Client:
    """Who keeps service accounts."""
    who = await newcomer(door, role="keeper", side="agent", portal=PORTAL)
    return await signed_in_at(door, who, PORTAL)
