"""`skranke serve`: the API, without anything that prepares it."""

import functools
import gc
from typing import Annotated

import typer

from app.commands.prerequisites import database_of, read_settings
from app.commands.progress import console


def serve(
    *,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Do the worker's jobs in this process too.")
    ] = False,
) -> None:
    """Serve the API. Nothing is migrated or applied: the database must be ready."""
    from app.commands import serving
    from app.commands.readiness import require_ready

    gc.disable()  # until it listens (api_server.py): most of what a start does is loading
    with serving.stopped_by_signals():
        worker = ("worker_database_url",) if with_worker else ()
        settings = read_settings("database_url", *worker)
        serving.begin_log(settings)
        with serving.take_port(settings) as listener, database_of(settings) as ready:
            require_ready(ready)
            from app.main import create_app
            from app.worker import run as run_worker

            serving.run_until_stopped(
                lambda: serving.serve(
                    create_app(ready),
                    listener,
                    worker=functools.partial(run_worker, ready) if with_worker else None,
                    on_ready=lambda: console.print(
                        f"The API listens on {settings.listening_address}"
                    ),
                    grace=ready.stop_grace_seconds,
                )
            )
