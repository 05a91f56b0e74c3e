"""Tuning of the C heap: large blocks are returned to the operating system when freed."""

import contextlib
import ctypes

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 4 * 2**20  # bytes


def give_back_large_blocks() -> None:
    """Let every block of 4 MiB or more be mapped by itself, and unmapped when it is freed.

    By default glibc raises its threshold to the size of the first large block that is freed
    (mallopt(3), `M_MMAP_THRESHOLD`) and then keeps blocks of that size: 19 MiB for each thread that
    has ever hashed a password. Other C libraries have no such threshold; there nothing is done."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
