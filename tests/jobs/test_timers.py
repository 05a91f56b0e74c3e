"""Timers: set, moved, taken back, rung once; one that fails is put off and holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.tenancy import AsSystem
from app.jobs.timers import ring_due
from app.jobs.workbench import OnTime, Workbench
from app.journal import cancel_timer, set_timer
from app.kernel import clock
from tests.bench import bench_of
from tests.desk import Desk

Superuser = psycopg.AsyncConnection[Any]
#: Timers of these tests are due long before any other.
LONG_AGO = datetime.fromisoformat("2001-01-01T00:00:00Z")


@pytest.fixture
async def tenant(superuser: Superuser) -> UUID:
    row = await (
        await superuser.execute("SELECT id FROM tenants WHERE slug = 'crm-service'")
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


@pytest.fixture
async def bench(desk: Desk, superuser: Superuser) -> AsyncIterator[Workbench]:
    async with bench_of(desk) as bench:
        yield bench
    await superuser.execute("DELETE FROM timers WHERE name LIKE 'test.%'")


class Rung:
    """What rang, and what is to happen then."""

    def __init__(self, *, failures: int = 0) -> None:
        self.subjects: list[UUID] = []
        self.failures = failures

    async def __call__(self, _session: AsyncSession, actor: Actor, subject_id: UUID) -> None:
        assert actor.is_system
        self.subjects.append(subject_id)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("planted")


async def put(
    bench: Workbench, tenant: UUID, subject: UUID, due_at: datetime, name: str = "test.ring"
) -> None:
    async with bench.database.transaction(AsSystem(tenant)) as session:
        await set_timer(session, Actor.system(tenant), name, subject, due_at)


async def rings(bench: Workbench, actions: Mapping[str, OnTime], at: datetime) -> int:
    clock.set_source(lambda: at)
    try:
        return await ring_due(bench, actions)
    finally:
        clock.set_source(None)


async def waiting(superuser: Superuser, subject: UUID) -> list[tuple[datetime, int]]:
    found = await superuser.execute(
        "SELECT due_at, attempts FROM timers WHERE subject_id = %s", [subject]
    )
    return await found.fetchall()


async def test_a_timer_rings_once_when_its_time_has_come(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject, rung = uuid4(), Rung()
    await put(bench, tenant, subject, LONG_AGO)
    early = LONG_AGO - timedelta(microseconds=1)
    assert await rings(bench, {"test.ring": rung}, early) == 0
    assert await rings(bench, {"test.ring": rung}, LONG_AGO) == 1
    assert await rings(bench, {"test.ring": rung}, LONG_AGO) == 0
    assert rung.subjects == [subject]
    assert await waiting(superuser, subject) == []


async def test_setting_it_again_moves_it(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject, rung = uuid4(), Rung()
    await put(bench, tenant, subject, LONG_AGO)
    later = LONG_AGO + timedelta(days=1)
    await put(bench, tenant, subject, later)
    assert len(await waiting(superuser, subject)) == 1
    assert await rings(bench, {"test.ring": rung}, LONG_AGO) == 0
    assert await rings(bench, {"test.ring": rung}, later) == 1


async def test_names_and_subjects_have_timers_of_their_own(bench: Workbench, tenant: UUID) -> None:
    first, second, ring, other = uuid4(), uuid4(), Rung(), Rung()
    await put(bench, tenant, first, LONG_AGO)
    await put(bench, tenant, second, LONG_AGO)
    await put(bench, tenant, first, LONG_AGO, "test.other")
    assert await rings(bench, {"test.ring": ring, "test.other": other}, LONG_AGO) == 3
    assert sorted(ring.subjects) == sorted([first, second])
    assert other.subjects == [first]


async def test_a_timer_that_was_taken_back_does_not_ring(bench: Workbench, tenant: UUID) -> None:
    subject = uuid4()
    await put(bench, tenant, subject, LONG_AGO)
    async with bench.database.transaction(AsSystem(tenant)) as session:
        await cancel_timer(session, Actor.system(tenant), "test.ring", subject)
        await cancel_timer(session, Actor.system(tenant), "test.ring", uuid4())
    assert await rings(bench, {}, LONG_AGO) == 0


async def test_a_timer_set_in_a_transaction_that_is_not_kept_was_never_set(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject = uuid4()
    async with bench.database.session(AsSystem(tenant)) as session:
        await set_timer(session, Actor.system(tenant), "test.ring", subject, LONG_AGO)
        await session.rollback()
    assert await waiting(superuser, subject) == []


async def test_one_that_fails_is_put_off_twice_as_long_each_time_and_then_rings(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject, fine = uuid4(), uuid4()
    failing, ring = Rung(failures=9), Rung()
    actions = {"test.fails": failing, "test.ring": ring}
    await put(bench, tenant, subject, LONG_AGO, "test.fails")
    await put(bench, tenant, fine, LONG_AGO)
    now, waits = LONG_AGO, []
    for attempt in range(1, 10):
        assert await rings(bench, actions, now) >= 1
        ((due_at, attempts),) = await waiting(superuser, subject)
        assert attempts == attempt
        waits.append((due_at - now).total_seconds())
        now = due_at
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert ring.subjects == [fine]
    assert await rings(bench, actions, now) == 1
    assert await waiting(superuser, subject) == []
    assert len(failing.subjects) == 10


async def test_what_a_failed_one_wrote_is_not_kept(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject, more = uuid4(), uuid4()

    async def writes_and_fails(session: AsyncSession, actor: Actor, _subject: UUID) -> None:
        await set_timer(session, actor, "test.ring", more, LONG_AGO)
        raise RuntimeError("planted")

    await put(bench, tenant, subject, LONG_AGO)
    await rings(bench, {"test.ring": writes_and_fails}, LONG_AGO)
    assert await waiting(superuser, more) == []
    assert len(await waiting(superuser, subject)) == 1


async def test_a_timer_may_set_itself_again(
    bench: Workbench, tenant: UUID, superuser: Superuser
) -> None:
    subject, again = uuid4(), LONG_AGO + timedelta(hours=1)

    async def reminds(session: AsyncSession, actor: Actor, subject_id: UUID) -> None:
        await set_timer(session, actor, "test.ring", subject_id, again)

    await put(bench, tenant, subject, LONG_AGO)
    assert await rings(bench, {"test.ring": reminds}, LONG_AGO) == 1
    assert await waiting(superuser, subject) == [(again, 0)]


async def test_two_workers_ring_it_once_and_neither_waits_for_the_other(
    desk: Desk, bench: Workbench, tenant: UUID
) -> None:
    subject, rung = uuid4(), Rung()
    running, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession, actor: Actor, subject_id: UUID) -> None:
        await rung(session, actor, subject_id)
        running.set()
        await go_on.wait()

    await put(bench, tenant, subject, LONG_AGO)
    clock.set_source(lambda: LONG_AGO)
    try:
        first = asyncio.create_task(ring_due(bench, {"test.ring": slow}))
        await running.wait()
        async with bench_of(desk) as other:
            assert await ring_due(other, {"test.ring": slow}) == 0
        go_on.set()
        assert await first == 1
    finally:
        clock.set_source(None)
    assert rung.subjects == [subject]


async def test_it_acts_in_its_own_tenant(bench: Workbench, tenant: UUID) -> None:
    seen = []

    async def looks(session: AsyncSession, actor: Actor, _subject: UUID) -> None:
        found = await session.scalars(text("SELECT slug FROM tenants"))
        seen.append((actor.tenant_id, actor.definition_version > 0, found.all()))

    await put(bench, tenant, uuid4(), LONG_AGO)
    await rings(bench, {"test.ring": looks}, LONG_AGO)
    assert seen == [(tenant, True, ["crm-service"])]
