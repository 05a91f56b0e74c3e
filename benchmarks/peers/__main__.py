"""`make bench-peers`: Skranke and other help desks, the same questions in turns.

    python -m benchmarks.peers [--rounds 5] [--seconds 3]

Ten thousand tickets with three comments each, on one PostgreSQL, two processes each, eight askers.
Of each round the ratio to Skranke is taken, so that whatever else the machine does falls on all.
"""

import argparse
import asyncio
import contextlib
import signal
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import server_in
from benchmarks.measuring import cpu_seconds_of
from benchmarks.peers.django_helpdesk import django_helpdesk
from benchmarks.peers.request_tracker import is_installed, request_tracker
from benchmarks.peers.servers import AT_ONCE, Ask, Server, skranke
from benchmarks.traffic import Client

FOLDER = Path("var/benchmarks")


@dataclass(frozen=True, slots=True)
class Load:
    """One server for some seconds: answers a second, milliseconds of processor each, and how long
    half of them took at most."""

    rate: float
    cpu: float
    p50: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the data is kept")
    asked = parser.parse_args()
    # Whoever ends this ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with server_in(asked.folder) as postgres, contextlib.ExitStack() as held:
        servers = [held.enter_context(skranke(postgres, asked.folder))]
        servers.append(held.enter_context(django_helpdesk(postgres, asked.folder)))
        if is_installed():
            servers.append(held.enter_context(request_tracker(postgres, asked.folder)))
        else:
            print("Request Tracker is not installed (Debian: request-tracker5, rt5-standalone)")
        url = postgres.superuser_url()
        found = asyncio.run(_measure(servers, url, asked.rounds, asked.seconds))
    _show(servers, found)


Found = dict[str, list[list[Load]]]


async def _measure(servers: list[Server], url: str, rounds: int, seconds: float) -> Found:
    """What each operation cost, round by round, server by server."""
    clients = [Client(*server.ports) for server in servers]
    for client in clients:
        client.open(AT_ONCE)
    # Once, before anything is written: the same tickets in every round, with their comments.
    asked = [
        await server.operations(client) for server, client in zip(servers, clients, strict=True)
    ]
    found: Found = {}
    for _ in range(rounds):
        for server in servers:
            if server.renewed:
                await server.renewed()
        for operation in asked[0]:
            print(".", end="", file=sys.stderr, flush=True)
            loads = []
            for server, client, asks in zip(servers, clients, asked, strict=True):
                await _load(server, client, asks[operation], url, 0.3)
                loads.append(await _load(server, client, asks[operation], url, seconds))
            found.setdefault(operation, []).append(loads)
    print(file=sys.stderr)
    for client in clients:
        await client.close()
    return found


async def _load(server: Server, client: Client, ask: Ask, url: str, seconds: float) -> Load:
    def had() -> float:
        return cpu_seconds_of(server.pids, server.backends, server.database, url)

    taken: list[float] = []
    before, begun = had(), time.perf_counter()

    async def keep_asking() -> None:
        while (asked := time.perf_counter()) - begun < seconds:
            await ask(client)
            taken.append(time.perf_counter() - asked)

    await asyncio.gather(*(keep_asking() for _ in range(AT_ONCE)))
    rate = len(taken) / (time.perf_counter() - begun)
    if server.settled:
        await server.settled()
    return Load(rate, (had() - before) / len(taken) * 1000, statistics.median(taken) * 1000)


def _show(servers: list[Server], found: Found) -> None:
    ours, *peers = servers
    print(
        f"\n| operation | beside | answers a second, times its | CPU, times its | p50, times its"
        f" | {ours.name}: a second, CPU ms, p50 ms | the peer's |\n|---|---|---|---|---|---|---|"
    )
    for operation, rounds in found.items():
        for place, peer in enumerate(peers, start=1):
            pairs = [(loads[0], loads[place]) for loads in rounds]
            print(
                f"| {operation} | {peer.name}"
                f" | {_ratios([a.rate / b.rate for a, b in pairs])}"
                f" | {_ratios([a.cpu / b.cpu for a, b in pairs])}"
                f" | {_ratios([a.p50 / b.p50 for a, b in pairs])}"
                f" | {_figures([a for a, _ in pairs])} | {_figures([b for _, b in pairs])} |"
            )


def _ratios(found: list[float]) -> str:
    return f"{statistics.median(found):.2f} ({min(found):.2f}–{max(found):.2f})"


def _figures(loads: list[Load]) -> str:
    rate, cpu, p50 = (
        statistics.median(getattr(load, name) for load in loads) for name in ("rate", "cpu", "p50")
    )
    return f"{rate:.0f}, {cpu:.1f}, {p50:.0f}"


if __name__ == "__main__":
    main()
