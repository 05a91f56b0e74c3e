"""Strict JSON: no duplicate names, no NaN, no NUL, not nested too deeply."""

import json
from typing import Any

from starlette.requests import Request

from app.kernel.problems import Fault
from app.web.problem_json import pointer
from app.web.problems import InvalidInput, MalformedBody

_DEEPEST = 32
_BEYOND = 2**63


class StrictRequest(Request):
    """A request whose JSON was read by `read_json`; the framework asks for it by `json()`."""

    parsed: Any = None
    #: The body, where the route class has read it already.
    whole: bytes | None = None

    async def json(self) -> Any:
        return self.parsed

    async def body(self) -> bytes:
        return await super().body() if self.whole is None else self.whole


def read_json(body: bytes) -> Any:
    """The value in `body`. Raises `MalformedBody` (400), and `InvalidInput` (422) for what cannot
    be stored: NUL, half of a surrogate pair, a number out of range."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedBody(reason="It is not UTF-8.") from error
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise MalformedBody(reason="It is nested too deeply.") from error
    except ValueError as error:  # no JSON at all, or an integer of thousands of digits
        raise MalformedBody(reason="The JSON cannot be read.") from error
    _look_through(value, (), 0)
    return value


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
    if isinstance(value, dict):
        if not all(map(_storable, value)):
            _refuse(path)
        for key, item in value.items():
            _look_through(item, (*path, key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _look_through(item, (*path, index), depth + 1)
    else:
        _look_at(value, path)


def _look_at(value: Any, path: tuple[str | int, ...]) -> None:
    if isinstance(value, str):
        if not _storable(value):
            _refuse(path)
    elif isinstance(value, int | float) and not abs(value) < _BEYOND:
        _refuse(path, "too-large", "This number is too large.")


def _storable(text: str) -> bool:
    if "\0" in text:
        return False
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
