"""Counting guesses, in the database: the count survives a restart and is one for all processes.

Every attempt is counted before it is checked, under a lock, so that attempts made at the same time
count too. Buckets are named by digests: they contain nobody's address."""

import hashlib
import ipaddress
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.lifecycle import (
    NETWORK_KNOWN,
    Count,
    counted,
    still_waiting,
    wait_for_code,
    wait_from_network,
    wait_overall,
)
from app.domain.sign_in.problems import TooManyAttempts
from app.domain.sign_in.statements import COUNT, FORGET, LOCK, TAKE, TAKE_AND_LOOK
from app.kernel import clock
from app.models.sign_in import GuessCounter

_MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=10_000)
def network_of(address: str | None) -> str:
    """What counts as one network: an IPv4 address, or an IPv6 /64."""
    try:
        ip = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:  # an IPv4 client of a server that listens on both
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def bucket_of(kind: str, *of: str) -> str:
    """The name of a bucket: what it counts, and a digest of whom."""
    digest = hashlib.blake2b("|".join(of).encode(), digest_size=16).hexdigest()
    return f"{kind}:{digest}"


async def count_attempt(
    session: AsyncSession, system: Actor, key: str, network: str, *, per_minute: int
) -> None:
    """Count an attempt to sign in to an account, whether it exists or not.

    Raises `TooManyAttempts` while the network, or the account, must wait. Guesses from elsewhere
    never slow down a network in which the owner of the account has signed in before: nobody locks
    somebody else out."""
    known = bucket_of("known", key, network)
    taken = _values(system, f"network:{network}", most=per_minute, within=_MINUTE)
    found = (await session.execute(TAKE_AND_LOOK, taken | {"mark": known})).one_or_none()
    if found is None:
        raise _wait(taken["step"])
    waits = {bucket_of("account-network", key, network): wait_from_network}
    if not found.marked:
        waits[bucket_of("account", key)] = wait_overall
    await _count(session, system, waits)


async def count_repetition(session: AsyncSession, system: Actor, person: str, network: str) -> None:
    """Count an attempt of a signed-in person to confirm the password. Raises `TooManyAttempts`."""
    await _count(session, system, {bucket_of("repeated", person, network): wait_from_network})


async def count_code(session: AsyncSession, system: Actor, person: str) -> None:
    """Count an attempt to give a second factor's code. Raises `TooManyAttempts`."""
    await _count(session, system, {bucket_of("code", person): wait_for_code})


async def forget_codes(session: AsyncSession, system: Actor, person: str) -> None:
    """Reset the count of wrong codes after a right one. A right password alone does not."""
    await session.execute(
        delete(GuessCounter).where(
            GuessCounter.tenant_id == system.tenant_id,
            GuessCounter.bucket == bucket_of("code", person),
        )
    )


async def forget_attempts(
    session: AsyncSession, system: Actor, key: str, person: str, network: str
) -> None:
    """Reset what was counted against an account here, after a successful sign-in, and remember the
    network as one of its owner's."""
    counters = (
        bucket_of("account", key),
        bucket_of("account-network", key, network),
        bucket_of("repeated", person, network),
    )
    forgotten = {
        "tenant": system.tenant_id,
        "buckets": list(counters),
        "mark": bucket_of("known", key, network),
        "until": clock.now() + NETWORK_KNOWN,
    }
    await session.execute(FORGET, forgotten)


async def limit_rate(
    session: AsyncSession, system: Actor, bucket: str, *, most: int, within: timedelta = _MINUTE
) -> None:
    """Count one use of `bucket` against a rate of `most` in the time `within` (GCRA, in one
    upsert). Raises `TooManyAttempts` where the rate is used up."""
    taken = _values(system, bucket, most=most, within=within)
    if await session.scalar(TAKE, taken) is None:
        raise _wait(taken["step"])


def _values(system: Actor, bucket: str, *, most: int, within: timedelta) -> dict[str, Any]:
    now, step = clock.now(), within / most
    return {
        "tenant": system.tenant_id,
        "taken": bucket,
        "now": now,
        "step": step,
        "first": now + step,
        "room": now + within - step,
        "full": now + within,
    }


async def _count(
    session: AsyncSession, system: Actor, waits: Mapping[str, Callable[[int], timedelta]]
) -> None:
    """Count one more in each bucket, or in none where one of them must wait."""
    held = await _locked(session, system, sorted(waits))
    now = clock.now()
    left = max(still_waiting(held[bucket], now, waits[bucket]) for bucket in held)
    if left > timedelta(0):
        raise _wait(left)
    after = {bucket: counted(before, now, waits[bucket]) for bucket, before in held.items()}
    counts = {
        "tenant": system.tenant_id,
        "buckets": list(after),
        "counts": [count.failures for count in after.values()],
        "untils": [count.until for count in after.values()],
    }
    await session.execute(COUNT, counts)


async def _locked(
    session: AsyncSession, system: Actor, buckets: Sequence[str]
) -> Mapping[str, Count]:
    """The counts of buckets, locked in one order for all who lock."""
    named = {"tenant": system.tenant_id, "buckets": list(buckets), "now": clock.now()}
    rows = await session.execute(LOCK, named)
    return {row.bucket: Count(row.failures, row.arrives_at) for row in rows}


def _wait(left: timedelta) -> TooManyAttempts:
    seconds = max(1, math.ceil(left.total_seconds()))
    return TooManyAttempts(headers={"Retry-After": str(seconds)})
