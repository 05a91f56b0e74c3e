"""Five times what there is, nine tenths of it one tenant's: he waits behind himself and is told to
come back, the others are served, and a moment later all is as before."""

import os
import time
from collections.abc import Iterator

import psutil
import pytest

from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.faults.flood import Answers, Caller, Flood, Stream, elsewhere
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.any_postgres, pytest.mark.timeout(300)]
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
    seconds, rounds = (3.0, 5) if scale > 1 else (1.5, 1)
    port = api.settings.port
    admins = ["company-admin@acme.example", "company-admin@globex.example"]
    loud = callers(api, "crm-service", admins)
    quiet = callers(api, "extend", admins) + callers(api, "skill", admins)
    flood = Flood(port)
    await flood.capacity(loud + quiet, 4, 1)  # until it is warm
    capacity = await flood.capacity(quiet, 8, 2.0)
    others = Stream(quiet, capacity * _TIMES * (1 - _LOUD))
    greedy = Stream(loud, capacity * _TIMES * _LOUD)
    alone, beside, flooded = Answers(), Answers(), Answers()
    back, asking, serving = 0.0, 0.0, 0.0
    for _ in range(rounds):  # in turns, as whoever else uses the machine comes and goes
        (found,), _ = await elsewhere(port, [others], seconds)
        alone.add(found)
        process = psutil.Process(api.process("serve"))
        before = sum(process.cpu_times()[:2])
        (found, sent_away), spent = await elsewhere(port, [others, greedy], seconds)
        serving += sum(process.cpu_times()[:2]) - before
        asking += spent
        beside.add(found)
        flooded.add(sent_away)
        back = max(back, await seconds_until_as_before(flood, loud + quiet))
    flood.close()
    times = beside.percentile(0.95) / alone.percentile(0.95)
    print(  # noqa: T201
        f"capacity {capacity:.0f}/s, load of the machine {os.getloadavg()[0]:.1f}\n"
        f"  the others alone: {alone}\n"
        f"  the others beside {_TIMES} times capacity: {beside} ({times:.1f} times)\n"
        f"  the loud one: {flooded}\n  as before after {back:.1f} s\n"
        f"  processor's seconds in {rounds * seconds:.0f} s and until the last was answered: "
        f"{serving:.1f} to serve, {asking:.1f} to ask"
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
