"""The hours of a calendar: which stretches of time it is open on a day.

Local times become instants here and nowhere else. A time that the clocks skip in spring counts as
the moment they are put forward, one that they show twice in autumn as the first of the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import get_args
from zoneinfo import ZoneInfo

import holidays

from app.domain.tenants.definition.policies import Calendar, Interval, Weekday

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_MIDNIGHT = "24:00"
_MINUTE = timedelta(minutes=1)

#: A stretch of open time, as two instants in UTC.
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a calendar is open: by weekday (Monday first), but for single days."""

    zone: ZoneInfo
    weekdays: tuple[tuple[Interval, ...], ...]
    exceptions: Mapping[date, tuple[Interval, ...]]
    country: str | None = None

    def day_of(self, moment: datetime) -> date:
        """The local day a moment falls on."""
        return moment.astimezone(self.zone).date()

    def on(self, day: date) -> list[Stretch]:
        """The stretches of a local day, one after the other; none on a day off."""
        stretches: list[Stretch] = []
        for interval in self._intervals(day):
            opens = self._instant(day, interval.opens)
            closes = self._instant(day, interval.closes)
            if stretches:
                opens = max(opens, stretches[-1][1])
            if opens < closes:
                stretches.append((opens, closes))
        return stretches

    def _intervals(self, day: date) -> Iterable[Interval]:
        if day in self.exceptions:
            return self.exceptions[day]
        if self.country and day in _public_holidays(self.country, day.year):
            return ()
        return self.weekdays[day.weekday()]

    def _instant(self, day: date, clock: str) -> datetime:
        if clock == _MIDNIGHT:
            day, clock = day + timedelta(days=1), "00:00"
        wall = datetime.combine(day, time.fromisoformat(clock), self.zone)
        instant = wall.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return instant
        return self._put_forward(wall.replace(fold=1).astimezone(UTC), instant)

    def _put_forward(self, before: datetime, after: datetime) -> datetime:
        """The instant between the two from which on the clocks show another time."""
        offset = after.astimezone(self.zone).utcoffset()
        while after - before > _MINUTE:
            middle = before + (after - before) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after.replace(second=0, microsecond=0)


def hours_of(calendar: Calendar) -> Hours:
    """The hours of a portal definition's calendar."""
    return Hours(
        zone=ZoneInfo(calendar.time_zone),
        weekdays=tuple(calendar.weekdays.get(day, ()) for day in _WEEKDAYS),
        exceptions={each.date_: each.open for each in calendar.exceptions},
        country=calendar.holidays,
    )


@cache
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
