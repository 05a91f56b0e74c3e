"""The data directory: made once, whole or not at all, and of the version that is to run on it."""

import shutil
import subprocess
from pathlib import Path

from app.database.embedded.account import Account
from app.database.embedded.errors import EmbeddedPostgresError, from_os, from_output
from app.database.embedded.folder import Folder
from app.database.embedded.programs import major_of

SUPERUSER = "postgres"
_BUILTIN_LOCALES_SINCE = 17


def require_data(folder: Folder, programs: Path, account: Account, *, fsync: bool) -> None:
    """Make the data directory of `folder` where there is none.

    Raises `EmbeddedPostgresError` where another major version made the one that is there."""
    major, ours = folder.major(), major_of(programs)
    if major is None:
        _initialise(folder, programs, account, fsync=fsync)
    elif major != ours:
        raise EmbeddedPostgresError(
            f"The data in {folder.path} was made by PostgreSQL {major}, and this is"
            f" PostgreSQL {ours}. Run: skranke database upgrade"
        )


def _initialise(folder: Folder, programs: Path, account: Account, *, fsync: bool) -> None:
    unfinished, password_file = folder.path / "data.new", folder.path / "initdb.password"
    password = folder.passwords([SUPERUSER], account)[SUPERUSER]
    folder.write(password_file, password, account)
    try:
        if unfinished.exists():  # left by a first start that was killed
            shutil.rmtree(unfinished)
        _initdb(programs, unfinished, password_file, account, fsync=fsync)
        unfinished.rename(folder.data)
    except OSError as error:
        raise from_os(error, folder.path) from error
    finally:
        password_file.unlink(missing_ok=True)


def _initdb(
    programs: Path, data: Path, password_file: Path, account: Account, *, fsync: bool
) -> None:
    # The locale is the same on every machine, so that indexes survive a move: names sort by keys
    # of their own, words are cut by the text search configurations.
    builtin = major_of(programs) >= _BUILTIN_LOCALES_SINCE
    answer = subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *(["--locale-provider=builtin"] if builtin else []),
            "--data-checksums",
            "--no-instructions",
            *([] if fsync else ["--no-sync"]),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        process_group=0,
        **account.run_as(),
    )
    if answer.returncode:
        raise from_output("making its data directory", answer.stdout, data.parent)
