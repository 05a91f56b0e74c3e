"""At the door: a request of a tenant of whom too many wait already is sent away before its body is
read, its route is looked for, or anybody asks who it is. A flood must cost as little as it can: a
refusal is put together once for each language, and the log tells of many in one line.
"""

import time
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kernel import locale
from app.kernel.logging import logger
from app.web.correlation import request_id_of
from app.web.fair_shares import RETRY_SOON, FairShares, Tenants
from app.web.metrics import Metrics
from app.web.problem_json import MEDIA_TYPE, respond
from app.web.problems import Overloaded
from app.web.response_headers import VARY, fields_of

#: What is larger is refused where bodies are read, as it would go on arriving (`lingering.py`).
_SMALL = 64 * 1024
_SHARED = ("/v1/", "/oauth2/")
_TOLD_EVERY = 1.0
_ID = "{request_id}"
log = logger("web")


class Admission:
    """ASGI middleware, outside of all that costs something."""

    def __init__(
        self, app: ASGIApp, *, shares: FairShares, tenants: Tenants, metrics: Metrics
    ) -> None:
        self._app = app
        self._shares = shares
        self._tenants = tenants
        self._metrics = metrics
        self._untold, self._told_at = 0, 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._shares.somebody_waits and scope["type"] == "http" and self._sends_away(scope):
            await self._refuse(scope, send)
        else:
            await self._app(scope, receive, send)

    def _sends_away(self, scope: Scope) -> bool:
        request = Request(scope)
        return (
            scope["path"].startswith(_SHARED)
            and not self._shares.admits(self._tenants.of(request))
            and _is_small(request.headers)
            # To a page of another origin the answer must say that it may be read.
            and "origin" not in request.headers
        )

    async def _refuse(self, scope: Scope, send: Send) -> None:
        headers = Headers(scope=scope)
        request_id = request_id_of(headers).encode()
        kind, before, after = _refusal(headers.get("accept-language", ""))
        body = before + request_id + after
        fields = [
            *kind,
            *_fields(scope.get("scheme", "http")),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", request_id),
        ]
        self._tell(scope["method"])
        await send({"type": "http.response.start", "status": Overloaded.status, "headers": fields})
        await send({"type": "http.response.body", "body": body})

    def _tell(self, method: str) -> None:
        self._metrics.observe(method, "refused", Overloaded.status, 0)
        self._untold += 1
        now = time.monotonic()
        if now - self._told_at >= _TOLD_EVERY:
            log.warning("requests_refused", requests=self._untold)
            self._untold, self._told_at = 0, now


def _is_small(headers: Headers) -> bool:
    said = headers.get("content-length", "0")
    is_number = said.isdecimal() and len(said) < 7
    return "transfer-encoding" not in headers and is_number and int(said) <= _SMALL


@lru_cache(maxsize=256)
def _refusal(accept_language: str) -> tuple[list[tuple[bytes, bytes]], bytes, bytes]:
    """The fields of a refusal, and its body before and after the request's id."""
    language = locale.negotiate(accept_language) or locale.FALLBACK
    state = {"language": language, "request_id": _ID}
    answer = respond(
        Request({"type": "http", "headers": [], "state": state}), Overloaded(headers=RETRY_SOON)
    )
    before, _, after = bytes(answer.body).partition(_ID.encode())
    told = {"content-type": MEDIA_TYPE, "content-language": language, **RETRY_SOON}
    return Headers(told).raw, before, after


@lru_cache
def _fields(scheme: str) -> list[tuple[bytes, bytes]]:
    return Headers({**fields_of(scheme, of_api=True), "Vary": VARY}).raw
