"""What was found, as tables of ratios; the last column says which aim is missed."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.measuring import Walk
from benchmarks.traffic import Latency

READS, WRITES, TAIL, GROWTH, MEMORY = 2.5, 3.3, 5.0, 1.3, 300.0


@dataclass(frozen=True, slots=True)
class Load:
    """A server as fast as it answers: milliseconds of processor a request, requests a second."""

    cpu: float
    rate: float


@dataclass(slots=True)
class Found:
    """What was found of an operation; pairs are the API's and the floor's of one round."""

    name: str
    writes: bool
    grows: bool
    walks: tuple[Walk, Walk] = (Walk(), Walk())
    loads: list[tuple[Load, Load]] = field(default_factory=list)
    latency: list[Latency] = field(default_factory=list)
    floor_latency: list[Latency] = field(default_factory=list)
    small_latency: list[Latency] = field(default_factory=list)


def show(found: Sequence[Found]) -> None:
    """Print the tables."""
    print(
        "\n| operation | CPU, times the floor | spread | CPU ms | floor | a second, of the floor"
        " | statements | rows walked | |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for one in found:
        ratios = [mine.cpu / its.cpu for mine, its in one.loads]
        ours, floors = ([pair[side] for pair in one.loads] for side in (0, 1))
        shares = [mine.rate / its.rate for mine, its in one.loads]
        print(
            f"| {one.name} | {_median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f}"
            f" | {_median(x.cpu for x in ours):.2f} | {_median(x.cpu for x in floors):.2f}"
            f" | {_median(x.rate for x in ours):.0f}, {_median(shares):.2f}"
            f" | {one.walks[0].statements} ({one.walks[1].statements})"
            f" | {one.walks[0].rows} ({one.walks[1].rows})"
            f" | {_missed(_median(ratios), WRITES if one.writes else READS)} |"
        )
    print(
        "\n| operation, at half load | p50 ms | p99 ms | p99 / p50 | floor's p50, p99"
        " | p50, times that of ten thousand tickets | |"
    )
    print("|---|---|---|---|---|---|---|")
    for one in found:
        tails = [each.p99 / each.p50 for each in one.latency]
        growth = [
            each.p50 / small.p50
            for each, small in zip(one.latency, one.small_latency, strict=False)
            if one.grows
        ]
        print(
            f"| {one.name} | {_median(x.p50 for x in one.latency):.1f}"
            f" | {_median(x.p99 for x in one.latency):.1f}"
            f" | {_with_spread(tails)}"
            f" | {_median(x.p50 for x in one.floor_latency):.1f},"
            f" {_median(x.p99 for x in one.floor_latency):.1f}"
            f" | {_with_spread(growth) if growth else '–'}"
            f" | {_missed(_median(tails), TAIL)}"
            f" {_missed(_median(growth), GROWTH) if growth else ''} |"
        )


def memory(api: tuple[float, float], worker: tuple[float, float]) -> None:
    """Print what stays in memory after all of that: resident, and what of it others share. What
    both share, the program's libraries as they are on disk, is there once."""
    together = api[0] + worker[0] - min(api[1], worker[1])
    print(
        f"\nMemory after all of this: API {api[0]:.0f} MiB, worker {worker[0]:.0f} MiB,"
        f" together {together:.0f} MiB {_missed(together, MEMORY)}"
    )


def _median(figures: Iterable[float]) -> float:
    return statistics.median(figures)


def _with_spread(figures: Sequence[float]) -> str:
    return f"{_median(figures):.2f} ({min(figures):.2f}–{max(figures):.2f})"


def _missed(figure: float, aim: float) -> str:
    return f"**aim {aim:g} missed**" if figure > aim else ""
