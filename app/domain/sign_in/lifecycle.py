"""The pure rules of signing in: how long things last, and how long one waits after wrong
guesses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

ACCESS_TOKEN = timedelta(minutes=10)
PASSWORD_RESET = timedelta(hours=1)
ACTIVATION = timedelta(days=7)
#: Between a right password and the second factor.
CHALLENGE = timedelta(minutes=10)
INVITATION = timedelta(days=7)
#: How long a network from which a person has signed in counts as known for that person.
NETWORK_KNOWN = timedelta(days=90)


class Limits(NamedTuple):
    """How long a session lasts: without use, and at most."""

    idle: timedelta
    absolute: timedelta


SESSION = {
    "customer": Limits(idle=timedelta(days=14), absolute=timedelta(days=90)),
    "agent": Limits(idle=timedelta(hours=12), absolute=timedelta(days=7)),
}


class Count(NamedTuple):
    """Attempts that were counted, and until when the next one is not taken."""

    failures: int
    until: datetime


#: From one network a few slips are free, then each doubles the wait; over all networks together
#: the wait stays short, so that nobody can lock somebody else out for good.
_FREE_FROM_NETWORK, _LONGEST_FROM_NETWORK = 5, timedelta(minutes=15)
_FREE_OVERALL, _LONGEST_OVERALL = 50, timedelta(seconds=30)
#: By how much two machines' clocks may differ.
_CLOCKS_DIFFER = timedelta(minutes=1)
#: Failures further apart than this are forgotten.
_FORGOTTEN_AFTER = timedelta(hours=24)


def counted(before: Count, now: datetime, wait: Callable[[int], timedelta]) -> Count:
    """The count after one more failed attempt; starts anew where the last one was long ago."""
    failures = 1 if before.until < now - _FORGOTTEN_AFTER else before.failures + 1
    return Count(failures, now + wait(failures))


def still_waiting(held: Count, now: datetime, wait: Callable[[int], timedelta]) -> timedelta:
    """How long the next attempt must wait. Free ones never wait, whatever another machine's clock
    says; nor does anybody wait for a time in the future that a clock has set which was put back
    since."""
    left, longest = held.until - now, wait(held.failures)
    if left > longest + _CLOCKS_DIFFER:
        return timedelta(0)
    return max(min(left, longest), timedelta(0))


def wait_from_network(failures: int) -> timedelta:
    """How long after that many wrong guesses from one network the next one is taken."""
    return _doubling(failures - _FREE_FROM_NETWORK, _LONGEST_FROM_NETWORK)


def wait_for_code(failures: int) -> timedelta:
    """How long after that many wrong codes the next one is checked, from any network: only whoever
    has the password can lock somebody out with them, and only until he sets another one."""
    return _doubling(failures - _FREE_FROM_NETWORK, _LONGEST_FROM_NETWORK)


def wait_overall(failures: int) -> timedelta:
    """How long after that many wrong guesses from all networks together the next one is taken."""
    return _doubling(failures - _FREE_OVERALL, _LONGEST_OVERALL)


def _doubling(beyond: int, longest: timedelta) -> timedelta:
    return timedelta(0) if beyond < 0 else min(longest, timedelta(seconds=2 ** min(beyond, 20)))


def lasting_until(created_at: datetime, side: str) -> datetime:
    """When a session of that side ends, however much it is used."""
    return created_at + SESSION[side].absolute
