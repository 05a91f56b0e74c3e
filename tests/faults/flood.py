"""A flood: requests that come when they come, whether those before are answered or not.

Some of the callers are loud and some are quiet; how long an answer took counts from when its
request was due.
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

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a token and what he reads."""

    token: str
    paths: Sequence[str]


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

    def __str__(self) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        if not self.took:
            return told
        return f"{told}; p50 {self.percentile(0.5):.0f} ms, p95 {self.percentile(0.95):.0f} ms"


class Flood:
    """Callers of one server, over connections that are kept."""

    def __init__(self, port: int, seed: int = 7) -> None:
        self._port = port
        self._chance = random.Random(seed)
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def close(self) -> None:
        """Hang up."""
        for _, writer in self._free:
            writer.close()
            await writer.wait_closed()

    async def capacity(self, callers: Sequence[Caller], at_once: int, seconds: float) -> float:
        """How many requests a second are answered where so many ask one after the other."""
        answers, end = Answers(), time.monotonic() + seconds

        async def ask() -> None:
            while time.monotonic() < end:
                await self.ask(self._chance.choice(callers), answers)

        await asyncio.gather(*(ask() for _ in range(at_once)))
        return answers.statuses[200] / seconds

    async def pour(self, callers: Sequence[Caller], rate: float, seconds: float) -> Answers:
        """So many requests a second, for so long; ends when the last is answered."""
        answers, begun, at = Answers(), time.monotonic(), 0.0
        async with asyncio.TaskGroup() as group:
            while at < seconds:
                await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
                caller = self._chance.choice(callers)
                group.create_task(self.ask(caller, answers, begun + at))
                at += self._chance.expovariate(rate)
        return answers

    async def elsewhere(self, callers: Sequence[Caller], rate: float, seconds: float) -> Answers:
        """As `pour`, by a process of its own: one alone can neither ask so often nor keep time."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.flood"),
            cwd=Path(__file__).parents[2],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        order = [self._port, [asdict(caller) for caller in callers], rate, seconds]
        told, _ = await process.communicate(json.dumps(order).encode())
        statuses, took, rude = json.loads(told)
        return Answers(Counter(dict(statuses)), took, rude)

    async def ask(self, caller: Caller, answers: Answers, due: float | None = None) -> None:
        """One request of a caller."""
        due = due or time.monotonic()
        request = (
            f"GET {self._chance.choice(caller.paths)} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {caller.token}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                status, says_when = await self._exchange(request.encode())
        except (OSError, EOFError, TimeoutError) as error:
            answers.rude.append(repr(error))
            return
        answers.statuses[status] += 1
        if status == 200:
            answers.took.append(time.monotonic() - due)
        elif not says_when:
            answers.rude.append(f"{status} without Retry-After")

    async def _exchange(self, request: bytes) -> tuple[int, bool]:
        if self._free:
            reader, writer = self._free.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        self._free.append((reader, writer))
        return int(head[9:12]), b"\r\nretry-after:" in head


async def _main() -> None:
    port, callers, rate, seconds = json.load(sys.stdin)
    flood = Flood(port)
    answers = await flood.pour([Caller(**caller) for caller in callers], rate, seconds)
    await flood.close()
    json.dump([list(answers.statuses.items()), answers.took, answers.rude], sys.stdout)


if __name__ == "__main__":
    asyncio.run(_main())
