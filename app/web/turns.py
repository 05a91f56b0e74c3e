"""Turns: a limited number of requests of a kind at once; the others wait before they hold anything.

Hashing a password costs more processor time than all else, by intent. Five hundred people who sign
in at nine o'clock would otherwise hold up everybody, and the pool's connections."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from app.web.problems import Overloaded

_PASSWORD = "local"  # noqa: S105
_LATER = {"Retry-After": "5"}


class Turns:
    """A queue, first come first served."""

    def __init__(self, *, at_once: int, longest: float, most_waiting: int) -> None:
        """`longest` is how many seconds a request waits before it is refused."""
        self._free = asyncio.Semaphore(at_once)
        self._longest = longest
        self._most_waiting = most_waiting
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A turn, for the block. Raises `Overloaded` when the queue is too long, or too slow."""
        if self._waiting >= self._most_waiting:
            raise Overloaded(headers=_LATER)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._longest):
                await self._free.acquire()
        except TimeoutError as error:
            raise Overloaded(headers=_LATER) from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()


def goes_elsewhere(body: bytes, *, is_json: bool) -> bool:
    """Whether the caller goes to a provider (`way`) instead of giving a password. What cannot be
    read waits in the queue, and is refused then."""
    try:
        sent = json.loads(body) if is_json else parse_qs(body.decode(), max_num_fields=30)
    except (ValueError, RecursionError):
        return False
    way = sent.get("way") if isinstance(sent, dict) else None
    if isinstance(way, list):
        way = way[0]
    return isinstance(way, str) and way != _PASSWORD
