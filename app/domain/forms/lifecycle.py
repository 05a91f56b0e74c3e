"""`resolve` and `resolve_change`: what a form asks and decides. Pure, no database.

One engine for opening, changing and moving a ticket (S1-24, S3-13). Answers are one flat mapping,
field key to JSON value, standard fields and others alike.
"""

from collections.abc import Collection, Mapping
from typing import Any

from app.domain.forms.engine import Engine
from app.domain.forms.resolution import Resolution
from app.domain.tenants.definition import Definition, Form
from app.domain.tenants.definition.base import Side


def resolve(
    definition: Definition,
    form: Form,
    answers: Mapping[str, Any],
    *,
    side: Side,
    offered: Mapping[str, Collection[str]] | None = None,
) -> Resolution:
    """What `form` asks somebody on `side` who opens a ticket, and what his answers come to.

    `offered` narrows fields to what the caller may use where the definition cannot know it (his
    entitlements and the services they cover). What was answered to a field that is not shown is
    left aside, a forced value takes the place of any answer: a form may be sent as it stands."""
    return Engine(definition, form, {}, answers, side, offered or {}, fresh=True).run()


def resolve_change(
    definition: Definition,
    form: Form,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    side: Side,
    offered: Mapping[str, Collection[str]] | None = None,
    form_before: Form | None = None,
    reaching: str | None = None,
    needed: Collection[str] = (),
) -> Resolution:
    """What a ticket with the values `before` comes to with `changes` (`None` clears).

    Only what is changed, or is made wrong by the change, is at fault: a ticket opened under an
    older definition stays changeable. Values that were forced before (under `form_before`) go
    with their cause. `reaching` is the status a move leads to, `needed` the fields it needs."""
    former = Engine(definition, form_before or form, before, {}, side, {}, fresh=False).run()
    kept = {key: value for key, value in before.items() if key not in former.forced}
    engine = Engine(definition, form, kept, changes, side, offered or {}, fresh=False)
    engine.type_before = before.get("type")
    engine.reaching, engine.needed = reaching, frozenset(needed)
    engine.known = {(fault.pointer, fault.code) for fault in former.faults}
    return engine.run()
