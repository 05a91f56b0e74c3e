"""Answers to a form in a request's body: standard fields at the top, custom fields in `fields`."""

from collections.abc import Mapping
from typing import Any

from app.domain.tenants.definition import STANDARD
from app.kernel.problems import Fault
from app.schemas.base import Input
from app.web.problem_json import SENTENCES, pointer
from app.web.problems import InvalidInput


def answers_in(body: Input, fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was answered, in one: the standard fields that `body` gives, and its `fields`.

    Raises `InvalidInput` for a standard one inside `fields`: it has its own place, and its own
    bounds there."""
    code, sentence = SENTENCES["extra_forbidden"]
    strays = sorted(STANDARD.keys() & (fields or {}).keys())
    if strays:
        raise InvalidInput(
            faults=tuple(Fault(code, sentence, pointer(("fields", key))) for key in strays)
        )
    given = body.given(*STANDARD)
    if given.get("entitlement"):
        given["entitlement"] = str(given["entitlement"])
    return {**(fields or {}), **given}
