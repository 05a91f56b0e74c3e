"""Restoring a backup, and finding the server that is backed up or restored to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.commands import archives, dumps
from app.commands.failures import CommandFailed, Exit, first_line
from app.commands.prerequisites import embedded_server
from app.commands.progress import console, step
from app.commands.readiness import revision_of
from app.database.embedded import BUNDLED, bundled_programs
from app.database.roles import DATABASE, SIGN_IN_ROLES, prepare
from app.kernel import clock
from app.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """A database to keep: the superuser's address of it, and the programs that dump and restore."""

    url: str
    superuser_url: str
    database: str
    programs: Path
    passwords: Mapping[str, str]


@contextmanager
def server_to_keep(
    settings: Settings, superuser_url: str | None, *, ours_alone: bool = False
) -> Iterator[Kept]:
    """The database of these settings, as its superuser: no other role can read every row."""
    if settings.embedded:
        with embedded_server(settings, ours_alone=ours_alone) as server:
            yield Kept(
                url=server.superuser_url(DATABASE),
                superuser_url=server.superuser_url(),
                database=DATABASE,
                programs=server.programs,
                passwords=server.passwords(*SIGN_IN_ROLES),
            )
        return
    if superuser_url is None or settings.database_url is None:
        raise CommandFailed(
            "Give a superuser's address, by --superuser-url or SKRANKE_SUPERUSER_DATABASE_URL:"
            " every other role sees through row-level security only what it may.",
            Exit.SETTINGS,
        )
    database = str(conninfo_to_dict(settings.database_url.get_secret_value()).get("dbname"))
    yield Kept(
        url=make_conninfo(superuser_url, dbname=database),
        superuser_url=superuser_url,
        database=database,
        programs=_programs_for(superuser_url),
        passwords={},
    )


def _programs_for(superuser_url: str) -> Path:
    """Programs a given server understands: newer ones restore with settings it does not know."""
    try:
        with psycopg.connect(superuser_url, connect_timeout=10) as server:
            major = server.info.server_version // 10000
    except psycopg.Error as error:
        raise CommandFailed(
            f"The superuser's address does not let us in: {first_line(error)}.", Exit.DATABASE_AWAY
        ) from error
    return bundled_programs(min(each for each in BUNDLED if each >= major))


def restore_backup(
    settings: Settings, file: Path, superuser_url: str | None, *, replace: bool
) -> None:
    """Restore the backup `file`. Raises `CommandFailed`; then nothing was changed."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (
        archives.opened(file, settings.data_dir) as (place, made_at),
        server_to_keep(settings, superuser_url, ours_alone=True) as server,
    ):
        if _holds_data(server) and not replace:
            raise CommandFailed(
                f"There is data in the database {server.database} already. Give --replace to set it"
                " aside and restore.",
                Exit.ARCHIVE,
            )
        with step(f"Restoring the backup of {made_at:%Y-%m-%d %H:%M} UTC"):
            former = dumps.restore(
                server.programs, server.superuser_url, server.database, place / archives.DUMP
            )
            prepare(server.superuser_url, database=server.database, passwords=server.passwords)
            aside = settings.data_dir / f"before-restore-{clock.now():%Y%m%d-%H%M%S}"
            archives.put_back(place, settings.data_dir, aside)
    if former:
        console.print(f"  The former database is kept on the server as {former}.")
    if aside.exists():
        console.print(f"  The former files are kept in {aside}.")
    console.print("  Next: skranke database migrate (skranke run does it by itself)")


def _holds_data(server: Kept) -> bool:
    try:
        with psycopg.connect(server.url) as connection:
            return revision_of(connection) is not None
    except psycopg.OperationalError:  # there is no such database
        return False
