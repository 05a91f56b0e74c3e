"""Changing a ticket and moving it on: what the engine of forms says then."""

from typing import Any

from app.domain.forms.lifecycle import resolve_change
from app.domain.forms.resolution import Resolution
from app.domain.tenants.definition.base import Side
from tests.factories.definitions import Bend, definition, named
from tests.factories.forms import faults

BUG = {
    "type": "bug",
    "subject": "It breaks",
    "browser": "Firefox",
    "severity": "sev1",
    "priority": "normal",
}
QUESTION = {"type": "question", "subject": "How?", "severity": "sev10"}


def changed(
    before: dict[str, Any],
    changes: dict[str, Any],
    *,
    side: Side = "agent",
    bend: Bend | None = None,
    **more: Any,
) -> Resolution:
    written = definition(bend)
    return resolve_change(written, written.form_of["ticket"], before, changes, side=side, **more)


def test_what_is_not_changed_stays() -> None:
    assert changed(BUG, {"priority": "low"}).accepted().values == {**BUG, "priority": "low"}


def test_null_clears_a_value_and_no_default_comes_back() -> None:
    assert "priority" not in changed(BUG, {"priority": None}).accepted().values


def test_a_required_field_cannot_be_cleared() -> None:
    assert faults(changed(BUG, {"subject": None})) == [("/subject", "required")]
    assert faults(changed(BUG, {"browser": ""})) == [("/fields/browser", "required")]


def test_a_forced_value_cannot_be_changed() -> None:
    assert faults(changed(QUESTION, {"severity": "sev1"})) == [("/severity", "decided-by-the-form")]
    assert faults(changed(QUESTION, {"severity": "sev10"})) == []


def test_what_the_form_does_not_ask_now_cannot_be_changed() -> None:
    assert faults(changed(QUESTION, {"browser": "Firefox"})) == [("/fields/browser", "not-asked")]


def test_a_change_of_type_decides_severity_anew() -> None:  # S2-7
    to_bug = changed(QUESTION, {"type": "bug"}).accepted()
    assert "severity" not in to_bug.values  # what was forced went with its cause
    assert to_bug.values["priority"] == "normal"  # the new type's default
    to_question = changed(BUG, {"type": "question"}).accepted()
    assert to_question.values["severity"] == "sev10"
    assert to_question.values["priority"] == "normal"
    assert "browser" not in to_question.values


def test_a_change_of_type_says_whether_it_is_charged_for() -> None:  # S2-6, S2-7
    assert changed(QUESTION, {"type": "order"}).accepted().billable
    assert not changed(QUESTION, {"type": "bug"}).accepted().billable


def test_a_change_of_type_does_not_ask_agents_for_what_only_the_customer_knows() -> None:
    assert faults(changed(QUESTION, {"type": "bug"})) == []
    assert "browser" in changed(QUESTION, {"type": "bug"}).required


def test_a_customer_who_changes_the_type_answers_what_it_asks() -> None:
    to_bug = changed(QUESTION, {"type": "bug"}, side="customer")
    assert faults(to_bug) == [("/fields/browser", "required")]
    answered = changed(QUESTION, {"type": "bug", "browser": "Firefox"}, side="customer")
    assert faults(answered) == []


def test_a_value_that_the_change_makes_impossible_must_be_changed_with_it() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["conditions"].append(
            {
                "when": [{"field": "type", "operator": "is", "value": "order"}],
                "limit": {"priority": ["low"]},
            }
        )

    assert faults(changed(BUG, {"type": "order"}, bend=bend)) == [("/priority", "not-a-choice")]
    assert faults(changed(BUG, {"type": "order", "priority": "low"}, bend=bend)) == []


def test_a_ticket_of_an_older_definition_stays_changeable() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"].append(named("phone", required=True))
        written["priorities"].append(named("ancient", color="#000000", retired=True))

    before = {**BUG, "priority": "ancient", "severity": "sev10", "amount": "five"}
    after = changed(before, {"description": "More to say"}, bend=bend).accepted()
    assert after.values["priority"] == "ancient"
    assert after.values["severity"] == "sev10"


def test_what_has_become_required_is_asked_for_where_it_is_touched() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"].append(named("phone", kind="text", required=True))

    assert faults(changed(BUG, {"subject": "It broke"}, bend=bend)) == []
    assert faults(changed(BUG, {"phone": None}, bend=bend)) == [("/fields/phone", "required")]
    retyped = changed(BUG, {"type": "question"}, bend=bend, side="customer")
    assert faults(retyped) == [("/fields/phone", "required")]


def test_customers_change_only_what_is_theirs() -> None:
    assert faults(changed(BUG, {"cause": "me"}, side="customer")) == [
        ("/fields/cause", "not-asked")
    ]
    assert changed(BUG, {"cause": "A loose cable"}).accepted().values["cause"] == "A loose cable"


def needing_cause(written: dict[str, Any]) -> None:
    written["forms"][0]["fields"][8]["required_on"] = ["solved"]
    written["forms"][0]["fields"][5]["required_on"] = ["closed"]


def test_a_status_may_need_a_field() -> None:
    move = changed(BUG, {}, bend=needing_cause, reaching="solved")
    assert faults(move) == [("/fields/cause", "required")]
    assert faults(changed(BUG, {"cause": "Rain"}, bend=needing_cause, reaching="solved")) == []
    assert (
        faults(changed({**BUG, "cause": "Rain"}, {}, bend=needing_cause, reaching="solved")) == []
    )
    assert faults(changed(BUG, {}, bend=needing_cause, reaching="waiting")) == []


def test_a_status_does_not_need_from_customers_what_only_agents_fill_in() -> None:
    assert faults(changed(BUG, {}, bend=needing_cause, reaching="solved", side="customer")) == []
    closing = changed(BUG, {}, bend=needing_cause, reaching="closed", side="customer")
    assert faults(closing) == [("/description", "required")]


def test_a_transition_may_need_a_field_of_its_own() -> None:
    before = {key: value for key, value in BUG.items() if key != "severity"}
    assert faults(changed(before, {}, needed=["severity"])) == [("/severity", "required")]
    assert faults(changed(before, {"severity": "sev2"}, needed=["severity"])) == []
