"""The ages of tickets, in days as people count them: from midnight in the portal's time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: The last day of each age, counted back from today.
_STEPS = (("today", 0), ("days_1_3", 3), ("days_4_7", 7), ("days_8_30", 30))


class Age(NamedTuple):
    """An age and when tickets of it were opened: from `begin` on, before `end`."""

    key: str
    begin: datetime | None
    end: datetime | None


def ages(now: datetime, zone: str) -> Iterator[Age]:
    """Every age, the youngest first. They leave no gap and never overlap."""
    here = now.astimezone(ZoneInfo(zone))
    end: datetime | None = None
    for key, days in _STEPS:
        midnight = datetime.combine(here.date() - timedelta(days=days), time.min, here.tzinfo)
        begin = midnight.astimezone(UTC)
        yield Age(key, begin, end)
        end = begin
    yield Age("older", None, end)
