"""A limit on how fast one caller may send requests: GCRA, counted in this process.

In memory rather than in the database, because it protects the database too; with several API
processes each allows its share. Guesses at passwords are counted apart, in the database
(`app/domain/sign_in/guesses.py`). Header fields as in the IETF draft ratelimit-headers.

A caller is known by token or cookie, but only once it was accepted; until then he shares the limit
of his network. Otherwise a new token for each request would have no limit. Public routes accept no
token."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.sign_in.guesses import network_of
from app.kernel.secrets import fingerprint
from app.web import language
from app.web.credentials import shown_in
from app.web.problem_json import respond
from app.web.problems import TooManyRequests

_WINDOW = 60.0
_MOST_CALLERS = 100_000
_UNAUTHENTICATED, _FAULT = 401, 500
_LIMITED = ("/v1/", "/oauth2/", "/.well-known/")


class RateLimit:
    """ASGI middleware for `/v1`, `/oauth2` and their metadata."""

    def __init__(
        self, app: ASGIApp, per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._quota = per_minute
        self._step = _WINDOW / per_minute
        self._clock = clock
        self._arrivals: dict[bytes, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        secret, network = _caller(scope)
        known = secret is not None and secret in self._arrivals
        left, reset, wait = self._take(secret if known and secret else network)
        fields = {
            "RateLimit-Policy": f'"requests";q={self._quota};w={int(_WINDOW)}',
            "RateLimit": f'"requests";r={left};t={reset}',
        }
        if wait:
            request = Request(scope)
            language.settle(request)
            problem = TooManyRequests(headers={**fields, "Retry-After": str(wait)})
            await respond(request, problem)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(fields)
                self._learn(secret, message["status"], scope.get("state", {}))
            await send(message)

        await self._app(scope, receive, answer)

    def _learn(self, secret: bytes | None, status: int, found: Mapping[str, Any]) -> None:
        """A caller whose credential was accepted has a limit of his own from now on."""
        if secret is None or status >= _FAULT:  # of which nobody knows whether it would have
            return
        if status == _UNAUTHENTICATED:
            self._arrivals.pop(secret, None)
        elif found.get("actor") or found.get("proven_app"):
            self._arrivals.setdefault(secret, self._clock())

    def _take(self, caller: bytes) -> tuple[int, int, int]:
        """How many are left, seconds until all are again, and seconds to wait (0: go on)."""
        now = self._clock()
        arrival = max(self._arrivals.get(caller, 0.0), now)
        if arrival - now > _WINDOW - self._step:
            return 0, math.ceil(arrival - now), math.ceil(arrival - now - _WINDOW + self._step)
        arrival += self._step
        if len(self._arrivals) >= _MOST_CALLERS:
            self._arrivals = {key: at for key, at in self._arrivals.items() if at > now}
        self._arrivals[caller] = arrival
        return int((_WINDOW - (arrival - now)) / self._step), math.ceil(arrival - now), 0


def _caller(scope: Scope) -> tuple[bytes | None, bytes]:
    """The secret a caller shows, if any, and the network he calls from."""
    secret = shown_in(Headers(scope=scope))
    client = scope.get("client")
    network = network_of(client[0] if client else None).encode()
    return fingerprint(secret) if secret else None, network
