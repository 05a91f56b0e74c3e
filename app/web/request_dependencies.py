"""Dependencies of a route that need nothing but the request: called directly, not solved.

The framework's solver looks at path, query, headers and cookies for each dependency, which costs
more than many of them do. The session, the caller and query models need only the request, so they
are called with it once everything else is there. The document, and the checks of routes, still see
them as dependencies.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant

from app.web.query_models import Reader

FromRequest = Callable[[Request], Awaitable[Any]]


def called_directly(dependant: Dependant, callables: frozenset[FromRequest]) -> Dependant:
    """`dependant` without the dependencies on `callables` and on query models; its endpoint is
    wrapped in one that calls them with the request and passes their results on."""
    call = dependant.call
    direct: dict[str, Any] = {
        needed.name: needed.call
        for needed in dependant.dependencies
        if needed.name and (needed.call in callables or isinstance(needed.call, Reader))
    }
    if not direct or call is None or not iscoroutinefunction(call):
        return dependant
    asks_for_request = dependant.request_param_name is not None
    name = dependant.request_param_name or "_request"

    @wraps(call)
    async def endpoint(**values: Any) -> Any:
        request: Request = values[name] if asks_for_request else values.pop(name)
        for parameter, resolve in direct.items():
            values[parameter] = await resolve(request)
        return await call(**values)

    rest = [needed for needed in dependant.dependencies if needed.name not in direct]
    return replace(dependant, call=endpoint, dependencies=rest, request_param_name=name)
