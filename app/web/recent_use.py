"""Who has had how much of a process's time in the last seconds."""

import time
from collections import defaultdict
from collections.abc import Callable

#: What is remembered is that of this half and of the one before.
_HALF = 5.0


class RecentUse:
    """Seconds that each has had within the last five to ten."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._since = clock()
        self._now: defaultdict[str, float] = defaultdict(float)
        self._before: defaultdict[str, float] = defaultdict(float)
        self._users: set[str] = set()

    def add(self, who: str, seconds: float) -> None:
        """Note that somebody has had so much."""
        self._forget()
        self._now[who] += seconds
        self._users.add(who)

    def is_modest(self, who: str) -> bool:
        """Whether somebody has had less than an equal part, were the time divided among all who
        have had any."""
        self._forget()
        passed = max(self._clock() - self._since, _HALF)
        return (self._now.get(who, 0.0) + self._before.get(who, 0.0)) * len(self._users) < passed

    def others_are_modest(self, who: str) -> bool:
        """Whether there is somebody else who has had less than an equal part."""
        return any(other != who and self.is_modest(other) for other in self._users)

    def _forget(self) -> None:
        passed = self._clock() - self._began
        if passed >= _HALF:
            self._before = self._now if passed < 2 * _HALF else defaultdict(float)
            self._since = self._began if passed < 2 * _HALF else self._clock()
            self._began = self._clock()
            self._now = defaultdict(float)
            self._users = set(self._before)
