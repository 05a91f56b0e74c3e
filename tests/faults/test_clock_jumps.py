"""The system's clock jumps by hours and days, there and back, while people work: nothing fails,
nothing is lost, told twice or left out, and no time is less than nothing."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from app.database.embedded import programs_for
from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import MAJOR, Addresses, Cluster
from tests.faults import visitors
from tests.faults.jumping import SystemClock
from tests.faults.untold import nobody_is_untold
from tests.faults.writers import PORTAL
from tests.served import Served, free_port

pytestmark = [pytest.mark.slow, pytest.mark.any_postgres, pytest.mark.timeout(300)]
#: PostgreSQL measures by its own clock how long a statement takes: one that waits for a lock while
#: that jumps ahead is broken off. Nothing is changed, and whoever asked is told to come again.
_TOO_LONG = '503 {"type":"urn:skranke:problem:overloaded"'
_JUMPS = ("+1h", "+0", "-1h", "+1d", "+0", "-1d", "+0")
_KEEPS_TRYING = "Put in before all jumps"


@dataclass(frozen=True, slots=True)
class Place:
    """An installation that goes by a clock which can jump."""

    whose: str
    served: Served
    clock: SystemClock
    superuser: str
    #: Whether PostgreSQL goes by the clock that jumps.
    own_server: bool = False


@pytest.fixture
def beside(settings: Settings, addresses: Addresses, fresh_database: str) -> Iterator[Place]:
    """API and worker go by it; PostgreSQL runs elsewhere, and its clock is right."""
    clock = SystemClock(settings.data_dir / "faketime")
    with served_by(settings, addresses, clock) as served:
        yield Place("API and worker", served, clock, addresses.of("superuser", fresh_database))


@pytest.fixture
def whole_machine() -> Iterator[Place]:
    """PostgreSQL goes by it, too: the clock of the machine they all run on."""
    with tempfile.TemporaryDirectory(prefix="skranke-tests-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        clock = SystemClock(folder / "faketime")
        programs = programs_for(MAJOR)
        assert programs
        own = Cluster(clock.programs(programs, folder / "bin"))
        try:
            addresses = own.start()
            database = cluster.copy_of_template(addresses)
            settings = cluster.settings_for(addresses, database, folder, port=free_port())
            superuser = addresses.of("superuser", database)
            assert ahead(superuser, clock, "+1d") > timedelta(hours=23)
            assert ahead(superuser, clock, "+0") < timedelta(hours=1)
            with served_by(settings, addresses, clock) as served:
                yield Place("PostgreSQL too", served, clock, superuser, own_server=True)
        finally:
            own.stop()


def ahead(superuser: str, clock: SystemClock, by: str) -> timedelta:
    """How far PostgreSQL's clock is ahead after such a jump."""
    clock.jump(by, stay=1.0)
    with psycopg.connect(superuser) as connection:
        row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    told: datetime = row[0]
    return told - datetime.now(UTC)


@contextmanager
def served_by(settings: Settings, addresses: Addresses, clock: SystemClock) -> Iterator[Served]:
    held = Served(settings, cluster.demo_people(addresses))
    held.more = clock.variables
    with held.running() as running:
        yield running


def key_of(client: httpx2.Client, *scopes: str) -> str:
    """What a new key of theirs is sent as: sessions rest and end, as they must, by the clock."""
    made = client.post("/v1/api-keys", json={"name": "Through the jumps", "scopes": scopes})
    assert made.status_code == 201, made.text
    return f"Bearer {made.json()['key']}"


@pytest.fixture(params=["beside", "whole_machine"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


async def test_a_clock_that_jumps_breaks_nothing(place: Place, scale: int) -> None:
    served = place.served
    admin = served.person(PORTAL, "company-admin@acme.example")
    token = key_of(
        admin, "tickets:create", "tickets:read:organization", "tickets:comment:organization"
    )
    desk = served.person(PORTAL, "admin@crm.example")
    follows = key_of(desk, "changes:read", "tickets:read:tenant")
    same = {
        "headers": {"Authorization": token, "Idempotency-Key": "through-the-jumps"},
        "json": {"type": "support", "subject": _KEEPS_TRYING, "description": "Once."},
    }
    times = 3 if scale > 1 else 1
    async with visitors.about(served.base, token, pause=0.4) as told:
        ids = {post(served, same)}
        for jump in _JUMPS * times:
            await asyncio.to_thread(place.clock.jump, jump, stay=1.0 if scale > 1 else 0.2)
            ids.add(await asyncio.to_thread(post, served, same))
    too_long = [each for each in told.failed if place.own_server and _TOO_LONG in each]
    assert told.failed == too_long
    assert len(too_long) < told.requests / 50
    assert len(ids) == 1, "the key was forgotten"
    opened = {**told.opened, ids.pop(): _KEEPS_TRYING}

    with httpx2.Client(base_url=served.base, headers={"Authorization": token}) as client:
        for sort in ("-updated_at", "created_at"):
            assert Counter(walked(client, sort)) == Counter(list(opened))
    with httpx2.Client(base_url=served.base, headers={"Authorization": follows}) as client:
        # Others on the server may still be about what they began earlier.
        served.until(lambda: len(list(followed(client))) >= len(opened))
        assert Counter(followed(client)) == Counter(list(opened))

    served.until(lambda: nobody_is_untold(place.superuser), patience=120)
    mails = Counter(str(mail["Message-ID"]) for mail in served.mails_to("agent@crm.example"))
    assert len(mails) >= len(opened)
    assert set(mails.values()) == {1}
    # Whoever comes now is let in, though others came tomorrow.
    agent = served.person(PORTAL, "agent@crm.example")
    for ticket in list(opened)[:20]:
        promise = agent.get(f"/v1/tickets/{ticket}/sla").json()
        assert not negative(promise), promise
    for name in ("serve", "work"):
        assert "Traceback" not in served.log_of(name)
    print(  # noqa: T201
        f"{place.whose}, {len(_JUMPS) * times} jumps by an hour or a day: {told.requests} requests,"
        f" {len(too_long)} told that they took too long, {len(opened)} tickets acknowledged, each"
        " listed, followed and told of once"
    )


def post(served: Served, same: dict[str, Any]) -> str:
    """Send what was sent before; answers which ticket that is."""
    answer = httpx2.post(f"{served.base}/v1/tickets", timeout=30, **same)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def walked(client: httpx2.Client, sort: str) -> Iterator[str]:
    """Every ticket of the list, page by page."""
    cursor = ""
    while True:
        page = client.get(f"/v1/tickets?limit=20&sort={sort}{cursor}").json()
        yield from (item["id"] for item in page["items"])
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def followed(client: httpx2.Client) -> Iterator[str]:
    """Every ticket whose opening the feed tells of."""
    place = ""
    while True:
        found = client.get(f"/v1/changes?limit=50&event=ticket.opened{place}").json()
        yield from (item["subject"]["id"] for item in found["items"])
        if not found["more"]:
            return
        place = f"&cursor={found['next']}"


def negative(found: Any) -> bool:
    """Whether a time consumed is less than nothing, anywhere."""
    if isinstance(found, dict):
        return any(
            negative(value) or (name == "consumed_seconds" and value is not None and value < 0)
            for name, value in found.items()
        )
    return isinstance(found, list) and any(map(negative, found))
