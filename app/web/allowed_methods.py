"""The methods of a path: those of every route whose path fits it best."""

import re
from functools import cache

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


def allowed_methods(app: FastAPI, path: str) -> str:
    """The value of `Allow` for `path` (RFC 9110, 10.2.1).

    The first path that fits is the best one, as it is for routing: `/v1/tickets/bulk` stands
    before `/v1/tickets/{ticket}`, and does not take what only a ticket takes."""
    found: dict[str, set[str]] = {}
    for route in iter_route_contexts(app.routes):
        if route.path and route.methods and _template(route.path).match(path):
            methods = found.setdefault(route.path, set())
            methods |= route.methods
            if getattr(route.original_route, "takes_head", False):
                methods.add("HEAD")
    return ", ".join(sorted(next(iter(found.values()), ())))


@cache
def _template(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
