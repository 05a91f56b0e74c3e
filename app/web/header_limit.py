"""A bound on header fields, which the HTTP server itself does not set (431, RFC 6585)."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web import language
from app.web.problem_json import respond
from app.web.problems import HeadersTooLarge

LONGEST_FIELD = 8 * 1024
_LARGEST_SECTION = 32 * 1024


class HeaderLimit:
    """ASGI middleware: no field beyond `LONGEST_FIELD` bytes, and 32 KiB together."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 431 in place of the application where the fields are too large."""
        if scope["type"] != "http" or not _too_large(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        language.settle(request)
        await respond(request, HeadersTooLarge())(scope, receive, send)


def _too_large(scope: Scope) -> bool:
    sizes = [len(value) for _, value in scope["headers"]]
    return sum(sizes) > _LARGEST_SECTION or max(sizes, default=0) > LONGEST_FIELD
