"""The worker: takes jobs from the queue, rings timers, and does hourly work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from app.database.tenancy import AsSystem
from app.jobs import housekeeping, timers
from app.jobs.queue import REACT, open_queue
from app.jobs.recovery import DEAD_AFTER_SECONDS, bring_back
from app.jobs.workbench import Afterwards, OnTime, Round, Workbench
from app.journal.history import recorded
from app.kernel.logging import logger

log = logger("jobs")

#: Some 9 days in all: a mail server may be away over a holiday.
_RETRIES = RetryStrategy(max_attempts=20, exponential_wait=2)
_HEARTBEAT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Duties:
    """What the worker can do, by name: `app/reactions.py` lists it."""

    afterwards: Mapping[str, Afterwards]
    timers: Mapping[str, OnTime]
    rounds: Sequence[Round] = ()
    """What is done about every hour, for every tenant."""
    poll_seconds: float = 1.0


async def work(bench: Workbench, duties: Duties) -> None:
    """Work until cancelled; what is under way is finished first (at most ten seconds)."""
    url = bench.settings.worker_database_url
    if url is None:
        raise RuntimeError("the worker needs SKRANKE_WORKER_DATABASE_URL")
    queue = open_queue(url)
    teach(queue, bench, duties)
    async with queue.open_async():
        helpers = [
            asyncio.create_task(
                _forever(lambda: timers.ring_due(bench, duties.timers), duties.poll_seconds)
            ),
            asyncio.create_task(_forever(lambda: bring_back(queue), _HEARTBEAT_SECONDS * 2)),
            asyncio.create_task(_forever(lambda: housekeeping.sweep(bench), 3600.0)),
            *(
                asyncio.create_task(_forever(partial(round_, bench), 3600.0))
                for round_ in duties.rounds
            ),
        ]
        try:
            await queue.run_worker_async(
                concurrency=4,
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=10.0,
                delete_jobs="successful",
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
            )
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)


def teach(queue: procrastinate.App, bench: Workbench, duties: Duties) -> None:
    """Register what the worker can do with the queue."""

    @queue.task(name=REACT, queue="reactions", retry=_RETRIES)
    async def react(tenant: str, event: str, reaction: str) -> None:
        async with bench.database.transaction(AsSystem(UUID(tenant))) as session:
            found = await recorded(session, UUID(tenant), UUID(event))
        if found is None:
            log.error("event_missing", event_id=event, tenant=tenant)
            return
        await duties.afterwards[reaction](bench, found)


async def _forever(step: Callable[[], Awaitable[int]], seconds: float) -> None:
    """Repeat `step`; a failure is logged and the next turn tries again."""
    while True:
        try:
            done = await step()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("turn_failed")
            done = 0
        if not done:
            await asyncio.sleep(seconds)
