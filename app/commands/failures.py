"""How a command fails: one clear line and an exit code that says what kind of failure it was."""

import errno
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `skranke`. 2 is also what a misspelt command or option gives."""

    UNEXPECTED = 1
    SETTINGS = 2
    PORT = 3
    DATABASE_AWAY = 4
    DATABASE_BUSY = 5
    DATA_DIRECTORY = 6
    ROLE = 7
    MIGRATION = 8
    DEFINITION = 9
    ARCHIVE = 10
    NOT_WELL = 11
    REFUSED = 12
    INTERRUPTED = 130


class CommandFailed(Exception):
    """A foreseeable failure; the text is one line that says what is wrong and what to do."""

    def __init__(self, line: str, code: Exit) -> None:
        super().__init__(line)
        self.code = code


def first_line(error: BaseException) -> str:
    """The first line of what an exception says, without a full stop; the rest is detail."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return " ".join(lines[0].split()).rstrip(".")


def foreseen(error: BaseException) -> CommandFailed | None:
    """The failure that `error` means to an operator, or `None` where nobody foresaw it."""
    if isinstance(error, CommandFailed):
        return error
    return _from_operating_system(error) or _from_rooms(error) or _from_database(error)


def _from_operating_system(error: BaseException) -> CommandFailed | None:
    if not isinstance(error, OSError):
        return None
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = f"that holds {error.filename} " if error.filename else ""
        return CommandFailed(
            f"The disk {where}is full. Make room and try again.", Exit.DATA_DIRECTORY
        )
    if error.errno == errno.EADDRINUSE:
        return CommandFailed("Another program took the port meanwhile. Try again.", Exit.PORT)
    if error.filename is None:
        return None
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR}:
        return CommandFailed(
            f"{error.filename} cannot be used: {(error.strerror or '').lower()}.",
            Exit.DATA_DIRECTORY,
        )
    return None


def _from_rooms(error: BaseException) -> CommandFailed | None:
    # Imported here: only a failing command pays for it.
    from app.database.embedded import EmbeddedPostgresBusy, EmbeddedPostgresError
    from app.database.roles import PrepareError, RoleWalksThrough
    from app.domain.tenants.problems import DefinitionError
    from app.gateways.scanner import ScannerMisconfigured
    from app.gateways.storage import StorageMisconfigured

    codes: dict[type[BaseException], Exit] = {
        EmbeddedPostgresBusy: Exit.DATABASE_BUSY,  # before its base
        EmbeddedPostgresError: Exit.DATA_DIRECTORY,
        PrepareError: Exit.DATABASE_AWAY,
        RoleWalksThrough: Exit.ROLE,
        DefinitionError: Exit.DEFINITION,
        StorageMisconfigured: Exit.SETTINGS,
        ScannerMisconfigured: Exit.SETTINGS,
    }
    for kind, code in codes.items():
        if isinstance(error, kind):
            return CommandFailed(str(error), code)
    return None


def _from_database(error: BaseException) -> CommandFailed | None:
    """A database that is away or lacks something, whichever library noticed."""
    import psycopg
    import sqlalchemy.exc

    cause = error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    said = first_line(cause)
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return CommandFailed(
            f"A table stayed locked by others, so nothing was changed. Try again. ({said})",
            Exit.MIGRATION,
        )
    if isinstance(cause, psycopg.errors.DiskFull):
        return CommandFailed(f"The database's disk is full: {said}.", Exit.DATA_DIRECTORY)
    if isinstance(cause, psycopg.OperationalError):
        return CommandFailed(f"The database does not answer: {said}.", Exit.DATABASE_AWAY)
    return None
