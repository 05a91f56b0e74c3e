"""Whom a proxy names as the caller is believed of the proxies that are trusted, of nobody else."""

from pathlib import Path

import httpx2
import pytest

from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk

_SAID = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "network"),
    [
        ([], "10.1.2.0/24"),
        (["192.0.2.0/24"], "10.1.2.0/24"),
        (["10.0.0.0/8"], "203.0.113.0/24"),
        (["10.0.0.0/8", "203.0.113.9"], "198.51.100.0/24"),
    ],
)
async def test_the_caller_is_the_last_address_that_is_no_trusted_proxy(
    addresses: Addresses, fresh_database: str, tmp_path: Path, trusted: list[str], network: str
) -> None:
    settings = cluster.settings_for(addresses, fresh_database, tmp_path, trusted_proxies=trusted)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        address = "member2@globex.example"
        said = {"email": address, "password": desk.password_of(address)}
        async with desk.anybody(address="10.1.2.3", **_SAID) as client:
            came = await client.post("/v1/portals/crm-service/sessions", json=said)
            assert came.status_code == 201, came.text
        assert await _last_network(await desk.client("admin@crm.example")) == network
        await desk.close()


async def _last_network(admin: httpx2.AsyncClient) -> str:
    """Where the last but one who came in (the last is the admin) came from."""
    rows = (await admin.get("/v1/access-report", params={"limit": 10})).json()["items"]
    return str(next(row["network"] for row in rows if row["network"] != "127.0.0.0/24"))
