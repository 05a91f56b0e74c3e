"""What the worker asks of the database after a ticket was opened: little, and as little for a large
team as for one agent, as every ticket that anybody opens has this behind it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from app.database.session import Database
from app.jobs.queue import open_queue
from app.jobs.worker import teach
from app.journal import Reactions
from app.reactions import duties
from tests.bench import bench_of
from tests.desk import Desk
from tests.domain.notifications.office import Office, furnished
from tests.factories.tickets import opened

Superuser = psycopg.AsyncConnection[Any]


class Asked:
    """What a database was asked: statements by their beginnings, and how many transactions."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.transactions = 0


@contextmanager
def counting(database: Database) -> Iterator[Asked]:
    """Count in the block."""
    engine, asked = database.engine.sync_engine, Asked()

    def execute(*executed: Any) -> None:
        asked.statements.append(" ".join(executed[2].split())[:40])

    def begin(_connection: Any) -> None:
        asked.transactions += 1

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "begin", begin)
    yield asked
    event.remove(engine, "before_cursor_execute", execute)
    event.remove(engine, "begin", begin)


@asynccontextmanager
async def nothing_waits(superuser: Superuser) -> AsyncIterator[None]:
    # Its triggers name each other without their schema.
    await superuser.execute("SET search_path = public, queue")
    await superuser.execute("DELETE FROM queue.procrastinate_jobs")
    yield
    await superuser.execute("DELETE FROM queue.procrastinate_jobs")


async def test_a_ticket_leaves_one_job_of_sixteen_statements_in_three_transactions(
    desk: Desk, superuser: Superuser
) -> None:
    customer = await desk.client("member@acme.example")
    async with nothing_waits(superuser), bench_of(desk) as bench:
        for warm in (False, True):
            ticket = await opened(customer)
            waiting = "SELECT args->>'reaction' FROM queue.procrastinate_jobs"
            found = await superuser.execute(waiting)
            assert await found.fetchall() == [("tell_about_ticket",)]
            assert desk.settings.worker_database_url
            queue = open_queue(desk.settings.worker_database_url)
            with counting(bench.database) as asked:
                async with queue.open_async():
                    teach(queue, bench, duties())
                    await queue.run_worker_async(
                        wait=False,
                        install_signal_handlers=False,
                        listen_notify=False,
                        delete_jobs="successful",
                    )
            # What is kept from one to the next, as the tenant's definition, is read the first time.
            assert len(asked.statements) <= 16 or not warm, asked.statements
            assert asked.transactions <= 3
            told = await superuser.execute(
                "SELECT count(*) FROM notifications WHERE ticket_id = %s AND state = 'sent'",
                [ticket["id"]],
            )
            row = await told.fetchone()
            assert row is not None
            assert row[0] > 1


@pytest.fixture
async def office(desk: Desk) -> AsyncIterator[Office]:
    """A tenant of its own, as the worker reaches it."""
    async with bench_of(desk, Reactions()) as bench:
        yield await furnished(desk.settings, bench.database)


async def test_a_large_team_is_told_with_as_many_statements_as_one_agent(office: Office) -> None:
    customer = await office.customer(await office.organization())
    counted = []
    for more in (1, 0, 6):
        for _ in range(more):
            await office.agent()
        await office.nobody_is_told()
        await office.open(customer)
        with counting(office.database) as asked:
            mails = await office.tell()
        counted.append((len(mails), len(asked.statements)))
    (one, _), (again, few), (many, most) = counted
    assert (one, again, many) == (1, 1, 7)
    assert most == few
