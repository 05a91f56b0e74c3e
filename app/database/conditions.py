"""Conditions as data: a rule and its values.

Building a statement takes longer than running it. So a frequent statement is built once for each
shape of the question: the same rules with other values are the same statement."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_
from sqlalchemy.sql import ClauseElement

from app.database.asking import Question

Rule = Callable[..., ColumnElement[bool]]
#: As many shapes as are kept; people ask in some hundred ways.
_MOST_KEPT = 1000
_kept: dict[Hashable, Question] = {}


@dataclass(frozen=True)
class Condition:
    """A rule and its values.

    The rule must be permanent, such as a function of a module, because statements are cached by it.
    It is called with each value, or with a parameter in a cached statement, in their order. A tuple
    is a list of values, and another statement for each length; a list is one value, an array."""

    rule: Rule
    values: tuple[Any, ...] = ()

    @cached_property
    def shape(self) -> Hashable:
        """What distinguishes the statements of two conditions."""
        return self.rule, *(len(each) if type(each) is tuple else None for each in self.values)

    @property
    def clause(self) -> ColumnElement[bool]:
        """With its values in it, for a statement that is not cached."""
        return self.rule(*self.values)

    def bound(self, names: Iterator[str], into: dict[str, Any]) -> None:
        """Add the values under the names that a cached statement has for them."""
        for each in self.values:
            name = next(names)
            if type(each) is tuple:
                into.update((f"{name}_{place}", value) for place, value in enumerate(each))
            else:
                into[name] = each

    def open(self, names: Iterator[str]) -> ColumnElement[bool]:
        """With named parameters in place of values."""
        return self.rule(*(_open(next(names), each) for each in self.values))


@dataclass(frozen=True)
class _Joined:
    """Several conditions as one."""

    parts: tuple["AnyCondition", ...]
    join: Callable[..., ColumnElement[bool]]

    @cached_property
    def shape(self) -> Hashable:
        return self.join, *(part.shape for part in self.parts)

    @property
    def clause(self) -> ColumnElement[bool]:
        return self.join(*(part.clause for part in self.parts))

    def bound(self, names: Iterator[str], into: dict[str, Any]) -> None:
        for part in self.parts:
            part.bound(names, into)

    def open(self, names: Iterator[str]) -> ColumnElement[bool]:
        return self.join(*(part.open(names) for part in self.parts))


AnyCondition = Condition | _Joined


def every(*parts: AnyCondition) -> AnyCondition:
    """All of one or more conditions."""
    return _Joined(parts, and_) if len(parts) > 1 else parts[0]


def either(*parts: AnyCondition) -> AnyCondition:
    """Any of one or more conditions."""
    return _Joined(parts, or_) if len(parts) > 1 else parts[0]


def kept(
    key: Hashable,
    build: Callable[[Sequence[ColumnElement[bool]]], ClauseElement],
    conditions: Sequence[AnyCondition],
) -> tuple[Question, dict[str, Any]]:
    """The question that `build` makes of the conditions, cached after the first time, and the
    values to ask it with. `key` stands for everything else that `build` uses: whatever is not part
    of it must be a named parameter."""
    values: dict[str, Any] = {}
    names = _names()
    for condition in conditions:
        condition.bound(names, values)
    place = (key, *(condition.shape for condition in conditions))
    question = _kept.get(place)
    if question is None:
        names = _names()
        question = Question(build([condition.open(names) for condition in conditions]))
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[place] = question
    return question, values


def _names() -> Iterator[str]:
    number = 0
    while True:
        yield f"kept_{number}"
        number += 1


def _open(name: str, value: Any) -> Any:
    if type(value) is tuple:
        return tuple(bindparam(f"{name}_{place}") for place in range(len(value)))
    return bindparam(name)
