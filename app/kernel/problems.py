"""Problems, as the whole application raises them: a code, a status and named values.

Each room declares its own in its `problems.py`. The English sentence stands beside the code so that
a reader of the code sees what people will read; translating and rendering (RFC 9457) happens only
in `app/web/problem_json.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (a JSON pointer or a parameter), a code, a sentence."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def not_a_choice(pointer: str) -> Fault:
    """A value that is none of those the caller may choose from."""
    return Fault("not-a-choice", "Choose from the values allowed.", pointer)


class Problem(Exception):
    """A refusal that reaches a person. Subclasses set `code`, `status`, `title` and `detail`.

    `title` and `detail` are English sentences and message ids of the catalogues in `app/locales`;
    `detail` may name values in braces. A class with `keeps_writes` commits what was written
    before the refusal (a guess that must be counted) and is still answered as a problem.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    detail: ClassVar[str] = ""
    keeps_writes: ClassVar[bool] = False

    def __init__(
        self,
        *,
        faults: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(self.code)
        self.faults = faults
        self.headers = dict(headers or {})
        self.values = values

    @classmethod
    def at(cls, pointer: str, sentence: str | None = None) -> Self:
        """The refusal of one place, `pointer`; its fault says `sentence`, the `detail` unless
        given."""
        return cls(faults=(Fault(cls.code, sentence or cls.detail, pointer),))


class NotFound(Problem):
    """Base of every "there is no such thing, or not for you": both answer alike (404)."""

    code = "not-found"
    status = 404
    title = "There is nothing here"
    detail = "Either it does not exist or you may not see it."


class Invalid(Problem):
    """Input that was understood and cannot be accepted (422); `faults` say where and why."""

    code = "invalid"
    status = 422
    title = "Something in the request is not right"
    detail = "See errors for each place and what to do about it."


class Forbidden(Problem):
    """You may see it, but you may not do this (403)."""

    code = "forbidden"
    status = 403
    title = "You may not do this"
    detail = "Your role, or the key or app you act through, lacks the permission {permission}."


class Unavailable(Problem):
    """Something this request needs is out of reach for a moment (503)."""

    code = "unavailable"
    status = 503
    title = "A part of the service is out of reach"
    detail = "Nothing was changed. Try again in a moment."


class ProtocolRefusal(Problem):
    """A refusal to a program that a protocol words itself (RFC 6749, 5.2): `error` is its code, and
    the description English, as the RFC has it. It is no problem of the catalogue."""

    code = "protocol-refusal"
    status = 400
    title = "The request was refused"
    error: ClassVar[str]

    def __init__(self, description: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(headers=headers)
        self.description = description


def catalogue() -> list[type[Problem]]:
    """Every problem class the loaded program knows, by code: the source of `problems.md`."""
    found: list[type[Problem]] = []
    waiting = list(Problem.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if "code" in kind.__dict__ and kind is not ProtocolRefusal:
            found.append(kind)
    return sorted(found, key=lambda kind: kind.code)
