"""The failures of `app/gateways/storage.py`."""

from obstore.exceptions import BaseError

from app.kernel.logging import logger
from app.kernel.problems import Unavailable

#: What the library raises.
FAILURES = (BaseError, OSError, ValueError)
_log = logger("storage")


class StorageUnavailable(Unavailable):
    """The storage is full, unreachable or broken (503). No partial file is left behind."""

    code = "storage-unavailable"
    title = "The place where files are kept is full or out of reach"
    detail = "No file was stored or read. Try again in a moment."


class StorageMisconfigured(Exception):
    """`SKRANKE_STORAGE_URL` cannot be used; the text is one sentence for the operator."""


def unavailable(deed: str, error: Exception) -> StorageUnavailable:
    """What to raise for a failure of the library; the log tells the operator which."""
    _log.error("storage failed", deed=deed, reason=f"{type(error).__name__}: {in_short(error)}")
    return StorageUnavailable(headers={"Retry-After": "30"})


def in_short(error: Exception) -> str:
    """The first line of the error; the rest is internal detail."""
    return str(error).split("\n", 1)[0][:300]
