"""Unexpected exceptions: answered as a problem (500) like every refusal, and logged.

Innermost of the middleware, so that the others add their headers to this answer too: without those
of CORS a browser would not show it to the frontend.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.logging import logger
from app.web.problem_json import respond
from app.web.problems import InternalError

log = logger("web")


class InternalErrors:
    """ASGI middleware: answers what nobody has caught with a problem of its own (500)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            log.exception("unforeseen")
            if begun:  # too late for another answer: the server breaks this one off
                raise
            await respond(Request(scope), InternalError())(scope, receive, send)
