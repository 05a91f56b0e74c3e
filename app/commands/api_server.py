"""uvicorn as we run it: with a frozen heap after startup, and a shutdown that fails no request.

uvicorn's own shutdown closes the port at once, although the kernel still has connections queued,
drops connections whose request it has not read yet, and notifies the application only at the end.
"""

import asyncio
import gc
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from app.commands.http_protocol import HttpProtocol
from app.commands.listening import Listener
from app.database.session import Database
from app.database.tenancy import ByToken
from app.kernel import clock

_SECONDS_TO_CONNECT = 5
_SECONDS_FOR_OPEN_REQUESTS = 10
#: Longer than proxies keep idle connections (nginx 60 s, Caddy 120 s): whoever closes first must
#: not be the one who is just being written to.
_SECONDS_IDLE = 130
#: For how long somebody who is connected may begin to speak, once the port is closed.
_SECONDS_TO_BEGIN = 1.0
_LOOKS_AGAIN = 0.02
#: Objects made before the collector looks at them, and how often it looks further back. Python's
#: own 700 are reached some times in each request.
_COLLECTED_AFTER = (10_000, 20, 20)


class ApiServer(uvicorn.Server):
    """Serves an application on sockets until `stop` is called; it installs no signal handlers."""

    def __init__(self, app: FastAPI, *, grace: float, on_ready: Callable[[], None]) -> None:
        """`grace`: for how many seconds requests are still accepted after `stop` was called."""
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                ws="none",
                proxy_headers=False,  # which proxies to believe is the application's to know
                server_header=False,
                timeout_graceful_shutdown=_SECONDS_FOR_OPEN_REQUESTS,
                timeout_keep_alive=_SECONDS_IDLE,
                lifespan="on",
                reset_contextvars=True,  # the task of another request may start this one
            )
        )
        self._app = app
        self._listeners: list[Listener] = []
        self._told = False
        self._grace = grace
        self._on_ready = on_ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no signal handlers: the caller handles signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and call `on_ready`."""
        await self.open_ports(sockets or [])
        # What is loaded by now is never freed: the collector may skip it, for shorter pauses.
        gc.freeze()
        gc.set_threshold(*_COLLECTED_AFTER)
        gc.enable()
        self._on_ready()

    async def open_ports(self, bound: list[socket.socket]) -> None:
        """Start the application and listen at the sockets."""
        await super().startup([])  # none of uvicorn's own
        await self._connect()
        self._listeners = [Listener(each, self._protocol) for each in bound]
        for listener in self._listeners:
            listener.listen(self.config.backlog)

    async def _connect(self) -> None:
        """Open the connections of the pool before the first request: to open one and to use it for
        the first time takes longer than most requests. Where the database does not answer, the
        server starts nevertheless, so that `/readyz` can report it."""
        database: Database | None = getattr(self._app.state, "database", None)
        if database is None:  # the application did not start
            return
        stranger = ByToken("access", b"", clock.now())
        with suppress(TimeoutError, OSError, SQLAlchemyError):
            async with asyncio.timeout(_SECONDS_TO_CONNECT):
                await database.connect(stranger)

    def stop(self) -> None:
        """Stop after the grace period and the open requests; a second call stops at once.

        From now on `/readyz` reports it, requests that wait for news are answered, and every answer
        closes its connection (`Connection: close`)."""
        if self._told:
            self.force_exit = self.should_exit = True
            return
        self._told = self._app.state.stopping = True
        leave = (b"connection", b"close")
        self.config.encoded_headers.append(leave)
        self.server_state.default_headers = [*self.server_state.default_headers, leave]
        asyncio.get_running_loop().call_later(self._grace, self._end)

    def _end(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, hear out whoever came through it, answer what is open."""
        for listener in self._listeners:
            await listener.close()
        limit = time.monotonic() + _SECONDS_TO_BEGIN
        while self._hears_somebody_out(limit):  # noqa: ASYNC110 - nothing tells that it is over
            await asyncio.sleep(_LOOKS_AGAIN)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        return HttpProtocol(
            door=getattr(self._app.state, "door", None),
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )

    def _hears_somebody_out(self, limit: float) -> bool:
        if self.force_exit or time.monotonic() > limit:
            return False
        return any(
            getattr(connection, "cycle", None) is None
            for connection in self.server_state.connections
        )
