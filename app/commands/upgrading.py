"""`skranke database upgrade`: the embedded database from an older PostgreSQL to this one."""

import shutil
from pathlib import Path

import psycopg

from app.commands import dumps
from app.commands.failures import CommandFailed, Exit
from app.commands.prerequisites import embedded_folder, prepare_roles
from app.commands.progress import console, step
from app.database.embedded import EmbeddedPostgres, programs_for
from app.database.embedded.folder import Folder
from app.database.embedded.programs import MAJOR, major_of
from app.database.roles import DATABASE
from app.kernel.settings import Settings


def upgrade_embedded(settings: Settings, old_programs: Path | None) -> None:
    """Dump with the old server, restore into a new one, exchange the folders.

    The old folder is kept beside the new one. Raises `CommandFailed`; then nothing was changed."""
    folder = embedded_folder(settings)
    major = Folder(folder).major()
    if major is None or major == MAJOR:
        console.print(f"Nothing to do: {folder} {_state(major)}.")
        return
    if major > MAJOR:
        raise CommandFailed(
            f"The data in {folder} was made by PostgreSQL {major}, which is newer than this"
            f" program's {MAJOR}. Use the newer Skranke, or restore a backup.",
            Exit.DATA_DIRECTORY,
        )
    programs = _old_programs(major, old_programs)
    new_folder = folder.with_name("postgres.new")
    aside = folder.with_name(f"postgres.{major}")
    if aside.exists():
        raise CommandFailed(
            f"{aside} of an earlier upgrade is still there. Remove it first.", Exit.DATA_DIRECTORY
        )
    if new_folder.exists():  # left by an upgrade that was interrupted
        shutil.rmtree(new_folder)
    new = EmbeddedPostgres(new_folder)
    try:
        with EmbeddedPostgres(folder, bin_dir=programs) as old, new:
            _carry_over(old, new)
        with step("Exchanging the folders"):
            folder.rename(aside)
            new_folder.rename(folder)
    except BaseException:
        shutil.rmtree(new_folder, ignore_errors=True)
        raise
    console.print(f"  The database is PostgreSQL {MAJOR} now. The old one is kept in {aside};")
    console.print("  remove it when everything works.")


def _carry_over(old: EmbeddedPostgres, new: EmbeddedPostgres) -> None:
    dumped = new.directory / "upgrade.dump"
    with step("Reading the old database"):
        dumps.dump(new.programs, old.superuser_url(DATABASE), dumped)
    with step("Writing the new database"):
        prepare_roles(new)
        with psycopg.connect(new.superuser_url(), autocommit=True) as server:
            server.execute("DROP DATABASE skranke")  # empty, but for what the dump brings too
        dumps.restore(new.programs, new.superuser_url(), DATABASE, dumped)
        prepare_roles(new)
    dumped.unlink()


def _old_programs(major: int, given: Path | None) -> Path:
    programs = given or programs_for(major)
    if programs is None:
        raise CommandFailed(
            f"The programs of PostgreSQL {major}, which made the data, are not here. Install them"
            f" (Debian: postgresql-{major}) or name their folder with --old-bin-dir.",
            Exit.DATA_DIRECTORY,
        )
    if major_of(programs) != major:
        raise CommandFailed(
            f"{programs} is of PostgreSQL {major_of(programs)}, but {major} made the data.",
            Exit.DATA_DIRECTORY,
        )
    return programs


def _state(major: int | None) -> str:
    return "holds no database yet" if major is None else f"is of PostgreSQL {major} already"
