"""At the door: a request of a tenant of whom too many wait already is sent away before its body is
read, its route is looked for, or anybody asks who it is. A flood must cost as little as it can: a
refusal is put together once for each language, and the log tells of many in one line.

Whose token is known by now is sent away even earlier, where requests are read
(`commands/http_protocol.py`): two thirds of what a refusal costs are a task and its middleware.
"""

import time
from collections.abc import Callable
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.kernel import locale
from app.kernel.logging import logger
from app.web.correlation import request_id_of
from app.web.doorstep import Doorstep
from app.web.fair_shares import RETRY_SOON, FairShares, Tenants
from app.web.metrics import Metrics
from app.web.problem_json import MEDIA_TYPE, respond
from app.web.problems import Overloaded
from app.web.proxies import Proxies
from app.web.response_headers import VARY, fields_of

#: What is larger is refused where bodies are read, as it would go on arriving (`lingering.py`).
_SMALL = 64 * 1024
_SHARED = ("/v1/", "/oauth2/")
_TOLD_EVERY = 1.0
_ID = "{request_id}"
Fields = list[tuple[bytes, bytes]]
log = logger("web")


class Door:
    """Which requests are refused, and the answer they get."""

    def __init__(
        self, shares: FairShares, tenants: Tenants, metrics: Metrics, proxies: Proxies
    ) -> None:
        self._shares = shares
        self._tenants = tenants
        self._proxies = proxies
        self._doorstep = Doorstep()
        self._metrics = metrics
        self._untold, self._told_at = 0, 0.0

    def refusal(self, scope: Scope) -> tuple[Fields, bytes] | None:
        """Header fields and body of a refusal, for the caller's tenant or else the network; None
        when the request is admitted."""
        if not self._turns_to(scope):
            return None
        request = Request(scope)
        return self._answer(scope, self._tenants.of(request), dict(scope["headers"]))

    def refusal_of_known(self, scope: Scope) -> tuple[Fields, bytes] | None:
        """The same for a caller whose token was accepted before, without asking anything else; for
        all others None."""
        if not self._turns_to(scope):
            return None
        self._proxies.believe(scope)
        tenant = self._tenants.known(Headers(scope=scope))
        return self._answer(scope, tenant, dict(scope["headers"])) if tenant else None

    def let_in(self, scope: Scope, start: Callable[[], None]) -> None:
        """Start a request that has been read: at once when the caller's token was accepted before,
        else in turn."""
        if self._tenants.known(Headers(scope=scope)):
            start()
        else:
            self._doorstep.come(start)

    def _turns_to(self, scope: Scope) -> bool:
        return (
            self._shares.somebody_waits
            and scope["type"] == "http"
            and scope["path"].startswith(_SHARED)
        )

    def _answer(
        self, scope: Scope, tenant: str, headers: dict[bytes, bytes]
    ) -> tuple[Fields, bytes] | None:
        if (
            self._shares.admits(tenant)
            or not _is_small(headers)
            # To a page of another origin the answer must say that it may be read.
            or b"origin" in headers
        ):
            return None
        self._tell(scope["method"])
        request_id = request_id_of(headers.get(b"x-request-id", b"").decode("latin-1")).encode()
        kind, before, after = _refusal(headers.get(b"accept-language", b""))
        body = before + request_id + after
        length = (b"content-length", str(len(body)).encode())
        always = _fields(scope.get("scheme", "http"))
        return [*kind, *always, length, (b"x-request-id", request_id)], body

    def _tell(self, method: str) -> None:
        self._metrics.observe(method, "refused", Overloaded.status, 0)
        self._untold += 1
        now = time.monotonic()
        if now - self._told_at >= _TOLD_EVERY:
            log.warning("requests_refused", requests=self._untold)
            self._untold, self._told_at = 0, now


class Admission:
    """ASGI middleware, outside everything that costs something."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._door.refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        fields, body = refusal
        status = Overloaded.status
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})


def _is_small(headers: dict[bytes, bytes]) -> bool:
    said = headers.get(b"content-length", b"0")
    is_number = said.isdigit() and len(said) < 7
    return b"transfer-encoding" not in headers and is_number and int(said) <= _SMALL


@lru_cache(maxsize=256)
def _refusal(accept_language: bytes) -> tuple[Fields, bytes, bytes]:
    """The header fields of a refusal, and its body before and after the request's id."""
    language = locale.negotiate(accept_language.decode("latin-1")) or locale.FALLBACK
    state = {"language": language, "request_id": _ID}
    answer = respond(
        Request({"type": "http", "headers": [], "state": state}), Overloaded(headers=RETRY_SOON)
    )
    before, _, after = bytes(answer.body).partition(_ID.encode())
    told = {"content-type": MEDIA_TYPE, "content-language": language, **RETRY_SOON}
    return Headers(told).raw, before, after


@lru_cache
def _fields(scheme: str) -> Fields:
    return Headers({**fields_of(scheme, of_api=True), "Vary": VARY}).raw
