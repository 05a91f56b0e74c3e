"""What a route's signature asks for and needs nothing for but the request itself.

For each dependency the framework looks anew at path, query, headers and cookies. The unit of work's
session, whoever calls and a query model need none of that: they are asked for when everything else
is found. The document and the checks of the routes still see them as they are declared.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant

from app.web.query_models import Reader

Finder = Callable[[Request], Awaitable[Any]]


def handed_over(dependant: Dependant, finders: frozenset[Finder]) -> Dependant:
    """The same input, where these dependencies and query models are asked for by the way."""
    call = dependant.call
    asked: dict[str, Any] = {
        needed.name: needed.call
        for needed in dependant.dependencies
        if needed.name and (needed.call in finders or isinstance(needed.call, Reader))
    }
    if not asked or call is None or not iscoroutinefunction(call):
        return dependant
    asks_for_request = dependant.request_param_name is not None
    name = dependant.request_param_name or "_request"

    @wraps(call)
    async def endpoint(**values: Any) -> Any:
        request: Request = values[name] if asks_for_request else values.pop(name)
        for parameter, find in asked.items():
            values[parameter] = await find(request)
        return await call(**values)

    rest = [needed for needed in dependant.dependencies if needed.name not in asked]
    return replace(dependant, call=endpoint, dependencies=rest, request_param_name=name)
