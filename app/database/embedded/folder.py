"""The folder of an embedded PostgreSQL: what lies in it, and who may look.

data/            PostgreSQL's own data directory
passwords.json   of the superuser and of the roles the product serves as; 0600
lock             held by the one process that runs the server
server.log       what PostgreSQL says
.s.PGSQL.5432    its socket, unless the path is too long for one
"""

import fcntl
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from app.database.embedded.account import Account
from app.database.embedded.errors import EmbeddedPostgresBusy, EmbeddedPostgresError, from_os

PORT = 5432  # a name for the socket; nothing listens on the network
_LONGEST_SOCKET_PATH = 103  # the shortest limit of the systems we know (sockaddr_un)
_LARGEST_LOG = 5 * 1024 * 1024
# Short; the folder made in it is the user's alone.
_FOR_SOCKETS = Path("/tmp")  # noqa: S108


class Folder:
    """One folder of an embedded server; `path` need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.data = self.path / "data"
        self.log = self.path / "server.log"
        self._lock_file = self.path / "lock"
        self._passwords_file = self.path / "passwords.json"

    def make(self, account: Account) -> None:
        """Make the folder, readable by `account` alone, and the missing ones above it."""
        try:
            missing = [place for place in (self.path, *self.path.parents) if not place.exists()]
            for place in reversed(missing):
                place.mkdir(mode=0o755, exist_ok=True)
                if account.borrowed:  # whatever our umask is: what we made, the user may enter
                    place.chmod(place.stat().st_mode | 0o111)
            if self.path in missing or self._waits_empty_for(account):
                self.path.chmod(0o700)
                account.give(self.path)
        except OSError as error:
            raise from_os(error, self.path) from error

    def _waits_empty_for(self, account: Account) -> bool:
        """Whether root made the folder beforehand (a mounted volume) and nothing is kept there."""
        return account.borrowed and self.path.stat().st_uid == 0 and not self.data.exists()

    def major(self) -> int | None:
        """The major version of PostgreSQL that made the data directory; `None` without one."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise from_os(error, self.path) from error

    def lock(self, account: Account) -> int:
        """Take the folder for this process; the answer is the open lock (close it to let go)."""
        descriptor = None
        try:
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            account.give(self._lock_file)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 20, 0).decode() if descriptor is not None else ""
            self._close(descriptor)
            raise EmbeddedPostgresBusy(
                f"Another process ({holder.strip() or 'unknown'}) already runs the database in"
                f" {self.path}. Stop it first, or give this one a SKRANKE_DATA_DIR of its own."
            ) from error
        except OSError as error:
            self._close(descriptor)
            raise from_os(error, self.path) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor

    @staticmethod
    def _close(descriptor: int | None) -> None:
        if descriptor is not None:
            os.close(descriptor)

    def passwords(self, roles: Iterable[str], account: Account) -> dict[str, str]:
        """The passwords of `roles`, kept in the folder; made where a role has none yet."""
        try:
            kept: dict[str, str] = json.loads(self._passwords_file.read_text())
        except FileNotFoundError:
            kept = {}
        except (OSError, ValueError) as error:
            raise EmbeddedPostgresError(
                f"The passwords of the database cannot be read from {self._passwords_file}."
            ) from error
        wanted = list(roles)
        new = {role: secrets.token_urlsafe(24) for role in wanted if role not in kept}
        if new:
            self.write(self._passwords_file, json.dumps(kept | new, indent=1), account)
        return {role: (kept | new)[role] for role in wanted}

    def write(self, file: Path, text: str, account: Account) -> None:
        """Write a file that `account` alone may read, whole or not at all."""
        unfinished = file.with_name(file.name + ".new")
        try:
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            account.give(unfinished)
            unfinished.replace(file)
        except OSError as error:
            raise from_os(error, self.path) from error

    def open_log(self, account: Account) -> int:
        """Open the log for more lines; a long one is set aside as `server.log.1` first."""
        try:
            if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
                self.log.replace(self.log.with_name("server.log.1"))
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            account.give(self.log)
        except OSError as error:
            raise from_os(error, self.path) from error
        return log

    def socket_folder(self, account: Account) -> Path:
        """Where the socket lies: here, or in a private folder where this path is too long."""
        if len(os.fsencode(self.path / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
            return self.path
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        place = _FOR_SOCKETS / f"skranke-{account.uid}-{digest}"
        try:
            place.mkdir(mode=0o700)
            account.give(place)
        except FileExistsError:
            found = place.lstat()
            if (
                not stat.S_ISDIR(found.st_mode)
                or found.st_uid != account.uid
                or found.st_mode & 0o077
            ):
                raise EmbeddedPostgresError(
                    f"{place} is not ours, so the database's socket cannot lie there. Remove it,"
                    " or give SKRANKE_DATA_DIR a shorter path."
                ) from None
        except OSError as error:
            raise from_os(error, place) from error
        return place
