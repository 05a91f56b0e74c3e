"""Which methods an address takes: those of every route that fits it, not of the first alone."""

import re
from functools import cache

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path


def allowed_methods(app: FastAPI, path: str) -> str:
    """The value of `Allow` for `path` (RFC 9110, 10.2.1)."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path and route.methods and _template(route.path).match(path):
            found |= route.methods
    return ", ".join(sorted(found))


@cache
def _template(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]
