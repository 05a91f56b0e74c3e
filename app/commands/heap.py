"""The heap as we run it: what is large goes back to the machine as soon as it is free."""

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 4 * 2**20  # bytes


def give_back_large_blocks() -> None:
    """Let every block of 4 MiB or more be mapped by itself, and unmapped when it is freed.

    Left to itself, glibc keeps the likes of the first large block that was freed (mallopt(3),
    `M_MMAP_THRESHOLD`): 19 MiB for good, for each thread that has ever looked at a password.
    Elsewhere nothing is done; other C libraries learn no such thing."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
