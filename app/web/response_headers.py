"""Headers of every response: against caching, content sniffing, framing and plain HTTP."""

from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_OF_API = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
VARY = "Accept-Language, Authorization, Cookie"
_HSTS = "max-age=31536000; includeSubDomains"


def fields_of(scheme: str | None, *, of_api: bool) -> dict[str, str]:
    """The headers of a response, unless its route sets them itself."""
    fields = _ALWAYS | (_OF_API if of_api else {})
    if scheme == "https":
        fields["Strict-Transport-Security"] = _HSTS
    return fields


@cache
def _raw(scheme: str | None, *, of_api: bool) -> list[tuple[bytes, bytes]]:
    return Headers(fields_of(scheme, of_api=of_api)).raw


class ResponseHeaders:
    """ASGI middleware. What a route has set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        of_api = scope["path"].startswith(("/v1/", "/oauth2/"))
        fields = _raw(scope.get("scheme"), of_api=of_api)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message["headers"]
                named = {name for name, _ in own}
                message["headers"] = [*own, *(each for each in fields if each[0] not in named)]
                if of_api:
                    MutableHeaders(scope=message).add_vary_header(VARY)
            await send(message)

        await self._app(scope, receive, answer)
