"""JSON as a contract means it: no duplicate names, no NaN, no NUL, not too deep."""

import json
from typing import Any

from starlette.requests import Request

from app.kernel.problems import Fault
from app.web.problem_json import pointer
from app.web.problems import InvalidInput, MalformedBody

_DEEPEST = 32


class StrictRequest(Request):
    """A request whose JSON was read by `read_json`; the framework asks for it by `json()`."""

    parsed: Any = None

    async def json(self) -> Any:
        return self.parsed


def read_json(body: bytes) -> Any:
    """The value that `body` spells. Raises `MalformedBody` (400), for NUL `InvalidInput` (422)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(reason="It is not UTF-8.") from error
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise MalformedBody(reason="It is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise MalformedBody(reason=_READABLE) from error
    except ValueError as error:
        # An integer of thousands of digits.
        raise MalformedBody(reason=_READABLE) from error
    _look_through(value, (), 0)
    return value


_READABLE = "The JSON cannot be read."


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody(reason="A name stands twice in the same object.")
    return found


def _no_constant(_name: str) -> Any:
    raise MalformedBody(reason="NaN and Infinity are no JSON.")


def _look_through(value: Any, path: tuple[str | int, ...], depth: int) -> None:
    if depth > _DEEPEST:
        raise MalformedBody(reason="It is nested too deeply.")
    if isinstance(value, str):
        if "\0" in value:
            _refuse(path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if "\0" in key or not _storable(key):
                _refuse(path)
            _look_through(item, (*path, key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _look_through(item, (*path, index), depth + 1)
    elif isinstance(value, int) and abs(value) >= 2**63:
        _refuse(path, "too-large", "This number is too large.")


def _storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(
    path: tuple[str | int, ...],
    code: str = "not-a-text",
    detail: str = "This text holds characters that cannot be stored.",
) -> None:
    raise InvalidInput(faults=(Fault(code=code, detail=detail, pointer=pointer(path)),))
