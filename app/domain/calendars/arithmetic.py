"""Business time, added and measured (SLA clocks, rule 1). Pure, and inverse to each other:
`elapsed_business(start, add_business(start, minutes, hours), hours) == minutes`, also over days
on which clocks are changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from app.domain.calendars.hours import Hours, Stretch

_MINUTE = timedelta(minutes=1)
_NEVER_OPEN_AFTER = 366
_LAST_YEAR = 9000


class NeverOpen(ValueError):
    """The calendar has no open minute in 366 days, or none before the year 9000."""


def add_business(start: datetime, minutes: int, hours: Hours) -> datetime:
    """The first moment at which `minutes` of business time have passed since `start`.

    `start` itself for none; raises `ValueError` for fewer, `NeverOpen` where they never pass."""
    return after_business(start, minutes * _MINUTE, hours)


def after_business(start: datetime, left: timedelta, hours: Hours) -> datetime:
    """The first moment at which `left` of business time has passed since `start`, to the second."""
    if left < timedelta():
        raise ValueError("business time is added, not taken away")
    if not left:
        return start
    for opens, closes in _stretches_since(start, hours):
        if opens + left <= closes:
            return opens + left
        left -= closes - opens
    raise NeverOpen


def elapsed_business(start: datetime, end: datetime, hours: Hours) -> int:
    """Whole minutes of business time between two moments; none where `end` is not later."""
    return business_between(start, end, hours) // _MINUTE


def business_between(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Business time between two moments, to the second; none where `end` is not later."""
    passed = timedelta()
    day, last = hours.day_of(start), hours.day_of(end)
    while day <= last:
        for opens, closes in hours.on(day):
            passed += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return passed


def opening_after_days(start: datetime, days: int, hours: Hours) -> datetime:
    """The opening of the first business day before which `days` business days have passed whole
    since `start`. The day of `start` counts where it had not opened yet."""
    return _whole_days_since(start, days + 1, hours)[0][0]


def closing_after_days(start: datetime, days: int, hours: Hours) -> datetime:
    """The end of the last of `days` whole business days (at least one) since `start`."""
    if days < 1:
        raise ValueError("the end of no day has no time")
    return _whole_days_since(start, days, hours)[-1][1]


def _whole_days_since(start: datetime, days: int, hours: Hours) -> list[Stretch]:
    """The stretches of the `days`th business day that opens at or after `start`."""
    for stretches in _days_since(start, hours):
        if stretches[0][0] >= start:
            days -= 1
            if not days:
                return stretches
    raise NeverOpen


def _stretches_since(start: datetime, hours: Hours) -> Iterator[Stretch]:
    for stretches in _days_since(start, hours):
        for opens, closes in stretches:
            if closes > start:
                yield max(opens, start.astimezone(UTC)), closes


def _days_since(start: datetime, hours: Hours) -> Iterator[list[Stretch]]:
    """The business days from that of `start` on. Ends where no more come."""
    day: date = hours.day_of(start)
    closed_days = 0
    while closed_days <= _NEVER_OPEN_AFTER and day.year < _LAST_YEAR:
        stretches = hours.on(day)
        if stretches:
            yield stretches
        closed_days = 0 if stretches else closed_days + 1
        day += timedelta(days=1)
