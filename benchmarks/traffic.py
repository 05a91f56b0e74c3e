"""Requests over kept connections: as fast as they are answered, or at a constant rate.

A client of our own, as the ready ones take more of the processor than what is measured.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and the status it must be answered with."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int = 200

    def written(self) -> bytes:
        """The request as HTTP/1.1."""
        fields = {"Host": "127.0.0.1", "Accept-Language": "en", **self.headers}
        if self.body:
            fields = {"Content-Type": "application/json", **fields}
            fields["Content-Length"] = str(len(self.body))
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


Make = Callable[[], Request]


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last = False

    async def ask(self, request: Request) -> bytes:
        """The body of the answer. Raises `RuntimeError` where it has another status."""
        self._writer.write(request.written())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        self._last = b"\r\nconnection: close" in head
        if b"transfer-encoding: chunked" in head:
            body = await self._chunks()
        else:
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await self._reader.readexactly(length)
        if int(head[9:12]) != request.status:
            raise RuntimeError(f"{request.method} {request.path}: {head[9:12]!r} {body[:1000]!r}")
        return body

    async def _chunks(self) -> bytes:
        found = b""
        while length := int(await self._reader.readuntil(b"\r\n"), 16):
            found += (await self._reader.readexactly(length + 2))[:-2]
        await self._reader.readuntil(b"\r\n")
        return found

    @property
    def ended(self) -> bool:
        """Whether the server has closed it, or is about to."""
        return self._last or self._reader.at_eof()

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


class Client:
    """A few connections to one server, or to the processes of one in equal parts."""

    def __init__(self, *ports: int) -> None:
        self._ports = itertools.cycle(ports)
        self._free: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()

    def open(self, connections: int) -> None:
        """Have so many more at most; each is made when it is first needed, as some servers give a
        process to whoever is connected."""
        for _ in range(connections):
            self._free.put_nowait(None)

    async def close(self) -> None:
        while not self._free.empty():
            if connection := await self._free.get():
                await connection.close()

    async def ask(self, request: Request) -> bytes:
        """One answer, over whichever connection is free; waits for one."""
        connection = await self._free.get()
        try:
            if connection and connection.ended:  # servers end what was idle for some seconds
                await connection.close()
                connection = None
            if connection is None:
                port = next(self._ports)
                connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
            answer = await connection.ask(request)
            if connection.ended:
                await connection.close()
                connection = None
            return answer
        finally:
            self._free.put_nowait(connection)

    async def as_fast_as_answered(
        self, make: Make, seconds: float, at_once: int
    ) -> tuple[int, float]:
        """How many were answered in all and in a second, where each of so many askers asks again
        once answered."""
        begun, answered = time.perf_counter(), 0

        async def keep_asking() -> None:
            nonlocal answered
            while time.perf_counter() - begun < seconds:
                await self.ask(make())
                answered += 1

        await asyncio.gather(*(keep_asking() for _ in range(at_once)))
        return answered, answered / (time.perf_counter() - begun)

    async def at_rate(self, make: Make, rate: float, seconds: float) -> "Latency":
        """How long answers take at a constant rate, from when each was due (an open loop: waiting
        counts)."""
        begun = time.perf_counter()

        async def ask(due: float) -> float:
            await self.ask(make())
            return (time.perf_counter() - begun - due) * 1000

        asked = []
        for number in range(round(rate * seconds)):
            due = number / rate
            await asyncio.sleep(max(0.0, due - (time.perf_counter() - begun)))
            asked.append(asyncio.create_task(ask(due)))
        return Latency.of(await asyncio.gather(*asked))


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, taken: list[float]) -> "Latency":
        parts = statistics.quantiles(taken, n=100)
        return cls(parts[49], parts[98])
