"""uvicorn's way to read requests, which lets nobody in whom the door sends away, and the others in
their turn.

A flood is answered where it is read: no task, no middleware, one write.
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
        """`door` is asked who is let in; without one everybody is."""
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
        # Of its body, if it has any, nothing is kept from now on.
        cycle.response_started = cycle.response_complete = True
        self.on_response_complete()

    def _refusal(self, cycle: RequestResponseCycle) -> tuple[Fields, bytes] | None:
        """What the door says, where the answer is a body over a connection that is kept, and
        nothing is to be asked before it."""
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
