"""The doorstep: of requests from unknown callers, one starts in each turn of the event loop.

What arrives at the same moment is read at once. If it also started at once, requests that are being
worked on already would wait at every step: half a millisecond for each of the 280 people who sign
in at nine o'clock."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

#: Whoever has stood here for so many seconds begins, however many they are.
_LONGEST = 0.5
Start = Callable[[], None]


class Doorstep:
    """A queue, first come first served."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._line: deque[tuple[float, Start]] = deque()
        self._called = False

    def come(self, start: Start) -> None:
        """Join the queue; `start` is called in turn."""
        self._line.append((self._clock(), start))
        self._call_soon()

    def _call_soon(self) -> None:
        if self._line and not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._call)

    def _call(self) -> None:
        self._called = False
        too_long_ago = self._clock() - _LONGEST
        self._start_first()
        while self._line and self._line[0][0] < too_long_ago:
            self._start_first()
        self._call_soon()

    def _start_first(self) -> None:
        _, start = self._line.popleft()
        start()
