"""Checks of the conditions of forms: each can hold, does something, and depends on no circle."""

from collections.abc import Iterator
from graphlib import CycleError

from app.domain.tenants.definition import Clause, Condition, Definition, Flaw, Form, Path
from app.domain.tenants.definition.answers import choices_of, refusal

_LISTS = {"in", "not_in"}


def condition_flaws(definition: Definition) -> Iterator[Flaw]:
    """Conditions that can never hold, do nothing, or depend on themselves."""
    for place, form in enumerate(definition.forms):
        if form.retired:
            continue
        at = ("forms", place, "conditions")
        before = 0
        for inner, condition in enumerate(form.conditions):
            for flaw in _condition(definition, form, condition, (*at, inner)):
                before += 1
                yield flaw
        if not before:
            yield from _circles(form, at)


def _circles(form: Form, at: Path) -> Iterator[Flaw]:
    try:
        _ = form.order
    except CycleError as circle:
        way = " → ".join(circle.args[1])
        yield Flaw(at, f"these fields depend on each other in a circle: {way}")


def _condition(
    definition: Definition, form: Form, condition: Condition, at: Path
) -> Iterator[Flaw]:
    fields = set(form.field_of)
    pages = {page.key for page in form.pages_shown}
    for place, clause in enumerate(condition.when):
        yield from _clause(definition, form, clause, (*at, "when", place))
    for name, keys, known in (
        ("show", condition.show, fields),
        ("show_pages", condition.show_pages, pages),
        ("require", condition.require, fields),
    ):
        for place, key in enumerate(keys):
            if key not in known:
                yield Flaw((*at, name, place), f"this form has no {key!r}")
    yield from _forced(definition, form, condition, at)
    yield from _limited(definition, form, condition, at)
    if not any(
        (condition.show, condition.show_pages, condition.require, condition.force, condition.limit)
    ):
        yield Flaw(at, "a condition shows, requires, forces or limits something")


def _forced(definition: Definition, form: Form, condition: Condition, at: Path) -> Iterator[Flaw]:
    for key, value in condition.force.items():
        here = (*at, "force", key)
        field = form.field_of.get(key)
        if field is None:
            yield Flaw(here, f"this form has no {key!r}")
            continue
        flaw = refusal(field, value, choices_of(definition, form, field))
        if flaw:
            yield Flaw(here, f"{value!r}: {flaw.detail.format(**flaw.values)}")


def _limited(definition: Definition, form: Form, condition: Condition, at: Path) -> Iterator[Flaw]:
    for key, values in condition.limit.items():
        here = (*at, "limit", key)
        field = form.field_of.get(key)
        choices = choices_of(definition, form, field) if field else None
        if choices is None:
            yield Flaw(here, f"this form has no {key!r} to choose in")
            continue
        if not values:
            yield Flaw(here, "leave at least one value")
        for place, value in enumerate(values):
            if value not in choices:
                yield Flaw((*here, place), f"{value!r} is no choice of {key!r}")


def _clause(definition: Definition, form: Form, clause: Clause, at: Path) -> Iterator[Flaw]:
    field = form.field_of.get(clause.field)
    if field is None:
        yield Flaw((*at, "field"), f"this form has no {clause.field!r}")
        return
    unfit = _unfit(clause, field.kind)
    if unfit:
        yield Flaw((*at, "operator"), unfit)
        return
    if clause.operator == "answered":
        if not isinstance(clause.value, bool):
            yield Flaw((*at, "value"), "answered is compared with true or false")
        return
    if (clause.operator in _LISTS) != isinstance(clause.value, tuple):
        wanted = "a list of values" if clause.operator in _LISTS else "one value"
        yield Flaw((*at, "value"), f"{clause.operator} needs {wanted}")
        return
    choices = choices_of(definition, form, field)
    for each in clause.value if isinstance(clause.value, tuple) else (clause.value,):
        whole = (each,) if field.kind == "multi_choice" else each
        flaw = refusal(field, whole, choices)
        if flaw:
            yield Flaw((*at, "value"), f"{each!r}: {flaw.detail.format(**flaw.values)}")


def _unfit(clause: Clause, kind: str) -> str | None:
    """Why the operator is not for answers of this kind."""
    operator = clause.operator
    if operator in {"less_than", "greater_than"} and kind not in {"number", "date"}:
        return f"{operator} is for numbers and dates"
    if operator == "contains" and kind != "multi_choice":
        return "contains is for multi-choice fields"
    if kind in {"multi_choice", "file"} and operator not in {"contains", "answered"}:
        return f"{operator} is not for fields of kind {kind}"
    return None
