"""What a route's signature asks for and the route class has at hand already.

The framework finds the unit of work's session and whoever calls anew for each, as it would any
dependency, with a look at path, query, headers and cookies. Here they are handed over. The document
and the checks of the routes still see them as they are declared.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant


def handed_over(dependant: Dependant, at_hand: Mapping[Any, str]) -> Dependant:
    """The same input, without the dependencies of `at_hand`: by function, under which name the
    request's state has what it would answer."""
    named = {
        needed.name: at_hand[needed.call]
        for needed in dependant.dependencies
        if needed.name and needed.call in at_hand
    }
    call = dependant.call
    if not named or call is None or not iscoroutinefunction(call):
        return dependant
    asks_for_request = dependant.request_param_name is not None
    name = dependant.request_param_name or "_request"

    @wraps(call)
    async def endpoint(**values: Any) -> Any:
        request: Request = values[name] if asks_for_request else values.pop(name)
        for parameter, place in named.items():
            values[parameter] = getattr(request.state, place)
        return await call(**values)

    rest = [needed for needed in dependant.dependencies if needed.name not in named]
    return replace(dependant, call=endpoint, dependencies=rest, request_param_name=name)
