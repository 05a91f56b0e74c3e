"""Thumbnails of uploaded pictures, made in a separate process."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from app.kernel.logging import logger

#: Media types a thumbnail is made of.
PICTURES = frozenset(
    f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp", "bmp", "tiff", "avif")
)
#: Larger files get none: what the process reads it holds in memory.
MOST_BYTES = 32 * 1024 * 1024
THUMBNAIL_TYPE = "image/webp"
_SECONDS = 30
_PROGRAM = Path(__file__).with_name("picture_process.py")
_turns = asyncio.Semaphore(2)
_log = logger("pictures")


async def thumbnail(picture: AsyncIterator[bytes]) -> bytes | None:
    """A small WebP of `picture`, or `None` where it is too large, broken or not a picture.

    A decoder that exceeds its memory or time ends only its own process."""
    async with _turns:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        try:
            async with asyncio.timeout(_SECONDS):
                data = b"".join([piece async for piece in picture])
                made, _ = await process.communicate(data)
        except TimeoutError:
            made = b""
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    if process.returncode != 0:
        _log.info("no thumbnail", exit_code=process.returncode)
        return None
    return made or None
