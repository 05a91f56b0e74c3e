"""Five times what there is, nine tenths of it one tenant's: he waits behind himself and is told to
come back, the others are served, and a moment later all is as before."""

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.faults.flood import Answers, Caller, Flood
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
_TIMES = 5
_LOUD = 0.9
_BACK_WITHIN = 10.0


@pytest.fixture
def api(settings: Settings, addresses: Addresses) -> Iterator[Served]:
    """An API process. That one caller may ask only so often is not what holds here."""
    with Served(settings, cluster.demo_people(addresses)).running("serve") as running:
        yield running


def callers(served: Served, portal: str, addresses: list[str]) -> list[Caller]:
    """People of a portal, who read their tickets; there is one."""
    found = []
    for address in addresses:
        client = served.person(portal, address)
        found.append(Caller(client.headers["Authorization"], ("/v1/tickets?limit=20", "/v1/me")))
    return found


async def test_a_loud_tenant_waits_behind_itself_and_the_others_are_served(
    api: Served, scale: int
) -> None:
    seconds = 10.0 if scale > 1 else 2.0
    admins = ["company-admin@acme.example", "company-admin@globex.example"]
    loud = callers(api, "crm-service", admins)
    quiet = callers(api, "extend", admins) + callers(api, "skill", admins)
    flood = Flood(api.settings.port)
    await flood.capacity(loud + quiet, 4, 1)  # until it is warm
    capacity = await flood.capacity(quiet, 8, seconds / 2)
    rate = capacity * _TIMES
    alone = await flood.elsewhere(quiet, rate * (1 - _LOUD), seconds)
    flooded, beside = await asyncio.gather(
        flood.elsewhere(loud, rate * _LOUD, seconds),
        flood.elsewhere(quiet, rate * (1 - _LOUD), seconds),
    )
    back = await seconds_until_as_before(flood, loud + quiet)
    await flood.close()
    print(  # noqa: T201
        f"capacity {capacity:.0f}/s, load of the machine {os.getloadavg()[0]:.1f}\n"
        f"  the others alone: {alone}\n  the others beside {_TIMES} times capacity: {beside}\n"
        f"  the loud one: {flooded}\n  as before after {back:.1f} s"
    )
    for answers in (alone, flooded, beside):
        assert answers.rude == []
        assert set(answers.statuses) <= {200, 429, 503}
    assert beside.statuses[200] > beside.statuses.total() / 2
    assert flooded.statuses[200] > 0
    assert back < _BACK_WITHIN


async def seconds_until_as_before(flood: Flood, callers: list[Caller]) -> float:
    """How long it takes until everybody is answered again, and soon, three times in a row."""
    begun, in_a_row = time.monotonic(), 0
    while in_a_row < 3 and time.monotonic() - begun < 60:
        answers = Answers()
        for caller in callers:
            await flood.ask(caller, answers)
        good = set(answers.statuses) == {200} and max(answers.took) < 2
        in_a_row = in_a_row + 1 if good else 0
    return time.monotonic() - begun
