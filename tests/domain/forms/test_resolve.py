"""The one engine of forms: what is asked, and what is decided."""

from typing import Any

import pytest

from app.domain.forms.resolution import Resolution
from app.kernel.problems import Invalid
from tests.factories.definitions import named, when
from tests.factories.forms import BUG, QUESTION, asked, faults, fields

# What is asked


def test_fields_that_no_condition_shows_yet_are_hidden() -> None:
    shown = fields(asked({}))
    assert shown == ["subject", "type", "priority", "service", "description"]


def test_an_answer_shows_more_fields() -> None:
    assert fields(asked({"type": "bug"}))[2:] == [
        "severity",
        "priority",
        "service",
        "description",
        "browser",
    ]


def test_agents_see_their_own_fields_too() -> None:
    assert "cause" in fields(asked(QUESTION, side="agent"))
    assert "cause" not in fields(asked(QUESTION))


def test_what_must_be_answered_is_told() -> None:
    resolution = asked({"type": "bug"})
    assert resolution.required == {"subject", "type", "browser"}
    assert faults(resolution) == [("/subject", "required"), ("/fields/browser", "required")]


def test_an_answer_of_blanks_is_no_answer() -> None:
    assert ("/subject", "required") in faults(asked({**QUESTION, "subject": " \t"}))


def test_a_form_that_is_answered_has_no_faults() -> None:
    resolution = asked(BUG).accepted()
    assert resolution.values == {**BUG, "priority": "normal"}
    assert resolution.custom == {"browser": "Firefox"}


def test_faults_refuse_a_form_as_a_whole() -> None:
    with pytest.raises(Invalid) as refused:
        asked({}).accepted()
    assert {fault.pointer for fault in refused.value.faults} == {"/subject", "/type"}


# What is decided


def test_a_forced_value_holds_whatever_was_answered() -> None:
    resolution = asked({**QUESTION, "severity": "sev1"}).accepted()
    assert resolution.values["severity"] == "sev10"
    assert resolution.forced == {"severity": "sev10"}
    assert "severity" not in fields(resolution)


def test_conditions_limit_the_choice() -> None:
    resolution = asked({**BUG, "severity": "sev10"})
    assert resolution.allowed["severity"] == ("sev1", "sev2")
    assert faults(resolution) == [("/severity", "not-a-choice")]


def test_a_type_brings_its_default_priority_and_an_answer_beats_it() -> None:
    assert asked(BUG).values["priority"] == "normal"
    assert asked({**BUG, "priority": "low"}).values["priority"] == "low"
    assert "priority" not in asked(QUESTION).values


def test_severity_may_stay_open() -> None:  # S0-22
    assert "severity" not in asked(BUG).accepted().values


def test_a_default_holds_where_nothing_was_said_and_only_there() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"][7]["default"] = 2

    order = {"type": "order", "subject": "More"}
    assert asked(order, bend=bend).values["amount"] == 2
    assert asked({**order, "amount": 5}, bend=bend).values["amount"] == 5
    assert "amount" not in asked({**order, "amount": None}, bend=bend).values
    assert "amount" not in asked(QUESTION, bend=bend).values


def test_a_billable_type_says_so_before_sending() -> None:  # S2-6
    assert asked({"type": "order"}).billable
    assert not asked({"type": "bug"}).billable


def test_answers_to_fields_that_are_not_shown_are_left_aside() -> None:
    assert "browser" not in asked({**QUESTION, "browser": "Firefox"}).accepted().values


def test_conditions_are_chained_through_forced_and_hidden_values() -> None:
    def bend(written: dict[str, Any]) -> None:
        when(
            when=[{"field": "severity", "operator": "is", "value": "sev10"}],
            force={"priority": "low"},
        )(written)
        when(
            when=[{"field": "priority", "operator": "is", "value": "low"}],
            require=["description"],
        )(written)
        # Hidden unless it is a bug, so never answered by an order.
        when(
            when=[{"field": "browser", "operator": "answered", "value": True}],
            require=["service"],
        )(written)

    order = asked({"type": "order", "subject": "More", "browser": "Firefox"}, bend=bend)
    assert order.values["priority"] == "low"
    assert faults(order) == [("/description", "required")]
    assert faults(asked(BUG, bend=bend)) == [("/service", "required")]


def test_where_two_conditions_force_the_last_one_counts() -> None:
    bend = when(
        when=[{"field": "type", "operator": "is", "value": "order"}], force={"severity": "sev2"}
    )
    order = {"type": "order", "subject": "More"}
    assert asked(order, bend=bend).values["severity"] == "sev2"
    assert asked(QUESTION, bend=bend).values["severity"] == "sev10"


@pytest.mark.parametrize(
    ("operator", "value", "amount", "holds"),
    [
        ("is", 3, 3, True),
        ("is", 3, None, False),
        ("is_not", 3, 4, True),
        ("is_not", 3, None, True),
        ("in", ["low"], None, False),
        ("not_in", ["low"], None, True),
        ("answered", True, 3, True),
        ("answered", False, None, True),
        ("less_than", 3, 2, True),
        ("less_than", 3, 3, False),
        ("less_than", 3, None, False),
        ("greater_than", 3, 4, True),
        ("greater_than", 3, None, False),
    ],
)
def test_every_operator_has_its_meaning(
    operator: str, value: Any, amount: int | None, holds: bool
) -> None:
    field = "priority" if isinstance(value, list) else "amount"
    clause = {"field": field, "operator": operator, "value": value}
    bend = when(
        when=[{"field": "type", "operator": "is", "value": "order"}, clause],
        require=["description"],
    )
    resolution = asked({"type": "order", "subject": "More", "amount": amount}, bend=bend)
    assert ("description" in resolution.required) is holds


def test_contains_looks_into_a_list() -> None:
    def bend(written: dict[str, Any]) -> None:
        kinds = named("kinds", kind="multi_choice", choices=[named("laptop"), named("screen")])
        written["forms"][0]["fields"].append(kinds)
        clause = {"field": "kinds", "operator": "contains", "value": "screen"}
        when(when=[clause], require=["description"])(written)

    assert "description" in asked({**QUESTION, "kinds": ["laptop", "screen"]}, bend=bend).required
    assert "description" not in asked({**QUESTION, "kinds": ["laptop"]}, bend=bend).required
    assert "description" not in asked(QUESTION, bend=bend).required


# Pages


def test_a_page_is_shown_when_a_condition_says_so() -> None:
    def bend(written: dict[str, Any]) -> None:
        form = written["forms"][0]
        form["pages"] = [named("first"), named("money")]
        form["fields"].append(named("budget", kind="number", page="money", required=True))
        order = {"field": "type", "operator": "is", "value": "order"}
        form["conditions"].append({"when": [order], "show_pages": ["money"]})

    def pages(resolution: Resolution) -> list[str | None]:
        return [page.page.key if page.page else None for page in resolution.pages]

    assert pages(asked(QUESTION, bend=bend)) == ["first"]
    order = asked({"type": "order", "subject": "More"}, bend=bend)
    assert pages(order) == ["first", "money"]
    assert faults(order) == [("/fields/budget", "required")]
    assert asked(QUESTION, bend=bend).accepted().values.get("budget") is None
