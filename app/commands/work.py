"""`skranke work`: the job worker, as a process of its own."""

import functools

from app.commands.prerequisites import database_of, read_settings
from app.commands.progress import console


def work() -> None:
    """Do the jobs: mails, timers, everything that may follow a moment later."""
    from app.commands import serving
    from app.commands.readiness import require_ready

    with serving.stopped_by_signals():
        settings = read_settings("worker_database_url")
        serving.begin_log(settings)
        with database_of(settings) as ready:
            require_ready(ready)
            from app.worker import run as run_worker

            serving.run_until_stopped(
                lambda: serving.work(
                    functools.partial(run_worker, ready),
                    on_ready=lambda: console.print("The worker waits for jobs."),
                )
            )
