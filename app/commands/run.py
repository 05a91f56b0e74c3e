"""`skranke run`: everything in one process, from an empty folder to a served portal."""

import asyncio
import functools
import signal
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from app.commands.progress import console, step
from app.commands.surroundings import database_of, read_settings, required
from app.kernel.settings import Settings

if TYPE_CHECKING:
    from app.database.session import Database

_WELCOME = """
[bold]Skranke is ready.[/bold] Stop it with Ctrl-C.

  API            {base}/v1
  API reference  {base}/docs
  Who may sign in, with passwords: {people}
  To sign in: open the API reference, choose createSession, and give a portal, e-mail and password.
  Mails people would get: skranke mail
"""


def run() -> None:
    """Start everything: database, schema, portals with demo people, API and worker."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    signal.signal(signal.SIGHUP, _as_ctrl_c)
    try:
        _run(read_settings())
    except KeyboardInterrupt:
        console.print("Stopped.")


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _run(settings: Settings) -> None:
    from app.commands import serving

    with serving.take_port(settings) as listener, database_of(settings, ours_alone=True) as ready:
        _migrate(ready)
        asyncio.run(_apply_portals(ready))

        from app.commands.readiness import require_ready
        from app.main import create_app
        from app.worker import run as run_worker

        require_ready(ready)
        serving.run_until_stopped(
            lambda: serving.serve(
                create_app(ready),
                listener,
                worker=functools.partial(run_worker, ready),
                on_ready=lambda: _welcome(settings),
            )
        )
        console.print("Stopping the database …" if settings.embedded else "Stopped.")


def _migrate(settings: Settings) -> None:
    from app.commands.migrating import migrate_with_progress

    migrate_with_progress(settings)


async def _apply_portals(settings: Settings) -> None:
    """Put the shipped definitions in force and write who may sign in."""
    from app.commands import applying, demo
    from app.database.session import Database

    database = Database(required(settings.worker_database_url), pool_size=2, name="apply")
    file = settings.data_dir / demo.FILE
    known = demo.read_passwords(file)
    portals: dict[str, list[dict[str, Any]]] = {}
    try:
        with step("Applying the portals") as tell:
            for definition_file in applying.shipped_files():
                tell(definition_file.stem)
                await applying.apply_file(database, definition_file)
                slug = definition_file.stem
                people = await _people(database, slug, known)
                if people is not None:
                    portals[slug] = people
    finally:
        await database.close()
    demo.write_people(file, settings.base_url, portals)


async def _people(
    database: "Database", slug: str, known: dict[tuple[str, str], str]
) -> list[dict[str, Any]] | None:
    from app.commands import applying, demo

    definition = await applying.in_force(database, slug)
    people = demo.demo_people_of(definition) if definition else None
    return await demo.apply_people(database, people, known) if people else None


def _welcome(settings: Settings) -> None:
    from app.commands.demo import FILE

    console.print(_WELCOME.format(base=settings.base_url, people=settings.data_dir / FILE))
