"""The pure rules of waiting and lasting."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.sign_in.lifecycle import (
    ACCESS_TOKEN,
    ACTIVATION,
    CHALLENGE,
    INVITATION,
    NETWORK_KNOWN,
    PASSWORD_RESET,
    SESSION,
    Count,
    counted,
    lasting_until,
    still_waiting,
    wait_for_code,
    wait_from_network,
    wait_overall,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NONE = timedelta(0)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_from_one_network_a_few_slips_are_free_then_each_doubles_the_wait() -> None:
    waits = [wait_from_network(failures).total_seconds() for failures in range(18)]
    assert waits[:5] == [0] * 5
    assert waits[5:] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_wrong_codes_wait_as_wrong_passwords_from_one_network_do() -> None:
    tried = range(18)
    assert [wait_for_code(each) for each in tried] == [wait_from_network(each) for each in tried]


def test_things_last_as_long_as_the_documents_promise() -> None:
    assert (timedelta(minutes=10), timedelta(minutes=10)) == (ACCESS_TOKEN, CHALLENGE)
    assert timedelta(hours=1) == PASSWORD_RESET
    assert timedelta(days=7) == ACTIVATION == INVITATION
    assert timedelta(days=90) == NETWORK_KNOWN
    assert SESSION["customer"].idle == timedelta(days=14)
    assert SESSION["agent"].idle == timedelta(hours=12)


def test_over_all_networks_the_wait_begins_late_and_stays_short() -> None:
    assert wait_overall(49) == NONE
    assert [wait_overall(50 + more).total_seconds() for more in range(7)] == [
        *(1, 2, 4, 8, 16, 30, 30)
    ]


@pytest.mark.parametrize("wait", [wait_from_network, wait_overall])
def test_no_number_of_guesses_makes_anybody_wait_for_ever(wait: object) -> None:
    assert callable(wait)
    assert wait(10**9) <= timedelta(minutes=15)


def test_an_attempt_counts_one_more_and_says_until_when_the_next_waits() -> None:
    assert counted(Count(4, NOON), NOON, wait_from_network) == Count(5, NOON + seconds(1))
    assert counted(Count(0, NOON), NOON, wait_from_network) == Count(1, NOON)


def test_what_was_counted_a_day_ago_is_forgotten() -> None:
    day = timedelta(hours=24)
    assert counted(Count(40, NOON - day), NOON, wait_from_network).failures == 41
    long_ago = Count(40, NOON - day - seconds(1))
    assert counted(long_ago, NOON, wait_from_network) == Count(1, NOON)


def test_one_waits_until_the_moment_has_come() -> None:
    held = Count(6, NOON + seconds(2))
    assert still_waiting(held, NOON, wait_from_network) == seconds(2)
    assert still_waiting(held, NOON + seconds(2), wait_from_network) == NONE
    assert still_waiting(held, NOON + seconds(9), wait_from_network) == NONE


def test_a_free_attempt_never_waits_for_the_clock_of_another_machine() -> None:
    ahead = Count(4, NOON + seconds(3))
    assert still_waiting(ahead, NOON, wait_from_network) == NONE


def test_agents_are_signed_in_for_a_week_customers_for_ninety_days() -> None:
    assert lasting_until(NOON, "agent") - NOON == timedelta(days=7)
    assert lasting_until(NOON, "customer") - NOON == timedelta(days=90)


def test_nobody_waits_for_a_moment_that_a_clock_has_named_which_was_put_back() -> None:
    a_day_ahead = counted(Count(7, NOON), NOON + timedelta(days=1), wait_from_network)
    assert still_waiting(a_day_ahead, NOON, wait_from_network) == NONE
    # Two machines' clocks differ a little: he waits, and no longer than that many guesses cost.
    half_a_minute_ahead = counted(Count(7, NOON), NOON + seconds(30), wait_from_network)
    assert still_waiting(half_a_minute_ahead, NOON, wait_from_network) == seconds(8)


def test_a_minute_is_what_two_clocks_may_differ_by() -> None:
    minute, moment = timedelta(minutes=1), timedelta(microseconds=1)
    assert still_waiting(Count(5, NOON + minute + seconds(1)), NOON, wait_from_network) == seconds(
        1
    )
    later = Count(5, NOON + minute + seconds(1) + moment)
    assert still_waiting(later, NOON, wait_from_network) == NONE
