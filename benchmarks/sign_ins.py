"""How many people can sign in at once, and what the others notice of it.

.venv/bin/python -m benchmarks.sign_ins --people 500

One API process as in earnest. Somebody asks for a list at an even pace, answered or not (an open
loop: waiting counts); first alone, then while so many people sign in at the same moment. Beside it,
Argon2 alone on all cores: the most that any sign-in could reach.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx2
from argon2 import PasswordHasher

from tests import cluster
from tests.cluster import Cluster
from tests.served import Served, free_port

PORTAL, MEMBER = "crm-service", "member@acme.example"
LIST = "/v1/tickets?limit=25"
_PACE = 10.0
_FREE = 5


def main(people: int) -> None:
    """A PostgreSQL and an API of their own, ended whatever happens."""
    held = Cluster()
    try:
        addresses = held.start()
        with tempfile.TemporaryDirectory() as folder:
            settings = cluster.settings_for(
                addresses, cluster.copy_of_template(addresses), Path(folder), port=free_port()
            )
            with Served(settings, cluster.demo_people(addresses)).running() as served:
                asyncio.run(measure(served, people))
    finally:
        held.stop()


async def measure(served: Served, people: int) -> None:
    """Print what was found, as figures and as ratios of one run."""
    # Not more at once of one account than are free: the others would be told to wait.
    everybody = [(slug, who) for slug, all_of in served.people.items() for who in all_of] * _FREE
    people = min(people, len(everybody))
    token = served.person(PORTAL, MEMBER).headers["Authorization"]
    # Shorter than the server keeps a connection: it never closes one that is just asked.
    limits = httpx2.Limits(max_connections=people + 50, keepalive_expiry=2)
    async with httpx2.AsyncClient(base_url=served.base, timeout=600, limits=limits) as client:
        alone, _ = await paced(client, token, lambda spent: spent > 6)
        began = time.perf_counter()
        signing = asyncio.gather(*(sign_in(client, *who) for who in everybody[:people]))
        beside, refused = await paced(client, token, lambda _: signing.done())
        asked = await signing
        took = time.perf_counter() - began
    best = await asyncio.to_thread(hashes_per_second, served.password_of(MEMBER, PORTAL))
    reached = people / took
    print("| what | figure |")
    print("|---|---|")
    print(f"| sign-ins at once | {people} in {took:.1f} s |")
    print(f"| of them told to come again, once or more | {sum(times > 1 for times in asked)} |")
    print(
        f"| sign-ins a second, of Argon2 alone on {os.cpu_count()} cores | {reached / best:.2f} |"
    )
    print(f"| lists refused meanwhile | {refused} of {len(beside)} |")
    for name, share in (("median", 10), ("95th", 19)):
        before, during = (statistics.quantiles(each, n=20)[share - 1] for each in (alone, beside))
        print(f"| {name} of a list meanwhile, times that alone | {during / before:.1f} |")
        print(f"| … in milliseconds, alone and meanwhile | {before:.0f}, {during:.0f} |")


async def sign_in(client: httpx2.AsyncClient, slug: str, who: dict[str, str]) -> int:
    """How often somebody asked until he was in, waiting as he was told to."""
    sent = {"email": who["email"], "password": who["password"]}
    for times in count(1):
        answer = await client.post(f"/v1/portals/{slug}/sessions", json=sent)
        if answer.status_code == 201:
            return times
        assert answer.status_code in {429, 503}, answer.text
        await asyncio.sleep(int(answer.headers["Retry-After"]))
    raise AssertionError("unreachable")


async def paced(
    client: httpx2.AsyncClient, token: str, over: Callable[[float], bool]
) -> tuple[list[float], int]:
    """Milliseconds from when each request was due to its answer, at an even pace, until `over`; and
    how many were refused."""
    refused = []
    began, due, asked = time.perf_counter(), 0.0, []

    async def ask(at: float) -> float:
        answer = await client.get(LIST, headers={"Authorization": token})
        refused.append(answer.status_code != 200)
        return (time.perf_counter() - began - at) * 1000

    while not over(time.perf_counter() - began):
        asked.append(asyncio.create_task(ask(due)))
        due += 1 / _PACE
        await asyncio.sleep(max(0.0, due - (time.perf_counter() - began)))
    return list(await asyncio.gather(*asked)), sum(refused)


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
    parser.add_argument("--people", type=int, default=500)
    main(parser.parse_args().people)
