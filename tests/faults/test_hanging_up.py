"""Thousands of requests of three tenants, half of them broken off: nobody is told what is another
tenant's, and every connection comes back."""

import time
from collections.abc import Iterator

import httpx2
import psycopg
import pytest

from app.kernel.settings import Settings
from tests import cluster, pgbouncer
from tests.cluster import Addresses
from tests.faults import crowd
from tests.measure import IN_FULL
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.any_postgres, pytest.mark.timeout(1800)]
_REQUESTS = 300 if IN_FULL else 120
_HELD = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND state <> 'idle' AND pid <> pg_backend_pid()"  # noqa: E501


@pytest.fixture
def pooled(settings: Settings, addresses: Addresses) -> Iterator[Served]:
    """An installation whose API reaches its database through PgBouncer in transaction mode."""
    assert settings.database_url
    with pgbouncer.before(settings.database_url, connections=4) as url:
        through = settings.model_copy(
            update={"database_url": url, "database_prepared_statements": False}
        )
        with Served(through, cluster.demo_people(addresses)).running() as running:
            yield running


@pytest.mark.parametrize("installation", ["served", "pooled"])
async def test_half_of_a_crowd_hangs_up_and_nobody_sees_another_tenant(
    request: pytest.FixtureRequest,
    addresses: Addresses,
    fresh_database: str,
    scale: int,
    installation: str,
) -> None:
    served: Served = request.getfixturevalue(installation)
    begun = time.monotonic()
    tally = await crowd.gather(served, _REQUESTS * scale, seed=1)
    took = time.monotonic() - begun
    assert tally.wrong == []
    assert set(tally.answers) == {200, 201}
    assert tally.hung_up > _REQUESTS * scale * 0.4

    def idle() -> bool:
        with psycopg.connect(addresses.superuser, autocommit=True) as connection:
            return connection.execute(_HELD, [fresh_database]).fetchall() == []

    served.until(idle)
    served.until(lambda: "connections_in_use 0.0" in httpx2.get(f"{served.base}/metrics").text)
    with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
        kept: dict[str, str] = dict(
            connection.execute("SELECT id::text, subject FROM tickets").fetchall()
        )
        assert tally.opened.items() <= kept.items()
        twice = "SELECT subject FROM tickets GROUP BY subject HAVING count(*) > 1"
        assert connection.execute(twice).fetchall() == []
    after = await crowd.gather(served, 60, seed=2)
    assert after.wrong == []
    assert set(after.answers) <= {200, 201}
    print(  # noqa: T201
        f"{installation}: {sum(tally.answers.values())} answered, {tally.hung_up} broken off,"
        f" {len(tally.opened)} tickets acknowledged, {len(kept)} kept, {took:.0f} s"
    )
