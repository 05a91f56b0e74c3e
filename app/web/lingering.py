"""Lingering close: when a body is refused while it is still arriving, make sure the answer is read.

A server that closes while its client still sends makes the client's system throw the answer away:
people would see "connection reset" instead of "the file is too large"."""

import asyncio
import contextlib

from fastapi import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_SECONDS = 3.0


class Arriving:
    """The body of a request on its way in: whether it has begun, and whether it has ended."""

    def __init__(self, request: Request) -> None:
        self._receive = request.receive
        self._waits = request.headers.get("expect", "").lower() == "100-continue"
        self.ended = False

    async def receive(self) -> Message:
        """The server's next message, remembered."""
        message = await self._receive()
        self._waits = False
        self.ended = not message.get("more_body", False)
        return message

    @property
    def may_come(self) -> bool:
        """Whether more is on its way. A client that waits for 100 Continue has sent nothing."""
        return not self.ended and not self._waits


class Lingering(Response):
    """An answer that is sent at once, after which the rest of the body is read for a while and
    dropped."""

    def __init__(self, answer: Response, arriving: Arriving) -> None:
        self.status_code = answer.status_code
        self.body = answer.body
        self.background = None
        self.raw_headers = [*answer.raw_headers, (b"connection", b"close")]
        self._arriving = arriving

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the answer whole, then read, then end it."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                while self._arriving.may_come:
                    await self._arriving.receive()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
