"""Business time: what passes while somebody is there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars.arithmetic import (
    NeverOpen,
    add_business,
    closing_after_days,
    elapsed_business,
    opening_after_days,
)
from app.domain.calendars.hours import Hours, hours_of
from app.domain.tenants.definition.policies import Calendar

_DAY = [{"opens": "08:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}]
_WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")


def calendar(**changes: Any) -> Hours:
    """Eight hours with a lunch break, Monday to Friday, in Sweden."""
    return hours_of(
        Calendar.model_validate(
            {
                "key": "weekdays",
                "labels": {"en": "Weekdays"},
                "time_zone": "Europe/Stockholm",
                "weekdays": dict.fromkeys(_WORKING_DAYS, _DAY),
                **changes,
            }
        )
    )


def at(text: str) -> datetime:
    """A moment of the Swedish winter (UTC+1), as `2026-01-12 09:00` (a Monday)."""
    return datetime.fromisoformat(f"{text}+01:00")


ALL_NIGHT = calendar(
    weekdays={
        day: [{"opens": "00:00", "closes": "02:40"}, {"opens": "02:50", "closes": "24:00"}]
        for day in (*_WORKING_DAYS, "sat", "sun")
    }
)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-01-12 09:00", 0, "2026-01-12 09:00"),
        ("2026-01-12 09:00", 60, "2026-01-12 10:00"),
        ("2026-01-12 11:30", 60, "2026-01-12 13:30"),  # over lunch
        ("2026-01-12 16:00", 60, "2026-01-12 17:00"),  # to closing, not to the next opening
        ("2026-01-12 16:00", 61, "2026-01-13 08:01"),
        ("2026-01-16 16:00", 120, "2026-01-19 09:00"),  # over a weekend
        ("2026-01-17 12:00", 1, "2026-01-19 08:01"),  # from a Saturday
        ("2026-01-12 03:00", 8 * 60, "2026-01-12 17:00"),
    ],
)
def test_business_time_passes_while_somebody_is_there(start: str, minutes: int, end: str) -> None:
    assert add_business(at(start), minutes, calendar()) == at(end)
    assert elapsed_business(at(start), at(end), calendar()) == minutes


def test_no_business_time_passes_backwards() -> None:
    assert elapsed_business(at("2026-01-12 12:00"), at("2026-01-12 09:00"), calendar()) == 0
    with pytest.raises(ValueError, match="added"):
        add_business(at("2026-01-12 12:00"), -1, calendar())


@settings(deadline=None)  # the first look at a country reads its holidays
@given(
    start=st.datetimes(
        datetime(2024, 1, 1),  # noqa: DTZ001
        datetime(2030, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    minutes=st.integers(0, 20_000),
    hours=st.sampled_from(
        [
            calendar(),
            calendar(holidays="SE"),
            ALL_NIGHT,
            calendar(time_zone="America/St_Johns", weekdays={"sun": [_DAY[0]]}),
            calendar(time_zone="Australia/Lord_Howe"),
        ]
    ),
)
def test_what_was_added_is_what_has_elapsed(start: datetime, minutes: int, hours: Hours) -> None:
    assert elapsed_business(start, add_business(start, minutes, hours), hours) == minutes


def test_the_night_clocks_are_put_forward_is_an_hour_shorter() -> None:
    night = calendar(weekdays={"sun": [{"opens": "00:00", "closes": "06:00"}]})
    begin = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert elapsed_business(begin, begin + timedelta(days=1), night) == 5 * 60


def test_the_night_clocks_are_put_back_is_an_hour_longer() -> None:
    night = calendar(weekdays={"sun": [{"opens": "00:00", "closes": "06:00"}]})
    begin = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert elapsed_business(begin, begin + timedelta(days=1), night) == 7 * 60


def test_a_time_the_clocks_skip_is_the_moment_they_are_put_forward() -> None:
    skipped = calendar(weekdays={"sun": [{"opens": "02:30", "closes": "03:15"}]})
    assert skipped.on(datetime(2026, 3, 29, tzinfo=UTC).date()) == [
        (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, 15, tzinfo=UTC))
    ]


def test_a_public_holiday_and_a_dated_exception_are_days_off() -> None:
    plain = calendar(
        holidays="SE", exceptions=[{"date": "2026-01-05"}, {"date": "2026-01-07", "open": _DAY[:1]}]
    )
    # New Year's Day, a weekend, the exception and Epiphany: the next open day is a short one.
    assert add_business(at("2025-12-31 17:00"), 1, plain) == at("2026-01-02 08:01")
    assert add_business(at("2026-01-02 17:00"), 241, plain) == at("2026-01-08 08:01")


def test_an_exception_can_open_a_public_holiday() -> None:
    sale = calendar(holidays="SE", exceptions=[{"date": "2026-01-06", "open": _DAY}])
    assert elapsed_business(at("2026-01-06 00:00"), at("2026-01-07 00:00"), sale) == 8 * 60


@pytest.mark.parametrize(
    ("start", "days", "opening"),
    [
        ("2026-01-12 14:00", 5, "2026-01-20 08:00"),  # Monday afternoon, five whole days
        ("2026-01-12 07:00", 5, "2026-01-19 08:00"),  # before opening, the day itself counts
        ("2026-01-17 14:00", 1, "2026-01-20 08:00"),  # from a Saturday: Monday passes
        ("2026-01-12 14:00", 0, "2026-01-13 08:00"),
    ],
)
def test_days_pass_whole_until_an_opening(start: str, days: int, opening: str) -> None:
    assert opening_after_days(at(start), days, calendar()) == at(opening)


def test_a_day_in_which_something_is_due_ends_when_it_closes() -> None:
    assert closing_after_days(at("2026-01-15 14:00"), 2, calendar()) == at("2026-01-19 17:00")
    with pytest.raises(ValueError, match="no day"):
        closing_after_days(at("2026-01-15 14:00"), 0, calendar())


def test_a_calendar_that_never_opens_again_is_told_so() -> None:
    gone = [{"date": day.date().isoformat()} for day in _each_day(at("2026-01-01 00:00"), 400)]
    with pytest.raises(NeverOpen):
        add_business(at("2026-01-01 08:00"), 1, calendar(exceptions=gone))
    summer = gone[:200]
    assert add_business(at("2026-01-01 08:00"), 1, calendar(exceptions=summer)).month == 7


def _each_day(first: datetime, days: int) -> list[datetime]:
    return [first + timedelta(days=day) for day in range(days)]
