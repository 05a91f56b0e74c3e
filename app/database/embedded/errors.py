"""What can go wrong with the embedded PostgreSQL, in one line that says what to do."""

import errno
from pathlib import Path


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
    if "No space left on device" in output:
        return disk_full(place)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    reason = (telling or lines or ["it said nothing"])[-1]
    for mark in ("FATAL:", "PANIC:", "error:"):
        reason = reason.rpartition(mark)[2].strip()
    more = f" More in {log}." if log else ""
    return EmbeddedPostgresError(f"PostgreSQL gave up while {doing}: {reason.rstrip('.')}.{more}")
