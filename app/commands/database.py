"""`skranke database`: prepare a server, migrate, back up, restore, upgrade."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import ADDRESSES, database_of, read_settings
from app.commands.progress import console, step
from app.kernel import clock

database = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Prepare, migrate and keep the database."
)

SuperuserUrl = Annotated[
    str | None,
    typer.Option(
        envvar="SKRANKE_SUPERUSER_DATABASE_URL",
        help="A superuser's address on your own server; not needed for the embedded database.",
        show_default=False,
    ),
]


@database.command()
def prepare(*, superuser_url: SuperuserUrl = None) -> None:
    """Make the roles, the database and the grants on a server of your own. Safe to repeat."""
    from app.commands.preparing import prepare_given

    if superuser_url is None:
        raise CommandFailed(
            "Give a superuser's address, by --superuser-url or SKRANKE_SUPERUSER_DATABASE_URL."
            " The embedded database needs no preparing.",
            Exit.SETTINGS,
        )
    prepare_given(read_settings(*ADDRESSES), superuser_url)


@database.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.commands.migrating import migrate_with_progress

    with database_of(read_settings("migration_database_url")) as settings:
        migrate_with_progress(settings)


@database.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write; by default named after the moment.")
    ] = None,
    *,
    superuser_url: SuperuserUrl = None,
) -> None:
    """Write the database, the attachments, the mails and the keys to one file.

    The service may run meanwhile. The file holds everything: keep it as safe as the database."""
    from app.commands import archives, dumps
    from app.commands.restoring import server_to_keep

    settings = read_settings("database_url")
    written = file or Path(f"skranke-{clock.now():%Y%m%d-%H%M%S}.tar")
    if written.exists():
        raise CommandFailed(f"{written} is already there.", Exit.ARCHIVE)
    with server_to_keep(settings, superuser_url) as server, step(f"Writing {written}"):
        archives.write(
            written,
            settings.data_dir,
            lambda place: dumps.dump(server.programs, server.url, place),
        )
    if not settings.keeps_attachments:
        console.print("The attachments are not in it: they live at SKRANKE_STORAGE_URL.")


@database.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `skranke database backup` wrote.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where there is data; it is set aside.")
    ] = False,
    superuser_url: SuperuserUrl = None,
) -> None:
    """Put a backup back. The service must not run meanwhile."""
    from app.commands.restoring import restore_backup

    restore_backup(read_settings("database_url"), file, superuser_url, replace=replace)


@database.command()
def upgrade(
    *,
    old_bin_dir: Annotated[
        Path | None,
        typer.Option(help="The programs of the PostgreSQL that made the data, where not found."),
    ] = None,
) -> None:
    """Bring the embedded database to this program's PostgreSQL, where an older one made it."""
    from app.commands.upgrading import upgrade_embedded

    settings = read_settings()
    if not settings.embedded:
        raise CommandFailed(
            "SKRANKE_DATABASE_URL names a server of your own: upgrade that as its makers say.",
            Exit.SETTINGS,
        )
    upgrade_embedded(settings, old_bin_dir)
