"""The people of a portal whose policy asks for approval: a customer, two colleagues, a stranger
and an agent."""

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.approvals import PORTAL


@pytest.fixture
async def customer(desk: Desk) -> AsyncClient:
    return await desk.client("member@acme.example", PORTAL)


@pytest.fixture
async def colleague(desk: Desk) -> AsyncClient:
    return await desk.client("member2@acme.example", PORTAL)


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    return await desk.client("company-admin@acme.example", PORTAL)


@pytest.fixture
async def stranger(desk: Desk) -> AsyncClient:
    return await desk.client("company-admin@globex.example", PORTAL)


@pytest.fixture
async def agent(desk: Desk) -> AsyncClient:
    return await desk.client("agent@extend.example", PORTAL)
