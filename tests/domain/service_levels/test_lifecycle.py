"""Clocks are nothing but their log: what they show is derived, over every change of clocks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendars.arithmetic import after_business, business_between
from app.domain.calendars.hours import hours_of
from app.domain.service_levels import rules
from app.domain.service_levels.lifecycle import Log, Terms, next_due, next_look, standing_of
from app.domain.service_levels.rules import StatusSince, Unanswered
from app.domain.tenants.definition.policies import Calendar
from app.kernel.ids import new_id

ALWAYS = [{"opens": "00:00", "closes": "24:00"}]
OFFICE = [{"opens": "08:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}]
DAYS = ("mon", "tue", "wed", "thu", "fri")
#: Friday noon in UTC, before the Sunday on which Sweden puts its clocks forward.
FRIDAY = datetime(2026, 3, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def terms(minutes: int = 480, *, round_the_clock: bool = False, policy: str = "standard") -> Terms:
    days = (*DAYS, "sat", "sun") if round_the_clock else DAYS
    calendar = Calendar.model_validate(
        {
            "key": "hours",
            "labels": {"en": "Hours"},
            "time_zone": "Europe/Stockholm",
            "weekdays": dict.fromkeys(days, ALWAYS if round_the_clock else OFFICE),
        }
    )
    return Terms(
        policy=policy,
        version=1,
        target=timedelta(minutes=minutes),
        hours=hours_of(calendar),
        warn_percent=80,
        pauses_in=frozenset({"waiting_customer"}),
    )


def stand(at: datetime, category: str = "open") -> StatusSince:
    return StatusSince(at, category, category)


def running(target: Terms, at: datetime = FRIDAY) -> Log:
    log = Log()
    log.start("resolution", at, target)
    return log


#: Stretches of minutes, in turn run and rested: over weeks, so over changes of clocks too.
stretches = st.lists(st.integers(0, 20_000), min_size=1, max_size=8)


@given(stretches, st.integers(1, 100_000), st.booleans())
def test_what_is_consumed_is_what_passed_while_it_ran(
    lengths: list[int], minutes: int, round_the_clock: bool
) -> None:
    target = terms(minutes, round_the_clock=round_the_clock)
    log = running(target)
    at, moments = FRIDAY, [FRIDAY]
    for place, length in enumerate(lengths):
        at += length * MINUTE
        moments.append(at)
        rules.apply_status(log, stand(at, "open" if place % 2 else "waiting_customer"))
    (clock,) = log.clocks
    ran = [pair for place, pair in enumerate(pairwise(moments)) if not place % 2]
    consumed = sum((business_between(*pair, target.hours) for pair in ran), timedelta())
    assert clock.consumed(at) == consumed
    # The deadline is what is left, from whenever one asks.
    if clock.state == "running" and consumed < target.target:
        assert clock.due_at == after_business(at, target.target - consumed, target.hours)
    else:
        assert clock.due_at is None or clock.due_at <= at


@given(stretches, st.lists(st.integers(1, 5_000), min_size=1, max_size=8))
def test_another_target_keeps_what_was_consumed(lengths: list[int], targets: list[int]) -> None:
    log, same = running(terms()), running(terms())
    at = FRIDAY
    for length, minutes in zip(lengths, targets, strict=False):
        at += length * MINUTE
        (clock,) = log.clocks
        if clock.terms.target != timedelta(minutes=minutes):
            log.note(clock, "target_changed", at, terms=terms(minutes))
    assert log.clocks[0].consumed(at) == same.clocks[0].consumed(at)


@given(stretches)
def test_reading_a_log_again_comes_to_the_same(lengths: list[int]) -> None:
    log = running(terms())
    at = FRIDAY
    for place, length in enumerate(lengths):
        at += length * MINUTE
        rules.catch_up(log, at)
        rules.apply_status(log, stand(at, ("waiting_customer", "open", "resolved")[place % 3]))
    again = Log(log.happenings)
    assert (again.clocks, again.added) == (log.clocks, [])
    for clock in again.clocks:
        kinds = [each.kind for each in log.happenings if each.clock == clock.number]
        assert max(kinds.count("warned"), kinds.count("breached")) <= 1


def test_an_hour_that_the_clocks_skip_passes_for_nobody() -> None:
    """24 hours of a round-the-clock promise are 24 hours, whatever the clocks on the wall show."""
    log = running(terms(24 * 60, round_the_clock=True), datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert log.clocks[0].due_at == datetime(2026, 3, 29, 12, tzinfo=UTC)


def test_office_hours_are_those_on_the_wall_also_after_the_change() -> None:
    # From 13:00 on Friday: four hours then, four on Monday from eight, an hour earlier in UTC.
    assert running(terms()).clocks[0].due_at == datetime(2026, 3, 30, 10, tzinfo=UTC)


def test_a_first_response_never_rests() -> None:
    log = Log()
    log.start("first_response", FRIDAY, terms())
    rules.apply_status(log, stand(FRIDAY + MINUTE, "waiting_customer"))
    assert log.clocks[0].state == "running"


def test_the_end_of_a_ticket_ends_its_clocks_and_a_reopening_takes_them_up() -> None:
    log = running(terms())
    log.start("first_response", FRIDAY, terms(60))
    rules.apply_status(log, stand(FRIDAY + 30 * MINUTE, "closed"))
    assert [clock.state for clock in log.clocks] == ["fulfilled", "cancelled"]
    assert standing_of(log.clocks) == "met"
    rules.apply_status(log, stand(FRIDAY + 60 * MINUTE, "open"))
    assert [clock.state for clock in log.clocks] == ["running", "running"]
    assert {clock.consumed(FRIDAY + 60 * MINUTE) for clock in log.clocks} == {30 * MINUTE}


def test_an_answer_that_comes_with_the_end_is_an_answer() -> None:
    log = Log()
    log.start("first_response", FRIDAY, terms(60))
    rules.apply_status(log, stand(FRIDAY + 30 * MINUTE, "resolved"))
    rules.note_response(log, FRIDAY + 30 * MINUTE)
    rules.apply_status(log, stand(FRIDAY + 60 * MINUTE, "open"))
    assert log.clocks[0].state == "fulfilled"


def test_whoever_looks_late_notes_when_it_was() -> None:
    log = running(terms(60))
    rules.catch_up(log, FRIDAY + timedelta(days=30))
    rules.catch_up(log, FRIDAY + timedelta(days=31))
    assert [(each.kind, each.at) for each in log.happenings[1:]] == [
        ("warned", FRIDAY + 48 * MINUTE),
        ("breached", FRIDAY + 60 * MINUTE),
    ]
    assert next_look(log.clocks) is None
    assert next_due(log.clocks) == FRIDAY + 60 * MINUTE


def test_of_a_wider_target_nobody_has_been_warned() -> None:
    log = running(terms(60))
    rules.catch_up(log, FRIDAY + 90 * MINUTE)
    log.note(log.clocks[0], "target_changed", FRIDAY + 90 * MINUTE, terms=terms(100))
    (clock,) = log.clocks
    assert (clock.warned_at is not None, clock.breached_at) == (True, None)
    assert standing_of(log.clocks) == "warned"
    log.note(clock, "target_changed", FRIDAY + 90 * MINUTE, terms=terms(200))
    assert standing_of(log.clocks) == "running"


def test_the_oldest_unanswered_comment_is_what_waits() -> None:
    log = Log()
    here = stand(FRIDAY)
    one, two = (Unanswered(new_id(), FRIDAY + minutes * MINUTE) for minutes in (0, 5))
    promised = _Promised()
    for said in (one, two):
        rules.await_response(log, promised, said, here)  # type: ignore[arg-type]
    assert [clock.comment_id for clock in log.clocks] == [one.comment_id]
    rules.withdraw(log, one.comment_id, two, FRIDAY + 6 * MINUTE, here)
    waiting = log.latest("next_response")
    assert waiting is not None
    assert (waiting.comment_id, waiting.started_at) == (two.comment_id, two.at)


class _Promised:
    def terms(self, _metric: str) -> Terms:
        return terms()


def test_a_log_begins_with_an_activation() -> None:
    log = running(terms())
    log.note(log.clocks[0], "fulfilled", FRIDAY)
    with pytest.raises(ValueError, match="begins with"):
        Log(log.happenings[1:])
