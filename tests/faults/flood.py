"""A flood: requests that come when they come, whether those before are answered or not.

Some of the callers are loud and some are quiet; how long an answer took counts from when its
request was due. The machine is the server's too, so asking must cost little: bytes over kept
connections, and no more is read of an answer than its status, its length and when to come back.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import uvloop

_PATIENCE = 60.0
#: A status, and the seconds after which to come back, where it says so.
Answer = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a token and what he reads."""

    token: str
    paths: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stream:
    """Callers who ask so often in a second, all together."""

    callers: Sequence[Caller]
    rate: float


@dataclass
class Answers:
    """How a kind of caller was answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    #: Seconds that answers with 200 took.
    took: list[float] = field(default_factory=list)
    #: Refusals that do not say when to come back, and connections that broke.
    rude: list[str] = field(default_factory=list)

    def percentile(self, part: float) -> float:
        """How long `part` of the good answers took at most, in milliseconds."""
        in_order = sorted(self.took)
        return in_order[min(int(len(in_order) * part), len(in_order) - 1)] * 1000

    def add(self, more: "Answers") -> None:
        """Count these too."""
        self.statuses += more.statuses
        self.took += more.took
        self.rude += more.rude

    def __str__(self) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        if not self.took:
            return told
        return f"{told}; p50 {self.percentile(0.5):.0f} ms, p95 {self.percentile(0.95):.0f} ms"


class _Connection(asyncio.Protocol):
    """One request after the other, each answered with a status and in how many seconds to come."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[Answer] | None = None
        self._read, self._whole = bytearray(), 0
        self._known: Answer = (0, None)
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or EOFError("hung up on"))

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._whole:
            end = self._read.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._read[:end]).lower() + b"\r\n"
            when = _field(head, b"retry-after")
            self._whole = end + 4 + int(_field(head, b"content-length"))
            self._known = int(head[9:12]), int(when) if when else None
        if len(self._read) >= self._whole and self._answer and not self._answer.done():
            self._answer.set_result(self._known)

    async def ask(self, request: bytes) -> Answer:
        self._read.clear()
        self._whole = 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()


def _field(head: bytes, name: bytes) -> bytes:
    return head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0]


class Flood:
    """Callers of one server, over connections that are kept."""

    def __init__(self, port: int, seed: int = 7) -> None:
        self._port = port
        self._chance = random.Random(seed)
        self._free: list[_Connection] = []

    def close(self) -> None:
        """Hang up."""
        for connection in self._free:
            connection.close()

    async def capacity(self, callers: Sequence[Caller], at_once: int, seconds: float) -> float:
        """How many requests a second are answered where so many ask one after the other."""
        answers, end = Answers(), time.monotonic() + seconds

        async def ask() -> None:
            while time.monotonic() < end:
                await self.ask(self._chance.choice(callers), answers)

        await asyncio.gather(*(ask() for _ in range(at_once)))
        return answers.statuses[200] / seconds

    async def pour(self, stream: Stream, seconds: float) -> Answers:
        """Requests as they come for so long; ends when the last is answered."""
        answers, begun, at = Answers(), time.monotonic(), 0.0
        async with asyncio.TaskGroup() as group:
            while at < seconds:
                await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
                caller = self._chance.choice(stream.callers)
                group.create_task(self.ask(caller, answers, begun + at))
                at += self._chance.expovariate(stream.rate)
        return answers

    async def ask(self, caller: Caller, answers: Answers, due: float | None = None) -> None:
        """One request of a caller."""
        due = due or time.monotonic()
        request = (
            f"GET {self._chance.choice(caller.paths)} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {caller.token}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                status, when = await self.exchange(request.encode())
        except (OSError, EOFError, TimeoutError) as error:
            answers.rude.append(repr(error))
            return
        answers.statuses[status] += 1
        if status == 200:
            answers.took.append(time.monotonic() - due)
        elif when is None:
            answers.rude.append(f"{status} without Retry-After")

    async def exchange(self, request: bytes) -> Answer:
        """What is answered to these bytes, over a connection that is free or a new one."""
        if self._free:
            connection = self._free.pop()
        else:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(_Connection, "127.0.0.1", self._port)
        answer = await connection.ask(request)
        self._free.append(connection)
        return answer


async def elsewhere(
    port: int, streams: Sequence[Stream], seconds: float
) -> tuple[list[Answers], float]:
    """These streams at once, from a process of its own, which keeps time though this one has other
    things to do; how each was answered, and how many seconds of a processor asking took."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.flood"),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    order = [port, [asdict(stream) for stream in streams], seconds]
    told, _ = await process.communicate(json.dumps(order).encode())
    found, spent = json.loads(told)
    answers = [Answers(Counter(dict(statuses)), took, rude) for statuses, took, rude in found]
    return answers, spent


async def _main() -> None:
    port, streams, seconds = json.load(sys.stdin)
    flood = Flood(port)
    begun = time.process_time()
    found = await asyncio.gather(
        *(
            flood.pour(
                Stream([Caller(**each) for each in stream["callers"]], stream["rate"]), seconds
            )
            for stream in streams
        )
    )
    flood.close()
    told = [[list(each.statuses.items()), each.took, each.rude] for each in found]
    json.dump([told, time.process_time() - begun], sys.stdout)


if __name__ == "__main__":
    uvloop.run(_main())
