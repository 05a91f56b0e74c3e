"""A program that follows the feed of changes."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.feed import script

Client = httpx2.AsyncClient


@pytest.fixture
async def administrator(desk: Desk) -> Client:
    return await desk.client("admin@crm.example")


@pytest.fixture
async def crm(desk: Desk, administrator: Client) -> AsyncIterator[Client]:
    async with await script(desk, administrator) as client:
        yield client
