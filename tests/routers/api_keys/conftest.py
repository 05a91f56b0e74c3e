"""Who makes API keys: an administrator of the tenant, and a company admin."""

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.people import newcomer, signed_in


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    """The administrator of the tenant."""
    return await desk.client("admin@crm.example")


@pytest.fixture
async def boss(desk: Desk) -> AsyncClient:
    """A company admin of his own."""
    return await signed_in(desk, await newcomer(desk, role="paakayttaja"))
