"""Evaluating the conditions of a form for a set of answers. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.tenants.definition import Clause, Form

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda answer, value: answer == value,
    "is_not": lambda answer, value: answer != value,
    "in": lambda answer, value: answer in value,
    "not_in": lambda answer, value: answer not in value,
    "contains": lambda answer, value: answer is not None and value in answer,
    "answered": lambda answer, value: (answer is not None) == value,
    "less_than": lambda answer, value: answer is not None and answer < value,
    "greater_than": lambda answer, value: answer is not None and answer > value,
}


def holds(clause: Clause, answers: Mapping[str, Any]) -> bool:
    """Whether the clause holds. A field without an answer equals no value."""
    try:
        return _OPERATORS[clause.operator](answers.get(clause.field), clause.value)
    except TypeError:
        # An old ticket may hold an answer from when the field was of another kind.
        return False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the conditions decide about one field: whether it is shown, and the value it is forced
    to."""

    shown: bool
    forced: Any = None


def decision(form: Form, key: str, answers: Mapping[str, Any]) -> Decision:
    """The decision about a field, once the fields before it in `form.order` have their values."""
    page = form.page_of(form.field_of[key])
    field_waits = page_waits = field_shown = page_shown = False
    forced = None
    for condition in form.conditions:
        shows, shows_page = key in condition.show, page in condition.show_pages
        field_waits |= shows
        page_waits |= shows_page
        if not (shows or shows_page or key in condition.force):
            continue
        if all(holds(clause, answers) for clause in condition.when):
            field_shown |= shows
            page_shown |= shows_page
            forced = condition.force.get(key, forced)
    shown = (field_shown or not field_waits) and (page_shown or not page_waits)
    return Decision(shown, _plain(forced))


def required_by(form: Form, answers: Mapping[str, Any]) -> set[str]:
    """The fields that conditions require."""
    return {
        key
        for condition in form.conditions
        if all(holds(clause, answers) for clause in condition.when)
        for key in condition.require
    }


def limits_of(form: Form, answers: Mapping[str, Any]) -> dict[str, set[str]]:
    """The values conditions leave to choose from, where several hold what all of them leave."""
    limits: dict[str, set[str]] = {}
    for condition in form.conditions:
        if condition.limit and all(holds(clause, answers) for clause in condition.when):
            for key, values in condition.limit.items():
                limits[key] = limits.get(key, set(values)) & set(values)
    return limits


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
