"""Jobs that a dead worker left, and those that a clock which was set back would delay."""

import procrastinate

from app.kernel.logging import logger

DEAD_AFTER_SECONDS = 20.0
log = logger("jobs")

#: The queue goes by the database's clock, which somebody may have put right. A worker was not heard
#: of in the future: whoever has died since would be taken for alive until then.
_HEARD_OF_NOW = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now()"
)
#: Nor is any try made that much later than the one before (`RetryStrategy`).
_TRIED_NOW = """
    UPDATE procrastinate_jobs SET scheduled_at = now()
     WHERE status = 'todo' AND scheduled_at > now() + make_interval(secs => 2.0 ^ (attempts + 1))
"""


async def bring_back(queue: procrastinate.App) -> int:
    """Put jobs of a worker that died back into the queue, and forget waits that cannot have been
    meant. Answers 0: there is no hurry."""
    for statement in (_HEARD_OF_NOW, _TRIED_NOW):
        await queue.connector.execute_query_async(statement)
    stalled = await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
    brought = 0
    for job in stalled:
        await queue.job_manager.retry_job(job)
        brought += 1
    if brought:
        log.warning("jobs_brought_back", jobs=brought)
    return 0
