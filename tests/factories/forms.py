"""Forms of the small definition, answered: what the engine says, in short."""

from typing import Any

from app.domain.forms.lifecycle import resolve
from app.domain.forms.resolution import Resolution
from app.domain.tenants.definition.base import Side
from tests.factories.definitions import Bend, definition

BUG = {"type": "bug", "subject": "It breaks", "browser": "Firefox"}
QUESTION = {"type": "question", "subject": "How do I sign in?"}


def asked(
    answers: dict[str, Any],
    *,
    side: Side = "customer",
    bend: Bend | None = None,
    form: str = "ticket",
    offered: dict[str, list[str]] | None = None,
) -> Resolution:
    """What the small definition says to somebody who opens a ticket with `answers`."""
    written = definition(bend)
    return resolve(written, written.form_of[form], answers, side=side, offered=offered)


def faults(resolution: Resolution) -> list[tuple[str | None, str]]:
    """Where something is wrong, and what."""
    return [(fault.pointer, fault.code) for fault in resolution.faults]


def fields(resolution: Resolution) -> list[str]:
    """The fields asked, in their order."""
    return [field.key for page in resolution.pages for field in page.fields]
