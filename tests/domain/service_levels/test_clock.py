"""One clock, line after line of its log: what it shows after each."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.calendars.hours import hours_of
from app.domain.service_levels.lifecycle import (
    LOOK,
    METRICS,
    Clock,
    Happening,
    Log,
    Terms,
    after,
    next_due,
    next_look,
    standing_of,
)
from app.domain.tenants.definition.policies import Calendar
from app.kernel.ids import new_id

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COMMENT = new_id()
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = hours_of(
    Calendar.model_validate(
        {
            "key": "always",
            "labels": {"en": "Always"},
            "time_zone": "UTC",
            "weekdays": {day: [{"opens": "00:00", "closes": "24:00"}] for day in DAYS},
        }
    )
)


def terms(minutes: int = 100, *, version: int = 1, warn_percent: int = 80) -> Terms:
    target = timedelta(minutes=minutes)
    return Terms("standard", version, target, ALWAYS, warn_percent, frozenset({"waiting"}))


def at(minutes: int) -> datetime:
    """So many minutes after the clock began."""
    return NOON + minutes * MINUTE


def clock_of(log: Log) -> Clock:
    (clock,) = log.clocks
    return clock


def begun(metric: str = "resolution", promised: Terms | None = None) -> Log:
    log = Log()
    log.start(metric, NOON, promised or terms(), COMMENT)  # type: ignore[arg-type]
    return log


RUNNING = Clock(
    number=0,
    metric="resolution",
    terms=terms(),
    started_at=NOON,
    state="running",
    spent=timedelta(0),
    running_since=NOON,
    paused_in=None,
    ended_at=None,
    cancelled_because=None,
    warned_at=None,
    breached_at=None,
    comment_id=COMMENT,
)


def test_a_clock_runs_from_the_moment_it_begins() -> None:
    log = begun()
    assert clock_of(log) == RUNNING
    assert log.happenings == [Happening(0, "resolution", "activated", NOON, terms(), None, COMMENT)]
    bare = Clock(number=1, metric="resolution", terms=terms(), started_at=NOON)
    assert (bare.state, bare.spent, bare.running_since) == ("running", timedelta(0), None)


def test_terms_are_the_same_where_they_promise_the_same() -> None:
    assert terms(version=1) == terms(version=2)
    assert terms(100) != terms(101)
    assert terms(50, warn_percent=50).warned_after == 25 * MINUTE
    assert terms(50).due_after(NOON) == at(50)


def test_what_happened_is_not_changed_afterwards() -> None:
    log = begun()
    for each, name in ((clock_of(log), "spent"), (log.happenings[0], "at"), (terms(), "target")):
        with pytest.raises(FrozenInstanceError):
            setattr(each, name, None)


def test_while_it_runs_a_clock_knows_when_it_will_warn_and_break() -> None:
    clock = clock_of(begun())
    assert (clock.warn_at, clock.due_at) == (at(80), at(100))
    assert clock.consumed(at(30)) == 30 * MINUTE
    assert clock.is_open
    assert not clock.may_come_back


def noted(log: Log, kind: str, minutes: int, **more: object) -> Clock:
    """The clock after one more line of its log."""
    log.note(clock_of(log), kind, at(minutes), **more)  # type: ignore[arg-type]
    return clock_of(log)


def test_a_clock_that_rests_consumes_nothing_and_goes_on_with_what_is_left() -> None:
    log = begun()
    rests = noted(log, "paused", 30, status="waiting")
    assert rests == replace(
        RUNNING, state="paused", spent=30 * MINUTE, running_since=None, paused_in="waiting"
    )
    assert (rests.warn_at, rests.due_at, rests.consumed(at(500))) == (None, None, 30 * MINUTE)
    assert rests.is_open
    goes_on = noted(log, "resumed", 130)
    assert goes_on == replace(RUNNING, spent=30 * MINUTE, running_since=at(130))
    assert (goes_on.warn_at, goes_on.due_at) == (at(180), at(200))
    assert noted(log, "paused", 140, status="elsewhere").spent == 40 * MINUTE


@pytest.mark.parametrize(
    ("metric", "back"), [("resolution", True), ("first_response", False), ("next_response", False)]
)
def test_what_was_reached_comes_back_where_it_is_a_resolution(metric: str, back: bool) -> None:
    log = begun(metric)
    reached = noted(log, "fulfilled", 30, status="solved")
    assert (reached.state, reached.ended_at, reached.spent) == ("fulfilled", at(30), 30 * MINUTE)
    assert (reached.running_since, reached.due_at, reached.is_open) == (None, None, False)
    assert reached.may_come_back is back
    again = noted(log, "resumed", 60)
    assert (again.state, again.ended_at, again.due_at) == ("running", None, at(130))


@pytest.mark.parametrize(
    ("line", "because", "back"),
    [
        ({"status": "closed"}, "ended", True),
        ({"comment_id": COMMENT}, "withdrawn", False),
        ({"comment_id": COMMENT, "status": "closed"}, "withdrawn", False),
        ({}, "unpromised", False),
    ],
)
def test_a_clock_that_is_cancelled_says_why(
    line: dict[str, object], because: str, back: bool
) -> None:
    log = begun("first_response")
    over = noted(log, "cancelled", 30, **line)
    assert (over.state, over.cancelled_because, over.ended_at) == ("cancelled", because, at(30))
    assert (over.spent, over.is_open, over.may_come_back) == (30 * MINUTE, False, back)
    again = noted(log, "resumed", 40)
    assert (again.state, again.cancelled_because, again.ended_at) == ("running", None, None)


def test_whatever_ends_a_clock_that_rests_says_nothing_of_its_rest() -> None:
    for kind in ("fulfilled", "cancelled"):
        log = begun()
        noted(log, "paused", 30, status="waiting")
        over = noted(log, kind, 90, status="closed")
        assert (over.paused_in, over.spent, over.ended_at) == (None, 30 * MINUTE, at(90))


def test_a_rest_after_an_end_has_no_end_and_no_reason() -> None:
    log = begun()
    noted(log, "cancelled", 30)
    rests = noted(log, "paused", 40, status="waiting")
    assert (rests.ended_at, rests.cancelled_because) == (None, None)


def test_people_are_warned_and_a_promise_is_broken_at_a_moment() -> None:
    log = begun()
    assert noted(log, "warned", 80) == replace(RUNNING, warned_at=at(80))
    broken = noted(log, "breached", 100)
    assert broken == replace(RUNNING, warned_at=at(80), breached_at=at(100))


@pytest.mark.parametrize(
    ("minutes", "warned", "broken"),
    [
        (50, True, True),
        (120, True, True),
        (121, True, False),
        (150, True, False),
        (151, False, False),
    ],
)
def test_another_target_keeps_what_was_told_where_it_is_used_up_too(
    minutes: int, warned: bool, broken: bool
) -> None:
    log = begun()
    noted(log, "warned", 80)
    noted(log, "breached", 100)
    held = noted(log, "target_changed", 120, terms=terms(minutes))
    assert (held.terms, held.spent, held.running_since) == (terms(minutes), 120 * MINUTE, at(120))
    assert (held.warned_at is not None, held.breached_at is not None) == (warned, broken)


def test_another_target_wakes_no_clock_that_rests() -> None:
    log = begun()
    noted(log, "paused", 30, status="waiting")
    held = noted(log, "target_changed", 60, terms=terms(200))
    assert (held.state, held.spent, held.running_since) == ("paused", 30 * MINUTE, None)
    assert noted(log, "target_changed", 70).terms == terms(200)  # none said: as before


def test_a_target_that_is_used_up_was_due_when_the_clock_last_began() -> None:
    log = begun()
    noted(log, "paused", 120, status="waiting")
    goes_on = noted(log, "resumed", 200)
    assert (goes_on.warn_at, goes_on.due_at) == (at(200), at(200))


def test_a_log_begins_with_an_activation_and_never_twice() -> None:
    with pytest.raises(ValueError, match="begins with an activation"):
        after(None, Happening(0, "resolution", "activated", NOON))
    with pytest.raises(ValueError, match="begins with an activation"):
        after(None, Happening(0, "resolution", "paused", NOON, terms()))
    with pytest.raises(ValueError, match="clock 0 began already"):
        after(RUNNING, Happening(0, "resolution", "activated", at(1), terms()))


def test_a_log_tells_what_is_new_in_it() -> None:
    log = begun()
    assert [each.kind for each in log.added] == ["activated"]
    read = Log(log.happenings)
    assert (list(read.added), read.clocks) == ([], log.clocks)
    noted(read, "warned", 80)
    assert [each.kind for each in read.added] == ["warned"]


def test_the_latest_clock_of_a_metric_is_the_last_that_was_not_withdrawn() -> None:
    log = Log()
    assert log.latest("next_response") is None
    log.start("resolution", NOON, terms())
    for minutes in (1, 2):
        log.start("next_response", at(minutes), terms(), COMMENT)
    first, second = log.clocks[1:]
    assert (first.number, second.number) == (1, 2)
    assert log.latest("next_response") == second
    log.note(second, "cancelled", at(3), comment_id=COMMENT)
    assert log.latest("next_response") == first
    log.note(first, "cancelled", at(3))
    latest = log.latest("next_response")
    assert latest is not None
    assert (latest.number, latest.cancelled_because) == (1, "unpromised")


PAUSED = replace(RUNNING, state="paused", running_since=None)
MET = replace(RUNNING, state="fulfilled", running_since=None)
LATE = replace(MET, breached_at=at(100))
WARNED, BROKEN = replace(RUNNING, warned_at=at(80)), replace(RUNNING, breached_at=at(100))
GONE = replace(LATE, state="cancelled", cancelled_because="unpromised")
TAKEN_BACK = replace(LATE, state="cancelled", cancelled_because="withdrawn")
ENDED = replace(MET, state="cancelled", cancelled_because="ended")


@pytest.mark.parametrize(
    ("clocks", "standing"),
    [
        ([], None),
        ([GONE], None),
        ([TAKEN_BACK], None),
        ([MET], "met"),
        ([ENDED], "met"),
        ([MET, GONE, TAKEN_BACK], "met"),
        ([MET, LATE], "missed"),
        ([LATE, RUNNING], "running"),
        ([PAUSED, RUNNING], "running"),
        ([PAUSED, MET], "paused"),
        ([PAUSED], "paused"),
        ([RUNNING, WARNED], "warned"),
        ([WARNED, BROKEN], "breached"),
        ([replace(PAUSED, breached_at=at(100)), RUNNING], "breached"),
    ],
)
def test_a_ticket_stands_as_its_most_urgent_clock(
    clocks: list[Clock], standing: str | None
) -> None:
    assert standing_of(clocks) == standing


def test_the_next_deadline_is_that_of_a_clock_that_runs() -> None:
    sooner = replace(RUNNING, terms=terms(50))
    assert next_due([RUNNING, PAUSED, sooner]) == at(50)
    assert next_due([PAUSED, MET]) is None


def test_somebody_looks_when_something_is_to_be_said_that_was_not() -> None:
    assert next_look([RUNNING, PAUSED]) == at(80)
    assert next_look([WARNED]) == at(100)
    assert next_look([BROKEN]) == at(80)
    assert next_look([replace(WARNED, breached_at=at(100))]) is None
    assert next_look([]) is None


def test_metrics_and_timers_are_found_in_rows_by_name() -> None:
    assert METRICS == ("first_response", "next_response", "resolution")
    assert LOOK == "look_at_clocks"
