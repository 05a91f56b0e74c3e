"""`skranke check`: tell whether everything the service needs is there; change nothing."""

import asyncio
from collections.abc import Callable

import typer

from app.commands.failures import Exit, foreseen
from app.commands.prerequisites import database_of, embedded_folder, read_settings
from app.commands.progress import console
from app.database.embedded.folder import Folder
from app.kernel.settings import Settings


def check() -> None:
    """Check settings, database, roles, schema, storage and mail; exit 0 when all is well."""
    settings = read_settings()
    _say("Settings", "read")
    if settings.embedded and Folder(embedded_folder(settings)).major() is None:
        _say("Database", "not made yet; skranke run makes it", well=False)
        raise typer.Exit(Exit.NOT_WELL)
    with database_of(settings) as ready:
        findings: dict[str, Callable[[Settings], str]] = {
            "Database": _database,
            "Attachments": _attachments,
            "Mail": _mail,
        }
        results = [_look(name, finding, ready) for name, finding in findings.items()]
    if not all(results):
        raise typer.Exit(Exit.NOT_WELL)


def _look(name: str, finding: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        said = finding(settings)
    except Exception as error:
        failure = foreseen(error)
        if failure is None:
            raise
        _say(name, str(failure), well=False)
        return False
    _say(name, said)
    return True


def _say(name: str, said: str, *, well: bool = True) -> None:
    mark = "[green]✓[/green]" if well else "[red]✗[/red]"
    console.print(f"{mark} {name}: {said}")


def _database(settings: Settings) -> str:
    from app.commands.readiness import require_ready

    require_ready(settings)
    return "answers, its roles stay behind the wall, its schema is up to date"


def _attachments(settings: Settings) -> str:
    from app.commands.failures import CommandFailed
    from app.gateways.storage import StorageUnavailable, open_storage

    place = settings.storage_address
    try:
        asyncio.run(open_storage(place).check())
    except StorageUnavailable as error:
        raise CommandFailed(f"{place} is full or out of reach", Exit.NOT_WELL) from error
    return f"can be kept in {place}"


def _mail(settings: Settings) -> str:
    from app.gateways.mail import mailer_for

    mailer_for(settings)
    return "goes to SKRANKE_SMTP_URL" if settings.smtp_url else "is written to the maildir"
