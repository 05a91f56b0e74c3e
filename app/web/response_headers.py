"""Headers of every response: against caching, content sniffing, framing and plain HTTP."""

from starlette.datastructures import MutableHeaders
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


class ResponseHeaders:
    """ASGI middleware. What a route has set itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        of_api = scope["path"].startswith(("/v1/", "/oauth2/"))
        fields = fields_of(scope.get("scheme"), of_api=of_api)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in fields.items():
                    headers.setdefault(name, value)
                if of_api:
                    headers.add_vary_header(VARY)
            await send(message)

        await self._app(scope, receive, answer)
