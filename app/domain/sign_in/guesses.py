"""Counting guesses: in the database, so that the count survives a restart and is one for all.

Every attempt is counted before it is tried, under a lock, so that attempts made at the same time
count too. Buckets are named by digests: no address of anybody stands here.
"""

import hashlib
import ipaddress
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import Insert, insert
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
from app.kernel import clock
from app.models.auth import GuessCounter

_MINUTE = timedelta(minutes=1)


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
    """Count an attempt to get into an account, whether it exists or not.

    Raises `TooManyAttempts` while the network, or the account, must wait. Guesses from elsewhere
    never slow down a network in which the account's owner has proven himself: nobody locks
    somebody else out."""
    await take(session, system, f"network:{network}", most=per_minute)
    waits = {bucket_of("account-network", key, network): wait_from_network}
    if not await _is_known(session, system, key, network):
        waits[bucket_of("account", key)] = wait_overall
    await _count(session, system, waits)


async def count_repetition(session: AsyncSession, system: Actor, person: str, network: str) -> None:
    """Count an attempt of somebody signed in to repeat his password. Raises `TooManyAttempts`."""
    await _count(session, system, {bucket_of("repeated", person, network): wait_from_network})


async def count_code(session: AsyncSession, system: Actor, person: str) -> None:
    """Count an attempt to give a second factor's code. Raises `TooManyAttempts`."""
    await _count(session, system, {bucket_of("code", person): wait_for_code})


async def forget_codes(session: AsyncSession, system: Actor, person: str) -> None:
    """Somebody gave a right code. A right password alone forgets no wrong codes."""
    await session.execute(
        delete(GuessCounter).where(
            GuessCounter.tenant_id == system.tenant_id,
            GuessCounter.bucket == bucket_of("code", person),
        )
    )


async def forget_attempts(
    session: AsyncSession, system: Actor, key: str, person: str, network: str
) -> None:
    """Somebody has proven himself: what was counted against his account here is forgotten, and
    the network is known as one of his."""
    counters = (
        bucket_of("account", key),
        bucket_of("account-network", key, network),
        bucket_of("repeated", person, network),
    )
    # Locked in the order in which they are counted.
    locked = (
        select(GuessCounter.bucket)
        .where(GuessCounter.tenant_id == system.tenant_id, GuessCounter.bucket.in_(counters))
        .order_by(GuessCounter.bucket)
        .with_for_update()
    )
    await session.execute(
        delete(GuessCounter).where(
            GuessCounter.tenant_id == system.tenant_id, GuessCounter.bucket.in_(locked)
        ),
        execution_options={"synchronize_session": False},
    )
    until = clock.now() + NETWORK_KNOWN
    await session.execute(
        insert(GuessCounter)
        .values(
            tenant_id=system.tenant_id,
            bucket=bucket_of("known", key, network),
            failures=0,
            arrives_at=until,
        )
        .on_conflict_do_update(index_elements=["tenant_id", "bucket"], set_={"arrives_at": until})
    )


async def take(
    session: AsyncSession, system: Actor, bucket: str, *, most: int, within: timedelta = _MINUTE
) -> None:
    """Take one from a bucket that holds `most` and fills evenly in the time `within` (GCRA, in
    one upsert); else `TooManyAttempts`."""
    now = clock.now()
    step = within / most
    new = insert(GuessCounter).values(
        tenant_id=system.tenant_id, bucket=bucket, failures=0, arrives_at=now + step
    )
    # An arrival beyond a full bucket was written by a clock that has been put back since.
    impossible = GuessCounter.arrives_at > now + within
    arrives = func.greatest(case((impossible, now), else_=GuessCounter.arrives_at), now) + step
    arrival: datetime | None = await session.scalar(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "bucket"],
            set_={"arrives_at": arrives},
            where=impossible | (GuessCounter.arrives_at <= now + within - step),
        ).returning(GuessCounter.arrives_at)
    )
    if arrival is None:
        raise _wait(step)


async def _is_known(session: AsyncSession, system: Actor, key: str, network: str) -> bool:
    found = await session.scalar(
        select(GuessCounter.bucket).where(
            GuessCounter.tenant_id == system.tenant_id,
            GuessCounter.bucket == bucket_of("known", key, network),
            GuessCounter.arrives_at > clock.now(),
        )
    )
    return found is not None


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
    await session.execute(
        _of(system, after).on_conflict_do_update(
            index_elements=["tenant_id", "bucket"],
            set_={
                "failures": literal_column("excluded.failures"),
                "arrives_at": literal_column("excluded.arrives_at"),
            },
        )
    )


async def _locked(
    session: AsyncSession, system: Actor, buckets: Sequence[str]
) -> Mapping[str, Count]:
    """What buckets hold, locked in this order, so that two callers never hold what the other one
    waits for. Written first, as a row that is not there cannot be locked."""
    new = _of(system, {bucket: Count(0, clock.now()) for bucket in buckets})
    rows = await session.execute(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "bucket"], set_={"failures": GuessCounter.failures}
        ).returning(GuessCounter.bucket, GuessCounter.failures, GuessCounter.arrives_at)
    )
    return {row.bucket: Count(row.failures, row.arrives_at) for row in rows}


def _of(system: Actor, counts: Mapping[str, Count]) -> Insert:
    return insert(GuessCounter).values(
        [
            {
                "tenant_id": system.tenant_id,
                "bucket": bucket,
                "failures": count.failures,
                "arrives_at": count.until,
            }
            for bucket, count in counts.items()
        ]
    )


def _wait(left: timedelta) -> TooManyAttempts:
    seconds = max(1, math.ceil(left.total_seconds()))
    return TooManyAttempts(headers={"Retry-After": str(seconds)})
