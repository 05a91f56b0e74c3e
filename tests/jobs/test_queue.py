"""Jobs: put in with what causes them, tried again where they fail, brought back from the dead."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import procrastinate
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.database.asking import Question
from app.database.session import Database
from app.database.tenancy import AsSystem
from app.jobs.queue import DEFER, REACT, open_queue
from app.jobs.recovery import bring_back
from app.jobs.workbench import Workbench
from app.jobs.worker import Duties, teach
from app.journal.events import Recorded
from tests.bench import bench_of
from tests.desk import Desk
from tests.factories.tickets import Shown, opened

Superuser = psycopg.AsyncConnection[Any]


class Told:
    """A reaction of the worker: what it was told, and how often it fails first."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Recorded] = []
        self.failures = failures

    async def __call__(self, _bench: Workbench, event: Recorded) -> None:
        self.events.append(event)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("planted")


class Event:
    """An event that happened, and the database as the API sees it."""

    def __init__(self, tenant: UUID, event: UUID, database: Database) -> None:
        self.tenant, self.id, self.database = tenant, event, database

    async def deferred(self, *, kept: bool = True) -> None:
        """Put a job about it into the queue, in a transaction that is kept or not."""
        async with self.database.session(AsSystem(self.tenant)) as session:
            asked = {"tenant_id": self.tenant, "id": self.id, "reactions": ["told"]}
            await Question(DEFER).rows(session, asked)
            await (session.commit() if kept else session.rollback())


@pytest.fixture
async def event(desk: Desk, superuser: Superuser) -> AsyncIterator[Event]:
    ticket: Shown = await opened(await desk.client("member@acme.example"))
    # Its triggers name each other without their schema.
    await superuser.execute("SET search_path = public, queue")
    await superuser.execute("DELETE FROM queue.procrastinate_jobs")
    row = await (
        await superuser.execute(
            "SELECT tenant_id, id FROM events WHERE ticket_id = %s", [ticket["id"]]
        )
    ).fetchone()
    assert row is not None
    yield Event(row[0], row[1], desk.app.state.database)
    await superuser.execute("DELETE FROM queue.procrastinate_jobs")


async def worked(desk: Desk, told: Told) -> None:
    """Let a worker do what waits."""
    assert desk.settings.worker_database_url
    queue = open_queue(desk.settings.worker_database_url)
    async with bench_of(desk) as bench, queue.open_async():
        teach(queue, bench, Duties(afterwards={"told": told}, timers={}))
        await queue.run_worker_async(
            wait=False,
            concurrency=1,
            install_signal_handlers=False,
            listen_notify=False,
            delete_jobs="successful",
        )


async def jobs(superuser: Superuser, event: Event) -> Sequence[Any]:
    found = await superuser.execute(
        "SELECT status::text, attempts, scheduled_at > now() FROM queue.procrastinate_jobs"
        " WHERE args->>'event' = %s",
        [str(event.id)],
    )
    return await found.fetchall()


async def test_a_job_is_there_once_its_cause_is_kept(event: Event, superuser: Superuser) -> None:
    await event.deferred(kept=False)
    assert await jobs(superuser, event) == []
    await event.deferred()
    assert await jobs(superuser, event) == [("todo", 0, None)]


