"""The embedded server itself: made, started, watched and stopped."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from app.database.embedded import postmaster
from app.database.embedded.account import Account, account_for
from app.database.embedded.data import SUPERUSER, require_data
from app.database.embedded.errors import (
    EmbeddedPostgresBusy,
    EmbeddedPostgresError,
    from_os,
    from_output,
)
from app.database.embedded.folder import PORT, Folder
from app.database.embedded.parameters import parameters
from app.database.embedded.programs import bundled_programs
from app.kernel.logging import logger

log = logger("database")

_STILL_DYING = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_RESTARTS, _RESTARTS_WITHIN = 5, 60.0


class EmbeddedPostgres:
    """A PostgreSQL of our own in `directory`.

    `programs` is the folder of its programs (default: those the wheel brings), `fsync=False` gives
    up durability for speed (tests), `settings` are more of PostgreSQL's own. Every method raises
    `EmbeddedPostgresError` with one line for a person.
    """

    def __init__(
        self,
        directory: Path,
        *,
        bin_dir: Path | None = None,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Folder(directory)
        self.programs = bin_dir or bundled_programs()
        self._settings = parameters(fsync=fsync) | dict(settings or {})
        self._fsync = fsync
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def directory(self) -> Path:
        """The folder everything of this server lies in."""
        return self.folder.path

    @property
    def is_new(self) -> bool:
        """Whether there is no data yet, so that the first start will take a few seconds."""
        return self.folder.major() is None

    @property
    def pid(self) -> int | None:
        """The process id of the server that this object started."""
        return self._process.pid if self._process else None

    def start(self, meanwhile: Callable[[], object] | None = None) -> None:
        """Make the data directory where there is none; start; return when it takes connections.

        `meanwhile` is what the caller has to do anyway, done while PostgreSQL starts.
        `EmbeddedPostgresBusy` where another process runs this directory's server. A server left
        behind by a killed process is ended first."""
        account = account_for(self.directory)
        self.folder.make(account)
        self._require_reachable(account)
        self._lock = self.folder.lock(account)
        try:
            require_data(self.folder, self.programs, account, fsync=self._fsync)
            postmaster.end_orphan(self.folder.data)
            self._stopping.clear()
            self._launch(account, meanwhile)
        except BaseException:
            self.stop()
            raise

    def attach(self) -> None:
        """Use the server that another process runs in this directory; `stop` leaves it alone."""
        self._sockets = postmaster.socket_folder(self.folder.data)
        if self._sockets is None:
            raise EmbeddedPostgresError(
                f"The database in {self.directory} is just starting or stopping. Try again."
            )

    def stop(self) -> None:
        """Stop the server if this object started it: connections are cut, no commit is lost."""
        self._stopping.set()
        process, self._process = self._process, None
        for ending, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if process is None or process.poll() is not None:
                break
            process.send_signal(ending)
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        sockets, self._sockets = self._sockets, None
        if self._lock is not None:
            if sockets and sockets != self.folder.path:
                with suppress(OSError):  # not empty: its server could not be stopped
                    sockets.rmdir()
            os.close(self._lock)
            self._lock = None

    def superuser_url(self, database: str = "postgres") -> str:
        """The superuser's address of `database`. For preparing and keeping, never for serving."""
        return self.url(SUPERUSER, database)

    def url(self, role: str, database: str) -> str:
        """The address of `database` for a role whose password this directory keeps."""
        if self._sockets is None:
            raise EmbeddedPostgresError(f"The database in {self.directory} is not running.")
        password = self.passwords(role)[role]
        place = quote(str(self._sockets), safe="/")
        return f"postgresql://{role}:{password}@:{PORT}/{database}?host={place}"

    def passwords(self, *roles: str) -> dict[str, str]:
        """The passwords this directory keeps for `roles`, made on first asking."""
        return self.folder.passwords(roles, account_for(self.directory))

    def keep_running(self) -> None:
        """Watch in the background and start the server again should it die by itself."""
        threading.Thread(target=self._watch, name="embedded-postgres", daemon=True).start()

    def _watch(self) -> None:
        starts: list[float] = []
        while (process := self._process) is not None:
            process.wait()
            now = time.monotonic()
            starts = [start for start in starts if now - start < _RESTARTS_WITHIN]
            if self._stopping.is_set():
                return
            if len(starts) >= _RESTARTS:
                log.error("postgres_given_up", starts=len(starts), exit_code=process.returncode)
                return
            log.error("postgres_ended_by_itself", exit_code=process.returncode)
            starts.append(now)
            try:
                self._launch(account_for(self.directory))
            except EmbeddedPostgresError:
                if self._stopping.wait(1):
                    return

    def _require_reachable(self, account: Account) -> None:
        account.require_way_to(
            self.directory,
            advice="Set SKRANKE_DATA_DIR to a folder every user may enter, such as"
            " /srv/skranke/var, or start as an ordinary user.",
        )
        account.require_way_to(
            self.programs / "postgres",
            advice="Put the checkout where every user may enter, such as /srv/skranke, or start as"
            " an ordinary user.",
        )

    def _launch(
        self,
        account: Account,
        meanwhile: Callable[[], object] | None = None,
        *,
        patience: float = 300,
    ) -> None:
        limit, dying = time.monotonic() + patience, time.monotonic() + 10
        while True:
            self._sockets = self.folder.socket_folder(account)
            postmaster.clear_socket(self._sockets, PORT)
            said_before = self.folder.log.stat().st_size if self.folder.log.exists() else 0
            process = self._process = self._run_postgres(account)
            if meanwhile:
                meanwhile()
                meanwhile = None
            while process.poll() is None and time.monotonic() < limit:
                if postmaster.is_ready(self.folder.data, process.pid):
                    return
                time.sleep(0.01)
            said = self.folder.log.read_bytes()[said_before:].decode(errors="replace")
            if process.poll() is None:
                raise EmbeddedPostgresError(
                    f"PostgreSQL was not ready after {patience:.0f} s. More in {self.folder.log}."
                )
            if not any(line in said for line in _STILL_DYING):
                raise from_output("starting", said, self.directory, self.folder.log)
            if time.monotonic() > dying:
                raise EmbeddedPostgresBusy(
                    f"Another PostgreSQL still runs on {self.folder.data}. Stop it first."
                )
            time.sleep(0.1)

    def _run_postgres(self, account: Account) -> subprocess.Popen[bytes]:
        quoted = str(self._sockets).replace('"', '""')
        settings = self._settings | {"unix_socket_directories": f'"{quoted}"', "port": str(PORT)}
        log = self.folder.open_log(account)
        try:
            return subprocess.Popen(
                [
                    self.programs / "postgres",
                    *("-D", self.folder.data),
                    *(
                        word
                        for name, value in settings.items()
                        for word in ("-c", f"{name}={value}")
                    ),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,  # Ctrl-C reaches us first; we stop PostgreSQL last
                **account.run_as(),
            )
        except OSError as error:
            raise from_os(error, self.directory) from error
        finally:
            os.close(log)
