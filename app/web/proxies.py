"""Forwarded headers: what a trusted proxy says of the client's address and of https. They are
applied where requests are parsed, because requests that are refused there are answered by them
too."""

from contextlib import suppress
from typing import Any

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Proxies:
    """The trusted proxies: addresses or networks."""

    def __init__(self, trusted: list[str]) -> None:
        self._told = ProxyHeadersMiddleware(_go_no_further, trusted) if trusted else None

    def believe(self, scope: Scope) -> None:
        """Write into `scope` what it says. Done twice, nothing more comes of it."""
        if self._told is not None:
            asked: Any = scope
            with suppress(StopIteration):  # it waits for nothing, so one step is all of it
                self._told(asked, _go_no_further, _go_no_further).send(None)


async def _go_no_further(*_: Any) -> Any:
    """The application behind the library's middleware."""
