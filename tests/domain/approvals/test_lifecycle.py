"""Which answers there are to a question, what they come to, and when silence counts."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.approvals import lifecycle
from app.domain.approvals.lifecycle import Answer
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.policies import ApprovalPolicy, Presumption
from app.domain.tenants.planning import merge
from app.models.approvals import Approval
from app.models.tickets import Ticket
from tests.factories.definitions import Document, definition, named
from tests.factories.sight import row

#: A Friday, in winter: Oslo is an hour ahead.
FRIDAY = datetime(2026, 11, 20, 11, tzinfo=UTC)
SILENCE = {"remind_after_business_days": 2, "verb": "right", "calendar": "office"}


def open_on(*days: str) -> Document:
    hours = {day: [{"opens": "08:00", "closes": "16:00"}] for day in days}
    return {"time_zone": "Europe/Oslo", "weekdays": hours}


def question(key: str, **more: Any) -> Document:
    answers = [
        named("right", outcome="granted", transition="approve"),
        named("wrong", outcome="refused", transition="reject", needs_comment=True),
    ]
    return named(key, kind="resolution", approvers={"requester": True}, verbs=answers, **more)


def bend(written: Document) -> None:
    written["calendars"] = [
        named("shut", **open_on("sat")),
        named("office", **open_on("mon", "tue", "wed", "thu")),
    ]
    written["transitions"] += [
        {**named(key), "from": ["new", "open", "solved"], "to": to, "by": "approval"}
        for key, to in (("approve", "closed"), ("reject", "waiting"))
    ]
    written["approval_policies"] = [
        question("solution", asked_in=["solved"], presumption=SILENCE, due_business_days=1),
        question("order", asked_in=["new", "open"], types=["order"], due_business_days=1),
        question("by_hand"),
    ]


ASKING = definition(bend)
SOLUTION, ORDER, BY_HAND = ASKING.approval_policies


def test_an_agents_own_question_is_answered_with_yes_or_no() -> None:
    for needs in (True, False):
        plain = row(Approval, policy=None, refusal_needs_comment=needs)
        assert lifecycle.answers_to(ASKING, plain) == (
            Answer("approved", "granted", transition=None, needs_comment=False, labels=None),
            Answer("rejected", "refused", transition=None, needs_comment=needs, labels=None),
        )


def test_a_policys_question_is_answered_with_its_verbs() -> None:
    def later(written: Document) -> None:
        bend(written)
        verbs = written["approval_policies"][2]["verbs"]
        fine = named("fine", outcome="granted", transition="approve")
        written["approval_policies"][2]["verbs"] = [*verbs, fine]

    asked = row(Approval, policy="by_hand")
    right, wrong = lifecycle.answers_to(ASKING, asked)
    assert right == Answer(
        "right", "granted", "approve", needs_comment=False, labels=dict(BY_HAND.verbs[0].labels)
    )
    assert (wrong.key, wrong.outcome, wrong.needs_comment) == ("wrong", "refused", True)
    # What a later version has let go of is not offered by it.
    after = merge(definition(later), ASKING)
    assert [each.key for each in lifecycle.answers_to(after, asked)] == ["right", "wrong"]


def test_what_may_be_answered_is_not_changed_on_the_way() -> None:
    answer: Any = Answer("right", "granted")
    with pytest.raises(FrozenInstanceError):
        answer.outcome = "refused"


def asked_by(status: str, type_: str, known: Definition = ASKING) -> list[str]:
    ticket = row(Ticket, status=status, type=type_)
    return [policy.key for policy in lifecycle.policies_for(known, ticket)]


def test_a_status_asks_its_questions_about_the_types_they_are_for() -> None:
    assert asked_by("solved", "bug") == ["solution"]
    assert asked_by("new", "order") == asked_by("open", "order") == ["order"]
    assert asked_by("new", "bug") == []
    assert asked_by("closed", "order") == []


def test_a_question_that_was_let_go_is_asked_no_more() -> None:
    gone = ASKING.model_copy(
        update={
            "approval_policies": tuple(
                policy.model_copy(update={"retired": True}) for policy in ASKING.approval_policies
            )
        }
    )
    assert asked_by("solved", "bug", gone) == []


@pytest.mark.parametrize(
    ("policy", "status", "category", "asks"),
    [
        ("solution", "solved", "resolved", True),
        ("solution", "open", "open", False),
        ("by_hand", "open", "open", True),
        ("let_go", "open", "open", True),
        (None, "open", "open", True),
        (None, "closed", "closed", False),
        ("solution", "solved", "closed", False),
    ],
)
def test_a_question_stands_while_the_ticket_is_where_it_was_asked(
    policy: str | None, status: str, category: str, asks: bool
) -> None:
    ticket = row(Ticket, status=status, status_category=category)
    assert lifecycle.still_asks(ASKING, row(Approval, policy=policy), ticket) is asks


@pytest.mark.parametrize(
    ("rule", "asked", "needed"),
    [
        ({"needed": 2}, 5, 2),
        ({"needed_percent": 50}, 4, 2),
        ({"needed_percent": 50}, 5, 3),
        ({"needed_percent": 100}, 5, 5),
        ({"needed_percent": 100}, 200, 200),
        ({"needed_percent": 1}, 1, 1),
        ({"needed_percent": 1}, 0, 1),
    ],
)
def test_so_many_must_say_yes_and_never_less_than_one(
    rule: dict[str, int], asked: int, needed: int
) -> None:
    assert lifecycle.needed_of(BY_HAND.model_copy(update=rule), asked) == needed


def test_one_no_refuses_and_enough_yeses_grant() -> None:
    settled = lifecycle.settled
    assert settled("refused", yeses=9, needed=1) == "refused"
    assert settled("granted", yeses=1, needed=2) is None
    assert settled("granted", yeses=2, needed=2) == settled("granted", yeses=3, needed=2)
    assert settled("granted", yeses=2, needed=2) == "granted"


def test_silence_is_a_yes_where_the_policy_says_so() -> None:
    assert lifecycle.presumption_of(ASKING, row(Approval, policy="solution")) == (
        SOLUTION.presumption
    )
    for policy in ("order", "let_go", None):
        assert lifecycle.presumption_of(ASKING, row(Approval, policy=policy)) is None


def oslo(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour - 1, tzinfo=UTC)


def presumption(**more: Any) -> Presumption:
    return Presumption.model_validate({**SILENCE, **more})


def test_a_reminder_is_due_in_the_morning_after_whole_business_days() -> None:
    # Monday and Tuesday pass whole; on Fridays nobody is there.
    assert lifecycle.reminder_due(ASKING, presumption(), FRIDAY) == oslo(25, 8)
    assert lifecycle.presumed_after(presumption(), FRIDAY) == FRIDAY + timedelta(hours=24)
    in_an_hour = presumption(hours_after_reminder=1)
    assert lifecycle.presumed_after(in_an_hour, FRIDAY) == FRIDAY + timedelta(hours=1)


def due(policy: ApprovalPolicy, known: Definition = ASKING, **more: Any) -> datetime | None:
    return lifecycle.due(known, policy.model_copy(update=more), FRIDAY)


def test_an_answer_is_due_at_the_end_of_a_day_of_the_policys_calendar() -> None:
    assert due(SOLUTION) == oslo(23, 16)
    assert due(SOLUTION, due_business_days=2) == oslo(24, 16)
    assert due(BY_HAND) is None


def test_a_policy_without_a_calendar_counts_by_the_first_there_is_else_monday_to_friday() -> None:
    assert due(ORDER) == oslo(21, 16)  # a Saturday, as the first calendar has it
    shut, office = ASKING.calendars
    without = ASKING.model_copy(
        update={"calendars": (shut.model_copy(update={"retired": True}), office)}
    )
    assert due(ORDER, without) == oslo(23, 16)
    plain = definition()
    week = [due(ORDER, plain, due_business_days=days) for days in range(1, 7)]
    # Each until midnight of the portal's own zone, the last on the second Monday.
    assert week == [
        *(datetime(2026, 11, day, 23, tzinfo=UTC) for day in (23, 24, 25, 26, 27)),
        datetime(2026, 11, 30, 23, tzinfo=UTC),
    ]


def test_where_nobody_is_there_any_more_nothing_is_ever_due() -> None:
    shut, office = ASKING.calendars
    never = office.model_copy(update={"weekdays": {}})
    known = ASKING.model_copy(update={"calendars": (shut, never), "calendar_of": {"office": never}})
    assert lifecycle.reminder_due(known, presumption(), FRIDAY) is None
    assert due(SOLUTION, known) is None


def test_timers_that_are_set_are_found_by_their_names() -> None:
    names = (lifecycle.REMIND, lifecycle.PRESUME, lifecycle.STAND_IN)
    assert names == ("approval.remind", "approval.presume", "substitute.stand_in")
