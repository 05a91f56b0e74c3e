"""API processes are exchanged one after the other under load, and nobody notices; so is the
worker, and everybody is told once.

As docs/operating.md says upgrades go, behind the proxies it shows.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest

from app.kernel.settings import Settings
from tests import cluster, proxies
from tests.cluster import Addresses
from tests.faults import visitors
from tests.faults.untold import nobody_is_untold
from tests.faults.writers import PORTAL
from tests.measure import IN_FULL
from tests.served import Served, free_port

pytestmark = [pytest.mark.slow, pytest.mark.any_postgres, pytest.mark.timeout(300)]
#: Caddy asks once a second. Before 2.7 it tries no POST again for which it finds no process.
_UNTIL_A_PROXY_HAS_SEEN_IT = 1.5
_LEFT = "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM comments)"
_ANNOUNCED = "SELECT message_id FROM notifications JOIN contact_details USING (tenant_id, person_id) WHERE email = %s AND state = 'sent'"  # noqa: E501


@pytest.fixture
def pair(settings: Settings, addresses: Addresses) -> Iterator[tuple[Served, Served]]:
    """Two API processes of an installation, which wait, when told to stop, until a proxy has seen
    it."""
    people = cluster.demo_people(addresses)
    waits = settings.model_copy(update={"stop_grace_seconds": 2.2})
    another = waits.model_copy(update={"port": free_port()})
    with (
        Served(waits, people).running("serve") as first,
        Served(another, people).running("serve") as second,
    ):
        yield first, second
        for api in (first, second):
            api.kill("serve")


def restart(api: Served) -> float:
    """Exchange an API process as an operator would; answers how long its end took."""
    begun = time.monotonic()
    api.stop("serve")
    took = time.monotonic() - begun
    api.start("serve")
    api.wait_until_ready()
    return took


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
async def test_api_processes_are_exchanged_one_after_the_other_without_a_failed_request(
    pair: tuple[Served, Served],
    addresses: Addresses,
    fresh_database: str,
    scale: int,
    proxy: str,
) -> None:
    first, second = pair
    token = first.person(PORTAL, "company-admin@acme.example").headers["Authorization"]
    quiet = first.person("extend", "admin@extend.example").headers["Authorization"]
    ends = []
    with proxies.before(proxy, (first.settings.port, second.settings.port)) as base:
        async with visitors.about(base, token) as told:
            waits = asyncio.create_task(visitors.wait_for_news(base, quiet, told))
            await asyncio.sleep(0.5)
            for _ in range(5 if scale > 1 else 1):
                for api in pair:
                    ends.append(await asyncio.to_thread(restart, api))
                    await asyncio.sleep(_UNTIL_A_PROXY_HAS_SEEN_IT)
            waits.cancel()
            await asyncio.wait({waits})
    assert told.failed == []
    assert len(told.opened) > 20, "there was no load to speak of"
    with psycopg.connect(addresses.of("superuser", fresh_database)) as connection:
        # As many as were acknowledged, and those.
        assert connection.execute(_LEFT).fetchone() == (len(told.opened), len(told.said))
        kept: dict[str, str] = dict(
            connection.execute("SELECT id::text, subject FROM tickets").fetchall()
        )
        assert kept == told.opened
    print(  # noqa: T201
        f"{proxy}: {len(ends)} processes exchanged, {told.requests} requests, none failed,"
        f" {len(told.opened)} tickets and {len(told.said)} comments acknowledged, none lost;"
        f" an end took {max(ends):.1f} s at most"
    )


async def test_the_worker_is_exchanged_under_jobs_and_everybody_is_told_once(
    served: Served, addresses: Addresses, fresh_database: str, scale: int
) -> None:
    times = 10 if scale > 1 else 2 if IN_FULL else 1
    token = served.person(PORTAL, "company-admin@acme.example").headers["Authorization"]
    async with visitors.about(served.base, token) as told:
        for _ in range(times):
            await asyncio.sleep(1)
            await asyncio.to_thread(served.stop, "work")
            served.start("work")
    assert told.failed == []

    superuser = addresses.of("superuser", fresh_database)
    served.until(lambda: nobody_is_untold(superuser), patience=120)
    mails = Counter(str(mail["Message-ID"]) for mail in served.mails_to("agent@crm.example"))
    with psycopg.connect(superuser) as connection:
        announced = connection.execute(_ANNOUNCED, ["agent@crm.example"]).fetchall()
    assert mails == Counter(message for (message,) in announced)
    assert len(mails) >= len(told.opened)
    print(  # noqa: T201
        f"worker exchanged {times} times: {told.requests} requests, {len(mails)} mails to an agent,"
        " none missing, none twice"
    )
