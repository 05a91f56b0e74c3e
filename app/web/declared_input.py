"""The input that a route declares, and the refusal of anything else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.kernel.problems import Fault
from app.web.problem_json import SENTENCES
from app.web.problems import InvalidInput, RouteNotFound, UnsupportedMediaType

_UNKNOWN = SENTENCES["extra_forbidden"]


@dataclass(frozen=True, slots=True)
class DeclaredInput:
    """The query parameters a route declares, and whether it takes a JSON body."""

    parameters: frozenset[str]
    body: bool

    def refuse_undeclared(self, request: Request) -> None:
        """Raise for a parameter nobody declared, text that cannot be stored, another media type."""
        code, sentence = _UNKNOWN
        faults = [
            Fault(code=code, detail=sentence, parameter=name)
            for name in request.query_params
            if name not in self.parameters
        ]
        if not faults:
            code, sentence = SENTENCES["string_unicode"]
            faults = [
                Fault(code=code, detail=sentence, parameter=name)
                for name, value in request.query_params.multi_items()
                if "\0" in value
            ]
        if any("\0" in str(value) for value in request.path_params.values()):
            raise RouteNotFound
        if faults:
            raise InvalidInput(faults=tuple(faults))
        if self.body:
            sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if sent != "application/json" and (sent or _has_body(request)):
                raise UnsupportedMediaType(expected="application/json")


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in request.headers
    )


def of(route: APIRoute) -> DeclaredInput:
    """What the route's signature declares."""
    names: set[str] = set()
    for dependant in _with_dependencies(route.dependant):
        for field in dependant.query_params:
            kind: Any = field.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                names.update(item.alias or name for name, item in kind.model_fields.items())
            else:
                names.add(field.alias)
    return DeclaredInput(frozenset(names), route.body_field is not None)


def _with_dependencies(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _with_dependencies(inner)
