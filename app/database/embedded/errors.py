"""What can go wrong with the embedded PostgreSQL, in one line that says what to do."""

import errno
from pathlib import Path

_MARKS = ("FATAL:", "PANIC:", "error:")
_FULL = ("No space left on device", "Check free disk space", "Disk quota exceeded")


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the text is one line for a person."""


class EmbeddedPostgresBusy(EmbeddedPostgresError):
    """Another process already runs the server of this data directory."""


def disk_full(place: Path) -> EmbeddedPostgresError:
    """The line for a full disk."""
    return EmbeddedPostgresError(
        f"The disk that holds {place} is full. Make room, or set SKRANKE_DATA_DIR to another disk."
    )


def from_os(error: OSError, place: Path) -> EmbeddedPostgresError:
    """The line for what the operating system refused to do at `place`."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return disk_full(place)
    return EmbeddedPostgresError(
        f"The data directory {place} cannot be used: {(error.strerror or str(error)).lower()}"
        f" ({error.filename or place}). Set SKRANKE_DATA_DIR to a folder you may write to."
    )


def from_output(doing: str, output: str, place: Path, log: Path | None = None) -> Exception:
    """The line for a program of PostgreSQL that gave up while `doing` something."""
    if any(sign in output for sign in _FULL):
        return disk_full(place)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # The first is the cause, what follows its consequences.
    telling = [line for line in lines if any(mark in line for mark in _MARKS)] or lines[-1:]
    reason = telling[0] if telling else "it said nothing"
    for mark in _MARKS:
        reason = reason.rpartition(mark)[2].strip()
    more = f" More in {log}." if log else ""
    return EmbeddedPostgresError(f"PostgreSQL gave up while {doing}: {reason.rstrip('.')}.{more}")
