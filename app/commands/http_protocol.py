"""uvicorn's HTTP protocol with admission control: the `Door` refuses requests or lets them wait.

A refusal is written where the request is parsed, without a task or middleware, so that a flood of
requests costs little.
"""

from functools import partial
from http import HTTPStatus
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.web.admission import Door, Fields
from app.web.problems import Overloaded

_STATUS = HTTPStatus(Overloaded.status)
_LINE = f"HTTP/1.1 {_STATUS.value} {_STATUS.phrase}\r\n".encode()


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *, door: Door | None, **more: Any) -> None:
        """`door` decides which requests are admitted; without one all are."""
        super().__init__(**more)
        self._door = door

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        refusal = self._refusal(cycle)
        if refusal is None:
            start = partial(super()._start_asgi_task, cycle, app)
            if self._door is None:
                start()
            else:
                self._door.let_in(cast("Scope", cycle.scope), start)
            return
        fields, body = refusal
        told = [b"%b: %b\r\n" % field for field in (*cycle.default_headers, *fields)]
        self.transport.write(b"".join((_LINE, *told, b"\r\n", body)))
        # Discard its body, if it has one, from now on.
        cycle.response_started = cycle.response_complete = True
        self.on_response_complete()

    def _refusal(self, cycle: RequestResponseCycle) -> tuple[Fields, bytes] | None:
        """The refusal of the door, if it can be written here: only for a request whose connection
        is kept alive, whose answer has a body, and which does not wait for `100 Continue`."""
        plain = (
            cycle.keep_alive
            and not cycle.waiting_for_100_continue
            and cycle.scope["method"] != "HEAD"
            and (b"connection", b"close") not in cycle.default_headers
            and not self.flow.write_paused
        )
        if self._door is None or not plain:
            return None
        return self._door.refusal_of_known(cast("Scope", cycle.scope))
