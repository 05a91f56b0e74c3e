"""How many people can sign in at once, and what the others notice of it.

.venv/bin/python -m benchmarks.sign_ins --people 280 --rounds 3

One API process as in earnest. Somebody asks for a list at an even pace, answered or not (an open
loop: waiting counts); first alone, then while so many people sign in at the same moment. He asks
from a process of his own, so that what he waits for is the server and not those who sign in beside
him. Beside it, Argon2 alone on all cores: the most that any sign-in could reach.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import uvloop
from argon2 import PasswordHasher

from tests import cluster
from tests.cluster import Cluster
from tests.faults.flood import Answers, Caller, Flood
from tests.served import Served, free_port

PORTAL, MEMBER = "crm-service", "member@acme.example"
LIST = "/v1/tickets?limit=25"
_PACE = 20.0
_ALONE = 6.0
#: The first moment, in which all connect and are read.
_FIRST = 0.5
_FREE = 5


def main(people: int, rounds: int) -> None:
    """A PostgreSQL and an API of their own, ended whatever happens."""
    held = Cluster()
    try:
        addresses = held.start()
        with tempfile.TemporaryDirectory() as folder:
            settings = cluster.settings_for(
                addresses, cluster.copy_of_template(addresses), Path(folder), port=free_port()
            )
            with Served(settings, cluster.demo_people(addresses)).running() as served:
                uvloop.run(measure(served, people, rounds))
    finally:
        held.stop()


async def measure(served: Served, people: int, rounds: int) -> None:
    """Print what was found, as figures and as ratios of one run."""
    # Not more at once of one account than are free: the others would be told to wait.
    everybody = [(slug, who) for slug, all_of in served.people.items() for who in all_of] * _FREE
    people = min(people, len(everybody))
    token = served.person(PORTAL, MEMBER).headers["Authorization"]
    alone, first, beside, took, asked = Answers(), Answers(), Answers(), 0.0, []
    for _ in range(rounds):
        async with Lists(served.settings.port, token) as lists:
            await asyncio.sleep(_ALONE)
        alone.add(lists.answers)
        flood = Flood(served.settings.port)
        async with Lists(served.settings.port, token) as lists:
            began = time.perf_counter()
            asked += await asyncio.gather(*(sign_in(flood, *who) for who in everybody[:people]))
            took += time.perf_counter() - began
        first.add(lists.first)
        beside.add(lists.answers)
        flood.close()
    best = await asyncio.to_thread(hashes_per_second, served.password_of(MEMBER, PORTAL))
    reached = people * rounds / took
    print("| what | figure |")
    print("|---|---|")
    print(f"| sign-ins at once, in the middle of {rounds} | {people} in {took / rounds:.1f} s |")
    print(f"| of them told to come again, once or more | {sum(times > 1 for times in asked)} |")
    print(
        f"| sign-ins a second, of Argon2 alone on {os.cpu_count()} cores | {reached / best:.2f} |"
    )
    print(f"| answers to a list, alone | {alone} |")
    print(f"| … meanwhile | {beside} |")
    print(f"| … of these in the first {_FIRST} s | {first} |")
    for name, part in (("median", 0.5), ("95th", 0.95)):
        usual = alone.percentile(part)
        during, at_first = beside.percentile(part) / usual, first.percentile(part) / usual
        print(f"| {name} meanwhile and at first, times that alone | {during:.1f}, {at_first:.1f} |")


async def sign_in(flood: Flood, slug: str, who: dict[str, str]) -> int:
    """How often somebody asked until he was in, waiting as he was told to."""
    body = json.dumps({"email": who["email"], "password": who["password"]})
    request = (
        f"POST /v1/portals/{slug}/sessions HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    for times in count(1):
        status, when = await flood.exchange(request.encode())
        if status == 201:
            return times
        assert status in {429, 503}, status
        assert when is not None
        await asyncio.sleep(when)
    raise AssertionError("unreachable")


class Lists:
    """Somebody in a process of his own who asks for a list at an even pace, for the block."""

    def __init__(self, port: int, token: str) -> None:
        #: All of them, and those that were due in the first moment.
        self.answers, self.first = Answers(), Answers()
        self._here, there = multiprocessing.Pipe()
        # Spawned, as a copy of this process would hold its loop and its connections.
        self._process = multiprocessing.get_context("spawn").Process(
            target=_ask_in_process, args=(there, port, token)
        )

    async def __aenter__(self) -> Self:
        self._process.start()
        await asyncio.to_thread(self._here.recv)  # he is connected
        return self

    async def __aexit__(self, *_: object) -> None:
        self._here.send("enough")
        self.first, self.answers = await asyncio.to_thread(self._here.recv)
        self.answers.add(self.first)
        self._process.join()


def _ask_in_process(there: Connection, port: int, token: str) -> None:
    uvloop.run(_ask(there, Flood(port), Caller(token, (LIST,))))


async def _ask(there: Connection, flood: Flood, caller: Caller) -> None:
    await flood.ask(caller, Answers())
    there.send("ready")
    first, later, begun = Answers(), Answers(), time.monotonic()
    due = begun
    async with asyncio.TaskGroup() as group:
        while not there.poll():
            answers = first if due < begun + _FIRST else later
            group.create_task(flood.ask(caller, answers, due))
            due += 1 / _PACE
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    there.send((first, later))


def hashes_per_second(password: str) -> float:
    """How many passwords Argon2 alone tries in a second on all cores, at the product's cost."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    made, times = hasher.hash(password), 60
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        began = time.perf_counter()
        list(pool.map(lambda _: hasher.verify(made, password), range(times)))
        return times / (time.perf_counter() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=280)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    main(asked.people, asked.rounds)
