"""A portal that takes people who ask, and somebody who asks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.people import new_network
from tests.factories.registrations import Door, claim_domains, new_door


@pytest.fixture
async def door(desk: Desk, tmp_path: Path) -> Door:
    """Agents and company admins let people in; the company has its domain."""
    made = await new_door(desk, tmp_path, "agent", "company_admin")
    assert (await claim_domains(made, made.domain)).status_code == 200
    return made


@pytest.fixture
async def caller(desk: Desk) -> AsyncIterator[AsyncClient]:
    """Somebody in a network of his own, who has not signed in."""
    async with desk.anybody(address=new_network()) as client:
        yield client
