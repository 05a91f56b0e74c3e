"""What `postmaster.pid` tells, and getting rid of a server whose starter was killed."""

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from app.database.embedded.errors import EmbeddedPostgresBusy

_LINE_OF_SOCKETS, _LINE_OF_STATE = 4, 7


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def is_ready(data: Path, pid: int) -> bool:
    """Whether the server with this process id says that it takes connections."""
    lines = _lines(data)
    return (
        len(lines) > _LINE_OF_STATE
        and lines[0].strip() == str(pid)
        and lines[_LINE_OF_STATE].strip() == "ready"
    )


def socket_folder(data: Path) -> Path | None:
    """Where the running server has its socket; `None` while none runs or it is still starting."""
    lines = _lines(data)
    if len(lines) <= _LINE_OF_STATE or lines[_LINE_OF_STATE].strip() != "ready":
        return None
    return Path(lines[_LINE_OF_SOCKETS].strip())


def end_orphan(data: Path, *, patience: float = 60) -> None:
    """End the server that still runs on `data` although its starter is gone.

    The process is only touched when its command line says that it is a server of just this data
    directory: after a restart of the machine the number may belong to anybody.
    """
    process = _server_of(data)
    if process is None:
        # PostgreSQL would take any living process of this user for its server (in a container the
        # numbers are always the same) and refuse to start.
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(ending)
        if _gone(process, patience):
            return
        patience = 10
    raise EmbeddedPostgresBusy(
        f"A PostgreSQL (process {process.pid}) still runs on {data} and cannot be stopped."
    )


def clear_socket(folder: Path, port: int) -> None:
    """Remove what a server that is gone left of its socket; its lock names just a process too."""
    for name in (f".s.PGSQL.{port}", f".s.PGSQL.{port}.lock"):
        (folder / name).unlink(missing_ok=True)


def _server_of(data: Path) -> psutil.Process | None:
    lines = _lines(data)
    try:
        process = psutil.Process(int(lines[0]))
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        words = process.cmdline()
    except (IndexError, ValueError, psutil.NoSuchProcess):
        return None
    return process if words and Path(words[0]).name == "postgres" and str(data) in words else None


def _gone(process: psutil.Process, patience: float) -> bool:
    limit = time.monotonic() + patience
    while time.monotonic() < limit:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