async def test_a_job_is_what_the_library_would_make_of_it(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    assert desk.settings.worker_database_url
    queue = open_queue(desk.settings.worker_database_url)
    async with queue.open_async():
        await queue.configure_task(REACT, allow_unknown=True, queue="reactions").defer_async(
            tenant=str(event.tenant), event=str(event.id), reaction="told"
        )
    found = await superuser.execute(
        "SELECT to_jsonb(job) - 'id' FROM queue.procrastinate_jobs AS job"
        " WHERE args->>'event' = %s",
        [str(event.id)],
    )
    ours, theirs = [row[0] for row in await found.fetchall()]
    assert ours == theirs


async def test_a_reaction_is_given_the_event_as_it_was_recorded(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    told = Told()
    await worked(desk, told)
    (heard,) = told.events
    assert (heard.id, heard.tenant_id, heard.name) == (event.id, event.tenant, "ticket.opened")
    assert heard.actor_side == "customer"
    assert heard.data["type"] == "bug"
    assert await jobs(superuser, event) == []


async def test_a_reaction_that_fails_is_tried_again_a_little_later(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    told = Told(failures=2)
    for attempt in (1, 2):
        await worked(desk, told)
        assert len(told.events) == attempt
        assert await jobs(superuser, event) == [("todo", attempt, True)]
        await worked(desk, told)
        assert len(told.events) == attempt
        due = "UPDATE queue.procrastinate_jobs SET scheduled_at = now() WHERE args->>'event' = %s"
        await superuser.execute(due, [str(event.id)])
    await worked(desk, told)
    assert len(told.events) == 3
    assert await jobs(superuser, event) == []


async def test_an_event_that_is_not_there_ends_its_job(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    event.id = uuid4()
    await event.deferred()
    told = Told()
    await worked(desk, told)
    assert told.events == []
    assert await jobs(superuser, event) == []


async def test_another_tenants_event_is_not_there(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    row = await (await superuser.execute("SELECT id FROM tenants WHERE slug = 'skill'")).fetchone()
    assert row is not None
    event.tenant = row[0]
    await event.deferred()
    told = Told()
    await worked(desk, told)
    assert told.events == []


@pytest.mark.parametrize("gone", [False, True], ids=["silent", "removed"])
async def test_jobs_of_a_dead_worker_come_back(
    desk: Desk, event: Event, superuser: Superuser, gone: bool
) -> None:
    await event.deferred()
    worker = await taken_by_worker(superuser, event, seconds_ago=21)
    if gone:
        await superuser.execute("DELETE FROM queue.procrastinate_workers WHERE id = %s", [worker])
    told = Told()
    await brought_back(desk)
    await worked(desk, told)
    assert [heard.id for heard in told.events] == [event.id]


async def test_jobs_of_a_worker_that_lives_stay_with_it(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    worker = await taken_by_worker(superuser, event, seconds_ago=9)
    await brought_back(desk)
    assert [status for status, _, _ in await jobs(superuser, event)] == ["doing"]
    await superuser.execute("DELETE FROM queue.procrastinate_workers WHERE id = %s", [worker])


async def test_a_worker_heard_of_tomorrow_is_dead_if_it_is_silent_from_now_on(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    worker = await taken_by_worker(superuser, event, seconds_ago=-86_400)
    await brought_back(desk)
    await superuser.execute(
        "UPDATE queue.procrastinate_workers SET last_heartbeat = last_heartbeat - interval '21 s'"
        " WHERE id = %s",
        [worker],
    )
    await brought_back(desk)
    assert [status for status, _, _ in await jobs(superuser, event)] == ["todo"]


async def test_a_try_that_a_clock_put_back_would_delay_is_made_now(
    desk: Desk, event: Event, superuser: Superuser
) -> None:
    await event.deferred()
    await worked(desk, Told(failures=1))
    wait = "UPDATE queue.procrastinate_jobs SET scheduled_at = now() + %s WHERE args->>'event' = %s"
    for seconds, waits in ((3, True), (86_400, False)):
        await superuser.execute(wait, [timedelta(seconds=seconds), str(event.id)])
        await brought_back(desk)
        assert await jobs(superuser, event) == [("todo", 1, waits)]


async def taken_by_worker(superuser: Superuser, event: Event, *, seconds_ago: int) -> int:
    """Let a worker that was last heard of so long ago be at work on the event's job."""
    found = await superuser.execute(
        "INSERT INTO queue.procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => %s)) RETURNING id",
        [seconds_ago],
    )
    row = await found.fetchone()
    assert row is not None
    await superuser.execute(
        "UPDATE queue.procrastinate_jobs SET status = 'doing', worker_id = %s"
        " WHERE args->>'event' = %s",
        [row[0], str(event.id)],
    )
    return int(row[0])


async def brought_back(desk: Desk) -> None:
    assert desk.settings.worker_database_url
    queue: procrastinate.App = open_queue(desk.settings.worker_database_url)
    async with queue.open_async():
        await bring_back(queue)


async def test_the_api_puts_jobs_in_and_sees_none(event: Event) -> None:
    async with event.database.session(AsSystem(event.tenant)) as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await session.execute(text("SELECT 1 FROM queue.procrastinate_jobs"))
