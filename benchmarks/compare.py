"""`make bench`: the API beside its floor, in one interleaved run.

    python -m benchmarks.compare          a million tickets in fifty tenants
    python -m benchmarks.compare --quick  ten thousand in five

The same operations are asked of the API and of the floor in turns, so that whatever else the
machine does falls on both; what is printed are ratios within a round, their median and their
spread. Beside a million tickets the API also serves ten thousand: what grows is seen.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import installation, report
from benchmarks.filling import Size, filled
from benchmarks.installation import Base, Process, running, server_in
from benchmarks.measuring import Walk, cpu_seconds, resident_mib, walking
from benchmarks.operations import Desk, Operation
from benchmarks.report import Found, Load
from benchmarks.traffic import Client

FOLDER = Path("var/benchmarks")
MILLION, TEN_THOUSAND = Size(1_000_000, 50), Size(10_000, 5)
_CONNECTIONS = 32
_FLOOR = ["uvicorn", "benchmarks.floor:app", "--no-access-log", "--log-level", "warning"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long is measured."""

    rounds: int
    seconds: float
    rounds_at_half_load: int
    seconds_at_half_load: float


@dataclass(slots=True)
class Side:
    """A server under measurement, and who asks it."""

    base: Base
    process: Process
    client: Client
    desk: Desk
    operations: dict[str, Operation] = field(default_factory=dict)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="ten thousand tickets, two minutes")
    parser.add_argument("--only", default="", help="operations whose names hold this")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data is kept")
    asked = parser.parse_args()
    plan = Plan(3, 0.7, 1, 2.0) if asked.quick else Plan(5, 2.0, 2, 3.0)
    if asked.rounds:
        plan = replace(plan, rounds=asked.rounds)
    with server_in(asked.folder) as server:
        small = filled(server, asked.folder, TEN_THOUSAND)
        large = None if asked.quick else filled(server, asked.folder, MILLION)
        asyncio.run(measure(small, large, plan, asked.only))


async def measure(small: Base, large: Base | None, plan: Plan, only: str) -> None:
    """Everything, in one run."""
    size, base = (MILLION, large) if large else (TEN_THOUSAND, small)
    async with contextlib.AsyncExitStack() as held:
        api = await _side(held, installation.api(base), base, size)
        floor = await _side(held, _floor(base, await api.desk.known()), base, size, like=api)
        beside = None
        if large:
            beside = await _side(held, installation.api(small), small, TEN_THOUSAND)
        await _same_answers(api, floor)
        found = [
            Found(one.name, one.writes, one.grows)
            for one in api.operations.values()
            if only in one.name
        ]
        for one in found:
            one.walks = (await _walk(api, one.name), await _walk(floor, one.name))
        for side in filter(None, (api, floor, beside)):
            side.client.open(_CONNECTIONS)
        reads, writes = ([one for one in found if one.writes is write] for write in (False, True))
        for some in (reads, writes):  # what is written would be counted, and not beside it
            async for one in _in_rounds(some, plan.rounds, api, floor, beside):
                await _take_turns(one, api, floor, plan)
            async for one in _in_rounds(some, plan.rounds_at_half_load, api, floor, beside):
                await _at_half_load(one, api, floor, beside, plan)
        report.show(found)
        with installation.worker(base) as worker:
            await asyncio.sleep(5)
            report.memory(resident_mib(api.process.pid), resident_mib(worker.pid))


async def _in_rounds(
    found: list[Found], rounds: int, api: Side, floor: Side, beside: Side | None
) -> AsyncIterator[Found]:
    """All, so many times over, each time signed in anew; a dot for each, as it takes a while."""
    for _ in range(rounds if found else 0):
        await _sign_in_anew(api, floor, beside)
        for one in found:
            print(".", end="", file=sys.stderr, flush=True)
            yield one
    print(file=sys.stderr)


