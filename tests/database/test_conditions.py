"""Conditions as data: the same question of other values is the same statement."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BindParameter, ColumnElement, Select, select
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.visitors import cloned_traverse

from app.access.actor import Actor, Grant
from app.database import conditions
from app.database.conditions import AnyCondition, Condition, either, every, kept
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.lists import readable
from app.models.tickets import Ticket

_named, _numbered = Ticket.subject.in_, Ticket.number.__eq__
_PERMISSIONS = (
    "tickets:read:own",
    "tickets:read:organization",
    "tickets:read:department",
    "tickets:read:tenant",
)
_KEYS = st.sets(st.sampled_from(["a", "b", "c"])).map(frozenset)


def _select(clauses: Sequence[ColumnElement[bool]]) -> Select[Any]:
    return select(Ticket.id).where(*clauses)


def _asked(*wanted: AnyCondition) -> tuple[ClauseElement, dict[str, Any]]:
    question, values = kept("tests", _select, wanted)
    return question.statement, values


def test_other_values_are_asked_with_the_same_statement() -> None:
    statement, values = _asked(Condition(_numbered, (1,)))
    again, others = _asked(Condition(_numbered, (2,)))
    assert again is statement
    assert list(values.values()) == [1]
    assert list(others.values()) == [2]


def test_as_many_values_or_another_rule_are_another_statement() -> None:
    of_one, _ = _asked(Condition(_named, (("a",),)))
    of_two, values = _asked(Condition(_named, (("a", "b"),)))
    of_other, _ = _asked(Condition(Ticket.type.in_, (("a",),)))
    assert len({id(of_one), id(of_two), id(of_other)}) == 3
    assert list(values.values()) == ["a", "b"]


def test_all_and_any_of_the_same_conditions_are_two_statements() -> None:
    parts = Condition(_named, (("a",),)), Condition(_numbered, (1,))
    assert _asked(every(*parts))[0] is not _asked(either(*parts))[0]


def test_only_so_many_statements_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "_MOST_KEPT", 3)
    monkeypatch.setattr(conditions, "_kept", {})
    for length in range(1, 20):
        _asked(Condition(_named, (tuple("x" * length),)))
        assert len(conditions._kept) <= 3


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    """Somebody on any side, with any rights that bear on reading tickets."""
    sides: list[Literal["customer", "agent", "system"]] = ["customer", "agent", "system"]
    side = draw(st.sampled_from(sides))
    grants = tuple(
        Grant(
            role="role",
            permissions=frozenset(draw(st.sets(st.sampled_from(_PERMISSIONS)))),
            organization_id=UUID(int=number) if side == "customer" else None,
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return Actor(
        tenant_id=uuid4(),
        side=side,
        definition_version=1,
        person_id=None if side == "system" else uuid4(),
        scopes=draw(st.sampled_from([None, frozenset(), frozenset({"tickets:read:own"})])),
        grants=grants,
        departments=draw(_KEYS),
        teams=draw(_KEYS),
        closed_departments=draw(_KEYS),
    )


filters = st.builds(
    TicketFilter,
    status=st.lists(st.sampled_from(["new", "open"]), max_size=2),
    state=st.sampled_from([None, "open", "closed"]),
    sla=st.lists(st.sampled_from(["none", "breached", "warned"]), max_size=3),
    requester=st.lists(st.uuids(), max_size=2),
    my_teams=st.booleans(),
    assigned=st.sampled_from([None, True, False]),
    created_from=st.sampled_from([None, datetime(2026, 1, 1, tzinfo=UTC)]),
)


@given(actors(), filters)
def test_a_kept_statement_asks_what_one_made_for_the_occasion_asks(
    actor: Actor, narrowed: TicketFilter
) -> None:
    law = readable(actor, narrowed)
    values: dict[str, Any] = {}
    law.bound((f"kept_{number}" for number in count()), values)
    opened = law.open(f"kept_{number}" for number in count())

    def fill(open_place: BindParameter[Any]) -> None:
        if open_place.key in values:
            open_place.value, open_place.required = values[open_place.key], False

    filled = cloned_traverse(opened, {}, {"bindparam": fill})
    assert _said(filled) == _said(law.clause)


def _said(clause: ColumnElement[bool]) -> str:
    """A condition with its values written out."""
    compiled = clause.compile(compile_kwargs={"render_postcompile": True})
    return re.sub(r":(\w+)", lambda found: repr(compiled.params[found[1]]), str(compiled))
