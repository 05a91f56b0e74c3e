"""What a proxy tells of a request, who calls and whether by https, is believed of those who are
trusted: already where requests are read, as whoever is sent away there is answered by it, too."""

from contextlib import suppress
from typing import Any

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class Proxies:
    """The proxies that are trusted: addresses or networks."""

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
