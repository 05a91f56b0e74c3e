"""The virus scanner: clamd, spoken to by its INSTREAM command. Optional.

Without `SKRANKE_SCANNER_URL` there is none, and files stay `unscanned`. Only the worker scans.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from enum import Enum
from typing import Protocol
from urllib.parse import unquote, urlsplit

#: A scan may take long (archives are opened there), a silent scanner not.
_CONNECT_SECONDS = 5
_SCAN_SECONDS = 600
_PIECE_BYTES = 256 * 1024


class Verdict(Enum):
    """The verdict on a file. `TOO_LARGE`: the scanner does not scan files of that size."""

    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "too_large"


class ScannerUnavailable(Exception):
    """The scanner is out of reach or cannot work; ask again later."""


class ScannerMisconfigured(Exception):
    """`SKRANKE_SCANNER_URL` cannot be used; the text is one sentence for the operator."""


class Scanner(Protocol):
    """A virus scanner, as far as the application uses one."""

    async def scan(self, stream: AsyncIterator[bytes]) -> Verdict:
        """Look at the whole of `stream`. Raises `ScannerUnavailable`; its own errors pass."""


class Clamd:
    """`Scanner` by a clamd that listens on a TCP port or a local socket (clamd(8), INSTREAM)."""

    def __init__(self, *, host: str = "", port: int = 0, path: str = "") -> None:
        self._host, self._port, self._path = host, port, path

    async def scan(self, stream: AsyncIterator[bytes]) -> Verdict:
        """See `Scanner.scan`."""
        try:
            connection = await asyncio.to_thread(self._connect)
        except OSError as error:
            raise ScannerUnavailable("the scanner does not answer") from error
        with connection:
            try:
                async with asyncio.timeout(_SCAN_SECONDS):
                    await _send(stream, connection)
                    answer = await _received(connection)
            except TimeoutError as error:
                raise ScannerUnavailable("the scanner takes too long") from error
        return _verdict(answer)

    def _connect(self) -> socket.socket:
        if not self._path:
            connection = socket.create_connection((self._host, self._port), _CONNECT_SECONDS)
        else:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.settimeout(_CONNECT_SECONDS)
                connection.connect(self._path)
            except OSError:
                connection.close()
                raise
        connection.settimeout(0)
        return connection


async def _send(stream: AsyncIterator[bytes], connection: socket.socket) -> None:
    """Send all of `stream`. Over its size limit clamd answers and hangs up: then the answer tells.

    Plain sockets, as asyncio's streams forget what was received once a write has failed."""
    listening = await _accepted(connection, b"zINSTREAM\0")
    async for piece in stream:
        for start in range(0, len(piece), _PIECE_BYTES):
            part = piece[start : start + _PIECE_BYTES]
            listening = await _accepted(connection, struct.pack("!I", len(part)) + part)
            if not listening:
                return
    if listening:
        await _accepted(connection, struct.pack("!I", 0))


async def _accepted(connection: socket.socket, data: bytes) -> bool:
    try:
        await asyncio.get_running_loop().sock_sendall(connection, data)
    except ConnectionError:
        return False
    return True


async def _received(connection: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionError):
        while part := await asyncio.get_running_loop().sock_recv(connection, 4096):
            answer += part
    return answer


def _verdict(answer: bytes) -> Verdict:
    text = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if text == "stream: OK":
        return Verdict.CLEAN
    if text.endswith(" FOUND"):
        return Verdict.INFECTED
    if "size limit exceeded" in text:
        return Verdict.TOO_LARGE
    raise ScannerUnavailable(f"the scanner says: {text[:200] or 'nothing'}")


def open_scanner(url: str) -> Scanner:
    """The scanner at `tcp://host:port` or `unix:///path/to/clamd.ctl`.

    Raises `ScannerMisconfigured`; whether somebody listens there shows at the first scan."""
    parts = urlsplit(url)
    with contextlib.suppress(ValueError):
        if parts.scheme == "unix" and parts.path:
            return Clamd(path=unquote(parts.path))
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return Clamd(host=parts.hostname, port=parts.port)
    raise ScannerMisconfigured(
        "SKRANKE_SCANNER_URL must be tcp://host:port or unix:///path/to/clamd.ctl."
    )
