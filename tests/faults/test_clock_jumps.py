"""The system's clock jumps by hours and days, there and back, while people work: nothing fails,
nothing is lost, told twice or left out, and no time is less than nothing."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from app.kernel.settings import Settings
from tests import cluster
from tests.cluster import Addresses
from tests.faults import visitors
from tests.faults.jumping import SystemClock
from tests.faults.untold import nobody_is_untold
from tests.faults.writers import PORTAL
from tests.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.any_postgres, pytest.mark.timeout(300)]
_JUMPS = ("+1h", "+0", "-1h", "+1d", "+0", "-1d", "+0")
_KEEPS_TRYING = "Put in before all jumps"


@pytest.fixture
def system_clock(settings: Settings) -> SystemClock:
    return SystemClock(settings.data_dir / "faketime")


@pytest.fixture
def served(settings: Settings, addresses: Addresses, system_clock: SystemClock) -> Iterator[Served]:
    """An installation whose API and worker go by the jumping clock."""
    held = Served(settings, cluster.demo_people(addresses))
    held.more = system_clock.variables
    with held.running() as running:
        yield running


def key_of(client: httpx2.Client, *scopes: str) -> str:
    """What a new key of theirs is sent as: sessions rest and end, as they must, by the clock."""
    made = client.post("/v1/api-keys", json={"name": "Through the jumps", "scopes": scopes})
    assert made.status_code == 201, made.text
    return f"Bearer {made.json()['key']}"


async def test_a_clock_that_jumps_breaks_nothing(
    served: Served,
    system_clock: SystemClock,
    addresses: Addresses,
    fresh_database: str,
    scale: int,
) -> None:
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
            await asyncio.to_thread(system_clock.jump, jump, stay=1.0 if scale > 1 else 0.2)
            ids.add(await asyncio.to_thread(post, served, same))
    assert told.failed == []
    assert len(ids) == 1, "the key was forgotten"
    opened = {**told.opened, ids.pop(): _KEEPS_TRYING}

    with httpx2.Client(base_url=served.base, headers={"Authorization": token}) as client:
        for sort in ("-updated_at", "created_at"):
            assert Counter(walked(client, sort)) == Counter(list(opened))
    with httpx2.Client(base_url=served.base, headers={"Authorization": follows}) as client:
        # Others on the server may still be about what they began earlier.
        served.until(lambda: len(list(followed(client))) >= len(opened))
        assert Counter(followed(client)) == Counter(list(opened))

    superuser = addresses.of("superuser", fresh_database)
    served.until(lambda: nobody_is_untold(superuser), patience=120)
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
        f"{len(_JUMPS) * times} jumps of an hour and a day: {told.requests} requests, none failed,"
        f" {len(opened)} tickets acknowledged, each listed, followed and told of once"
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
