"""An app in a flow of its own, the person who lets it in, and who registered it."""

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.apps import (
    CLAIMED,
    Flow,
    app_of,
)
from tests.factories.people import (
    Newcomer,
    newcomer,
    signed_in,
)

ISSUER = "http://127.0.0.1:8000"


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    return await desk.client("admin@crm.example")


@pytest.fixture
async def flow(desk: Desk, admin: AsyncClient) -> Flow:
    """A mobile app, newly registered."""
    return Flow(desk, await app_of(admin))


@pytest.fixture
async def web(desk: Desk, admin: AsyncClient) -> Flow:
    """A web application with a secret."""
    app = await app_of(admin, kind="confidential", redirect_uris=[CLAIMED])
    return Flow(desk, app, redirect_uri=CLAIMED)


@pytest.fixture
async def who(desk: Desk) -> Newcomer:
    return await newcomer(desk, name="Somebody")


@pytest.fixture
async def person(desk: Desk, who: Newcomer) -> AsyncClient:
    return await signed_in(desk, who)


def refused(answer: Response, error: str, status: int = 400) -> bool:
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert "access_token" not in told
    return (answer.status_code, told["error"]) == (status, error)
