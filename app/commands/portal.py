"""`skranke portal`: look at, apply and write back portal definitions."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import database_of, read_settings
from app.commands.progress import step
from app.commands.readiness import require_ready

if TYPE_CHECKING:
    from app.database.session import Database

portal = typer.Typer(
    help="Portal definitions: what a tenant is, as one document.", no_args_is_help=True
)

#: How `plan --check` ends when applying would change something.
CHANGES_PENDING = 20
_Definition = Annotated[Path, typer.Argument(help="A portal definition in YAML.", metavar="FILE")]
Answer = TypeVar("Answer")


@portal.command()
def plan(
    file: _Definition,
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help=f"End with code {CHANGES_PENDING} if something would change."),
    ] = False,
) -> None:
    """Show what applying FILE would change: + added, ~ changed, - retired."""
    from app.commands.applying import checked_step
    from app.domain.tenants.planning import diff

    changes = diff(*_with_database(lambda database: checked_step(database, file)))
    for change in changes:
        typer.echo(str(change))
    if not changes:
        typer.echo("Nothing would change.", err=True)
    elif check:
        raise typer.Exit(CHANGES_PENDING)


@portal.command()
def apply(
    file: _Definition,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make the demo people shipped for this portal as well.")
    ] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Write the demo people's tickets of the last months, too."),
    ] = False,
) -> None:
    """Put FILE in force. Safe to repeat; what vanished is retired, nothing is deleted."""
    from app.commands.applying import apply_file

    async def put_in_force(database: "Database") -> str:
        applied = await apply_file(database, file)
        for change in applied.changes:
            typer.echo(str(change))
        slug = applied.definition.portal.slug
        if demo:
            await _add_people(database, slug)
        if history:
            await _write_history(database, slug)
        news = f"version {applied.version}" if applied.changes else "nothing had changed"
        return f"{slug}: {news}."

    typer.echo(_with_database(put_in_force), err=True)


@portal.command()
def export(slug: Annotated[str, typer.Argument(help="The portal's slug.")]) -> None:
    """Write the definition in force as YAML to standard output, retired things included."""
    from app.commands.applying import in_force
    from app.domain.tenants.writing import as_yaml

    definition = _with_database(lambda database: in_force(database, slug))
    if definition is None:
        raise CommandFailed(f"There is no portal {slug!r} here.", Exit.DEFINITION)
    typer.echo(as_yaml(definition), nl=False)


@portal.command(name="schema")
def write_schema(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if it is not up to date.")
    ] = False,
) -> None:
    """Write the JSON Schema of portal definitions, for editors, beside the shipped ones."""
    from app.domain.tenants.schema import SCHEMA_FILE, schema

    text = schema()
    if not check:
        SCHEMA_FILE.write_text(text, encoding="utf-8")
        typer.echo(f"Written: {SCHEMA_FILE}")
    elif not SCHEMA_FILE.exists() or SCHEMA_FILE.read_text(encoding="utf-8") != text:
        typer.echo(f"{SCHEMA_FILE} is not what the code says any more. Run: skranke portal schema")
        raise typer.Exit(1)


async def _add_people(database: "Database", slug: str) -> None:
    from app.commands.demo import add_people

    settings = read_settings()
    with step(f"Making demo people of {slug}"):
        await add_people(database, slug, settings)


async def _write_history(database: "Database", slug: str) -> None:
    from app.commands.demo_history.writing import write_history

    with step(f"Writing the history of {slug}") as tell:
        await write_history(database, read_settings(), slug, tell)


def _with_database(deed: "Callable[[Database], Awaitable[Answer]]") -> Answer:
    """What `deed` answers, done with the worker's role on a database that is ready."""
    from app.commands.applying import opened

    with database_of(read_settings("worker_database_url")) as settings:
        require_ready(settings)

        async def run() -> Answer:
            async with opened(settings) as database:
                return await deed(database)

        return asyncio.run(run())
