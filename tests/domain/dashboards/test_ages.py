"""Ages are days as people count them where the portal is, without a gap, also when clocks turn."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from app.domain.dashboards.lifecycle import ages


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Europe/Rome", "UTC", "America/St_Johns"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-11-02", "2028-02-29"])
def test_ages_follow_on_each_other(zone: str, day: str) -> None:
    for hour in range(24):
        now = datetime.fromisoformat(f"{day}T{hour:02}:30:00+00:00")
        found = list(ages(now, zone))
        assert found[0].end is None
        assert found[-1].begin is None
        assert all(younger.begin == older.end for younger, older in pairwise(found))
        begin = found[0].begin
        assert begin is not None
        assert timedelta(0) <= now - begin <= timedelta(hours=25)


def test_a_day_begins_at_midnight_where_the_portal_is() -> None:
    now = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # half past one in the night in Helsinki
    told = {age.key: age.begin for age in ages(now, "Europe/Helsinki")}
    assert told["today"] == datetime(2026, 11, 1, 22, tzinfo=UTC)
    assert told["days_1_3"] == datetime(2026, 10, 29, 22, tzinfo=UTC)
    # Before the clocks were turned back.
    assert told["days_4_7"] == datetime(2026, 10, 25, 22, tzinfo=UTC)
    assert told["days_8_30"] == datetime(2026, 10, 2, 21, tzinfo=UTC)
    assert list(told) == ["today", "days_1_3", "days_4_7", "days_8_30", "older"]
