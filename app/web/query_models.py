"""Query parameters as one model, read in one go.

The framework asks of each field at each request what its annotation is; with the 26 of a list of
tickets that takes longer than the list. Here that is found out once. The document is still written
from the model, as it is declared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel


def read_in_one_go(dependant: Dependant) -> Dependant:
    """`dependant` with a reader of ours for each query parameter that is a model, in place of the
    framework's; unchanged where there is none."""
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
    """The parameters that may be said several times."""
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a model from a request's query; raises `RequestValidationError` as the framework.
    `validate` is the framework's own, of the parameter."""

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
