"""Moments of the script: so many working days before today, at an hour of the portal's clock. Pure.

Working days, so that no agent of the demo answers on a Sunday, whenever it is played."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import GetPydanticSchema
from pydantic_core import core_schema

_WRITTEN = re.compile(r"(?P<days>[1-9][0-9]{0,2})d (?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5]\d)")
_SATURDAY = 5


class Ago(NamedTuple):
    """A moment before today, as the script writes it: `12d 09:40`."""

    days: int
    at: time

    @property
    def order(self) -> tuple[int, time]:
        """What sorts moments, the earliest first."""
        return (-self.days, self.at)


def _read(text: str) -> Ago:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError("a moment is written as working days ago and an hour: 12d 09:40")
    return Ago(int(match["days"]), time(int(match["hour"]), int(match["minute"])))


#: A moment in a document.
Moment = Annotated[
    Ago,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(
            _read, core_schema.str_schema()
        )
    ),
]


def working_day(today: date, days: int) -> date:
    """The day that lies `days` (1 or more) working days, Monday to Friday, before `today`."""
    # The next working day, seen from a weekend, is Monday; from there whole weeks go quickly.
    monday = today + timedelta(days=7 - today.weekday() if today.weekday() >= _SATURDAY else 0)
    weeks, rest = divmod(days, 5)
    found = monday - timedelta(weeks=weeks, days=rest)
    return found - timedelta(days=2) if rest > monday.weekday() else found


def moment_of(ago: Ago, *, now: datetime, zone: str, seconds: int = 0) -> datetime:
    """When that was, in UTC, seen from `now` in the time zone `zone`."""
    here = ZoneInfo(zone)
    day = working_day(now.astimezone(here).date(), ago.days)
    local = datetime.combine(day, ago.at.replace(second=seconds), here)
    return local.astimezone(UTC)
