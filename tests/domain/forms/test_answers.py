"""Wrong answers: each is told with its pointer and a code."""

from typing import Any
from unicodedata import category

import pytest

from app.domain.tenants.definition import FormField
from app.domain.tenants.definition.answers import refusal
from tests.factories.definitions import named
from tests.factories.forms import BUG, QUESTION, asked, faults


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"colour": "red"}, "/fields/colour", "not-asked"),
        ({"entitlement": "x"}, "/entitlement", "not-asked"),
        ({"cause": "lightning"}, "/fields/cause", "not-asked"),
        ({"type": "wish"}, "/type", "not-a-choice"),
        ({"type": ["bug"]}, "/type", "not-a-choice"),
        ({"priority": "urgent"}, "/priority", "not-a-choice"),
        ({"service": "payroll"}, "/service", "not-a-choice"),
        ({"subject": 7}, "/subject", "not-a-text"),
        ({"subject": "x" * 61}, "/subject", "too-long"),
        ({"subject": "bell \x07"}, "/subject", "unprintable"),
        ({"subject": "two\nlines"}, "/subject", "unprintable"),
        ({"description": "nul \x00"}, "/description", "unprintable"),
        ({"description": "lone \ud800"}, "/description", "unprintable"),
        ({"description": "x" * 50_001}, "/description", "too-long"),
        ({"browser": "x" * 21}, "/fields/browser", "too-long"),
    ],
)
def test_a_wrong_answer_is_told_with_its_pointer(
    answers: dict[str, Any], pointer: str, code: str
) -> None:
    assert faults(asked({**BUG, **answers})) == [(pointer, code)]


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, "too-small"),
        (10, "too-large"),
        (2.5, "not-whole"),
        ("2", "not-a-number"),
        (True, "not-a-number"),
        (float("nan"), "not-a-number"),
        (float("inf"), "not-a-number"),
        (10**400, "not-a-number"),
    ],
)
def test_a_wrong_number_is_told(amount: Any, code: str) -> None:
    resolution = asked({"type": "order", "subject": "More", "amount": amount})
    assert faults(resolution) == [("/fields/amount", code)]


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("date", "2026-02-30", "not-a-date"),
        ("date", "20260228", "not-a-date"),
        ("date", "2026-02-28T10:00:00Z", "not-a-date"),
        ("date", 5, "not-a-date"),
        ("date", "2025-12-31", "too-early"),
        ("date", "2027-01-01", "too-late"),
        ("date", "2026-06-30", None),
        ("yes_no", "yes", "not-yes-no"),
        ("yes_no", 1, "not-yes-no"),
        ("yes_no", False, None),
        ("multi_choice", "red", "not-a-list"),
        ("multi_choice", ["red", "red"], "twice"),
        ("multi_choice", ["red", "green"], "not-a-choice"),
        ("multi_choice", ["red", "blue"], None),
        ("person", "somebody", "not-an-id"),
        ("person", "0199a2f0-0000-7000-8000-000000000001", None),
        ("file", ["0199a2f0-0000-7000-8000-000000000001", "x"], "not-an-id"),
        ("file", ["0199a2f0-0000-7000-8000-000000000001"], None),
        ("file", [{"id": 1}], "not-a-list"),
    ],
)
def test_each_kind_of_field_knows_its_answers(kind: str, value: Any, code: str | None) -> None:
    more: dict[str, Any] = {}
    if kind == "multi_choice":
        more["choices"] = [named("red"), named("blue"), named("green", retired=True)]
    if kind == "date":
        more.update(earliest="2026-01-01", latest="2026-12-31")

    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"].append(named("extra", kind=kind, **more))

    resolution = asked({**QUESTION, "extra": value}, bend=bend)
    assert faults(resolution) == ([("/fields/extra", code)] if code else [])


def test_what_cannot_be_printed_is_what_unicode_calls_control_characters_and_surrogates() -> None:
    unprintable = {chr(code) for code in range(0x110000) if category(chr(code)) in {"Cc", "Cs"}}
    for kind, but in (("text", ""), ("long_text", "\n\r\t")):
        field = FormField.model_validate({"key": "said", "kind": kind, "labels": {"en": "Said"}})
        found = {
            chr(code)
            for code in range(0x110000)
            if (flaw := refusal(field, chr(code), None)) and flaw.code == "unprintable"
        }
        assert found == unprintable - set(but)


def test_what_the_other_side_fills_in_is_refused_where_it_is_seen() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"][2]["editable_by"] = ["agent"]

    assert faults(asked({**BUG, "severity": "sev1"}, bend=bend)) == [
        ("/severity", "not-yours-to-set")
    ]
    assert faults(asked({**BUG, "severity": "sev1"}, bend=bend, side="agent")) == []


def test_entitlements_and_services_are_narrowed_to_what_the_caller_may_use() -> None:
    def bend(written: dict[str, Any]) -> None:
        written["forms"][0]["fields"].append(named("entitlement"))

    mine, other = (f"0199a2f0-0000-7000-8000-00000000000{n}" for n in (1, 2))
    offered = {"entitlement": [mine], "service": []}
    resolution = asked(
        {**QUESTION, "entitlement": other, "service": "crm"}, bend=bend, offered=offered
    )
    assert resolution.allowed["entitlement"] == (mine,)
    assert faults(resolution) == [("/service", "not-a-choice"), ("/entitlement", "not-a-choice")]
    assert faults(asked({**QUESTION, "entitlement": mine}, bend=bend, offered=offered)) == []


def test_agents_may_sort_a_ticket_by_what_its_form_does_not_ask() -> None:
    answers = {"type": "question", "subject": "Hello", "priority": "low"}
    assert asked(answers, form="hr_matter", side="agent").accepted().values["priority"] == "low"
    assert faults(asked(answers, form="hr_matter")) == [("/priority", "not-asked")]
    wrong = asked({**answers, "priority": "top"}, form="hr_matter", side="agent")
    assert faults(wrong) == [("/priority", "not-a-choice")]


def test_types_of_the_agents_are_not_for_customers() -> None:
    answers = {"type": "matter", "subject": "Salary"}
    assert faults(asked(answers, form="hr_matter", side="agent")) == []
    assert faults(asked(answers, form="hr_matter")) == [("/type", "not-a-choice")]
