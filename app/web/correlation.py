"""Every request has an id, is counted and timed, and leaves one line in the log.

`X-Request-Id` is echoed where it is harmless, else made; `traceparent` (W3C) is taken over into
the log. The line holds the route's template, never a path: paths may carry secrets.
"""

import re
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.ids import new_id
from app.kernel.logging import logger
from app.web.metrics import Metrics

_HARMLESS = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
log = logger("web")


def request_id_of(sent_id: str) -> str:
    """The id that a request brings, where it is harmless; else a new one."""
    return sent_id if _HARMLESS.match(sent_id) else str(new_id())


class Correlation:
    """ASGI middleware, outermost for every request that is admitted."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(headers.get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = request_id
        trace = _TRACEPARENT.match(headers.get("traceparent", ""))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(
            request_id=request_id, **({"trace_id": trace[1]} if trace else {})
        )
        status = 500
        begun = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with self._metrics.in_progress():
            try:
                await self._app(scope, receive, answer)
            finally:
                seconds = time.perf_counter() - begun
                route = getattr(scope.get("route"), "path", "unrouted")
                self._metrics.observe(scope["method"], route, status, seconds)
                log.info(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                    problem=scope["state"].get("problem_code"),
                )
