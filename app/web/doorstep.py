"""The doorstep: of those whom nobody knows yet, one begins in each turn of the event loop.

What comes in one moment is read in one go. Would it begin in one go, too, whoever is at work
already would stand still meanwhile, at any of his dozen steps: for half a millisecond for each of
the 280 people who sign in at nine o'clock.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

#: Whoever has stood here for so many seconds begins, however many they are.
_LONGEST = 0.5
Start = Callable[[], None]


class Doorstep:
    """A line in which whoever came first goes first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._line: deque[tuple[float, Start]] = deque()
        self._called = False

    def come(self, start: Start) -> None:
        """Stand in line; `start` is called in turn."""
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
