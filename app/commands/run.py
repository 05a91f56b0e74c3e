"""`skranke run`: everything in one process, from an empty folder to a served portal."""

import asyncio
import functools
import gc
import os
import shutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.failures import CommandFailed
from app.commands.prerequisites import ADDRESSES, DEMO_FILE, database_of, read_settings, required
from app.commands.progress import console, step
from app.kernel.settings import Settings

if TYPE_CHECKING:
    from app.database.session import Database

_WELCOME = """
[bold]Skranke is ready.[/bold] Stop it with Ctrl-C.

  API            {base}/v1
  API reference  {base}/docs
  Who may sign in, with passwords: {people}
  To sign in: open the API reference; its form at the top takes portal, e-mail and password.
  Mails people would get: {program} mail
"""


def run(
    *,
    history: Annotated[
        bool,
        typer.Option(
            "--history/--no-history", help="Whether demo portals begin with months of tickets."
        ),
    ] = True,
) -> None:
    """Start everything: database, schema, portals with demo people, API and worker."""
    from app.commands import serving

    gc.disable()  # until all is loaded (serving.py): most of what a start does is loading
    with serving.stopped_by_signals():
        settings = read_settings(*ADDRESSES)
        serving.begin_log(settings)
        with (
            serving.take_port(settings) as listener,
            database_of(settings, ours_alone=True, meanwhile=_load_program) as ready,
        ):
            _bring_up(ready, history=history)
            from app.main import create_app
            from app.worker import run as run_worker

            serving.run_until_stopped(
                lambda: serving.serve(
                    create_app(ready),
                    listener,
                    worker=functools.partial(run_worker, ready),
                    on_ready=lambda: _welcome(settings),
                    grace=ready.stop_grace_seconds,
                )
            )
        console.print("Stopped.")


def _load_program() -> None:
    """Load all of the program; it takes longer than anything else in a second start."""
    import_module("app.main")
    import_module("app.worker")


def _bring_up(settings: Settings, *, history: bool) -> None:
    """Check the roles; migrate and apply the portals, where the last start has not."""
    from app.commands import last_start
    from app.commands.readiness import require_roles

    require_roles(settings)
    if last_start.is_done(settings):
        console.print("[green]✓[/green] Schema and portals are as the last start left them")
    else:
        from app.commands.migrating import migrate_with_progress

        migrate_with_progress(settings)
        asyncio.run(_apply_portals(settings, history=history))
        last_start.remember(settings)


async def _apply_portals(settings: Settings, *, history: bool) -> None:
    """Put the shipped definitions in force, write who may sign in, and what was before today."""
    from app.commands.demo import apply_shipped
    from app.commands.demo_history.writing import AT_ONCE
    from app.database.session import Database

    url = required(settings.worker_database_url)
    database = Database(url, pool_size=AT_ONCE, name="apply")
    try:
        with step("Applying the portals") as tell:
            await apply_shipped(database, settings, tell)
        if history:
            await _write_history(database, settings)
    finally:
        await database.close()


async def _write_history(database: "Database", settings: Settings) -> None:
    """Give the demo portals a past where they have none. A start does not fail for want of it."""
    from app.commands.demo_history.writing import unwritten, write_histories

    if slugs := await unwritten(database):
        try:
            with step("Writing the history of the demo portals") as tell:
                await write_histories(database, settings, slugs, tell)
        except CommandFailed as failed:
            console.print(f"[yellow]![/yellow] {failed}")


def _welcome(settings: Settings) -> None:
    people = settings.data_dir / DEMO_FILE
    program = "skranke" if shutil.which("skranke") else os.path.relpath(sys.argv[0])
    console.print(_WELCOME.format(base=settings.base_url, people=people, program=program))
