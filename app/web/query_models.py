"""Query parameters that are declared as one model, validated in one step.

The framework inspects the annotation of each field at each request; with the 26 fields of the list
of tickets that takes longer than the list itself. Here it is done once, when the route is made. The
document is still written from the model, as it is declared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel


def with_query_readers(dependant: Dependant) -> Dependant:
    """`dependant` with a `Reader` for each query parameter that is a model, as a dependency in
    place of the parameter."""
    readers, rest = [], []
    for field in dependant.query_params:
        model: Any = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            reader = Reader(field.validate, _lists(model))
            readers.append(Dependant(name=field.name, call=reader, request_param_name="request"))
        else:
            rest.append(field)
    return replace(dependant, query_params=rest, dependencies=[*dependant.dependencies, *readers])


def _lists(model: type[BaseModel]) -> frozenset[str]:
    """The parameters that may be repeated."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a model from the query of a request; raises `RequestValidationError` as the framework
    does. `validate` is the framework's own validation of the parameter."""

    validate: Callable[..., tuple[Any, Sequence[Any]]]
    lists: frozenset[str]

    async def __call__(self, request: Request) -> Any:
        sent: dict[str, Any] = {}
        for name, value in request.query_params.multi_items():
            if name in self.lists:
                sent.setdefault(name, []).append(value)
            else:
                sent[name] = value
        read, errors = self.validate(sent, {}, loc=("query",))
        if errors:
            raise RequestValidationError(errors)
        return read
