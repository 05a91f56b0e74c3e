"""Who has had less than an equal part of the last seconds, and when it is forgotten."""

from app.web.recent_use import RecentUse


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_equal_part_is_of_the_time_that_has_passed() -> None:
    time = Time()
    use = RecentUse(time)
    use.add("large", 3.0)
    use.add("small", 0.5)
    time.now += 4
    assert (use.is_modest("large"), use.is_modest("small")) == (False, True)
    assert use.others_are_modest("large")
    assert not use.others_are_modest("small")


def test_what_was_had_ten_seconds_ago_is_forgotten() -> None:
    time = Time()
    use = RecentUse(time)
    use.add("large", 5.0)
    use.add("small", 0.5)
    time.now += 6
    assert not use.is_modest("large")
    time.now += 6
    assert use.is_modest("large")
    time.now += 600
    assert not use.others_are_modest("large")
