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
    """What `form` asks somebody on `side` who opens a ticket, and what the answers result in.

    `offered` limits fields to what the caller may use where the definition cannot know it
    (entitlements, and the services they cover). Answers to fields that are not shown are ignored,
    and a forced value replaces any answer: a form may be sent as it is."""
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
    """What a ticket with the values `before` results in with `changes` (`None` clears).

    Only what is changed, or becomes wrong by the change, is a fault: a ticket opened under an older
    definition can still be changed. Values that were forced before (under `form_before`) disappear
    with their cause. `reaching` is the status that a transition leads to, `needed` the fields it
    needs."""
    former = Engine(definition, form_before or form, before, {}, side, {}, fresh=False).run()
    kept = {key: value for key, value in before.items() if key not in former.forced}
    engine = Engine(definition, form, kept, changes, side, offered or {}, fresh=False)
    engine.type_before = before.get("type")
    engine.reaching, engine.needed = reaching, frozenset(needed)
    engine.known = {(fault.pointer, fault.code) for fault in former.faults}
    return engine.run()