async def _side(
    held: contextlib.AsyncExitStack,
    server: contextlib.AbstractContextManager[Process],
    base: Base,
    size: Size,
    *,
    like: Side | None = None,
) -> Side:
    process = held.enter_context(server)
    client = Client(process.port)
    client.open(1)
    held.push_async_callback(client.close)
    side = Side(base, process, client, Desk(base, size, client))
    if like:
        side.desk.take_tokens_of(like.desk)
        side.operations = like.operations
    else:
        await side.desk.sign_in()
        side.operations = {one.name: one for one in await side.desk.operations()}
    return side


def _floor(base: Base, known: object) -> contextlib.AbstractContextManager[Process]:
    file = base.folder / "floor.json"
    file.write_text(json.dumps(known))
    return running(
        base,
        _FLOOR,
        backend="skranke-floor",
        FLOOR_KNOWN=str(file),
        FLOOR_DATABASE=base.superuser,
    )


async def _same_answers(api: Side, floor: Side) -> None:
    """Refuse to compare what is not the same: reads word for word, writes name for name."""
    for one in api.operations.values():
        request = one.make()
        ours, theirs = [json.loads(await side.client.ask(request)) for side in (api, floor)]
        ours.pop("next_cursor", None), theirs.pop("next_cursor", None)
        if other := _difference(ours, theirs, values=not one.writes):
            raise SystemExit(f"{one.name}: the floor answers something else at {other}")


def _difference(ours: Any, theirs: Any, place: str = "", *, values: bool) -> str:
    """Where two answers first differ, in names and, if asked, in `values`; else nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if missing := ours.keys() ^ theirs.keys():
            return f"{place}/{sorted(missing)}"
        pairs = [(name, ours[name], theirs[name]) for name in ours]
    elif values and isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{place}: {len(ours)} and {len(theirs)}"
        pairs = [(str(n), *pair) for n, pair in enumerate(zip(ours, theirs, strict=True))]
    else:
        return f"{place}: {ours!r} and {theirs!r}" if values and ours != theirs else ""
    found = (_difference(a, b, f"{place}/{name}", values=values) for name, a, b in pairs)
    return next(filter(None, found), "")


async def _sign_in_anew(api: Side, floor: Side, beside: Side | None) -> None:
    await api.desk.sign_in()
    floor.desk.take_tokens_of(api.desk)
    if beside:
        await beside.desk.sign_in()


async def _walk(side: Side, name: str, requests: int = 5) -> Walk:
    make = side.operations[name].make
    for _ in range(8):  # until its statements are prepared
        await side.client.ask(make())
    await asyncio.sleep(1.1)
    await side.client.ask(make())
    with walking(side.process, side.base.superuser, side.base.log) as walk:
        for _ in range(requests - 1):
            await side.client.ask(make())
        await asyncio.sleep(1.1)
        await side.client.ask(make())
    return Walk(round(walk.statements / requests), round(walk.rows / requests))


async def _take_turns(one: Found, api: Side, floor: Side, plan: Plan) -> None:
    """A round: the API and the floor as fast as they answer, then what that took of the machine."""
    sides = [api, floor] if len(one.loads) % 2 else [floor, api]
    loads = {side.process.pid: await _load(side, one.name, plan.seconds) for side in sides}
    one.loads.append((loads[api.process.pid], loads[floor.process.pid]))


async def _load(side: Side, name: str, seconds: float) -> Load:
    operation = side.operations[name]
    before = cpu_seconds(side.process, side.base.superuser)
    answered, rate = await side.client.as_fast_as_answered(
        operation.make, seconds, operation.at_once
    )
    spent = cpu_seconds(side.process, side.base.superuser) - before
    return Load(spent / answered * 1000, rate)


async def _at_half_load(
    one: Found, api: Side, floor: Side, beside: Side | None, plan: Plan
) -> None:
    """Latency at half of what the API answers at most, the same rate for all."""
    rate = statistics.median(mine.rate for mine, _ in one.loads) / 2
    for side, kept in ((api, one.latency), (floor, one.floor_latency), (beside, one.small_latency)):
        if side:
            make = side.operations[one.name].make
            kept.append(await side.client.at_rate(make, rate, plan.seconds_at_half_load))


if __name__ == "__main__":
    main()
