"""Counting guesses: in the database, so that the count survives a restart and is one for all."""

import hashlib
import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.lifecycle import wait_from_network, wait_overall
from app.domain.sign_in.problems import TooManyAttempts
from app.kernel import clock
from app.models.auth import GuessCounter

_MINUTE = timedelta(minutes=1)
#: Failures further apart than this are forgotten.
_FORGOTTEN_AFTER = timedelta(hours=24)


def network_of(address: str | None) -> str:
    """What counts as one network: an IPv4 address, or an IPv6 /64."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if ip.version == 6:  # noqa: PLR2004
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def account_bucket(key: str, network: str | None = None) -> str:
    """The bucket of an account, whether it exists or not; perhaps from one network only."""
    digest = hashlib.blake2b(f"{key}|{network or ''}".encode(), digest_size=16).hexdigest()
    return f"{'account-network' if network else 'account'}:{digest}"


async def count_attempt(
    session: AsyncSession, actor: Actor, key: str, network: str, *, per_minute: int
) -> None:
    """Count an attempt to get into an account before it is tried, so that attempts made at the
    same time count too. Raises `TooManyAttempts` while the account or the network must wait."""
    await take(session, actor, f"network:{network}", per_minute=per_minute)
    await _count(session, actor, account_bucket(key, network), wait_from_network)
    await _count(session, actor, account_bucket(key), wait_overall)


async def forget_attempts(session: AsyncSession, actor: Actor, key: str, network: str) -> None:
    """The right password was given: what was counted against this account here is forgotten."""
    await session.execute(
        delete(GuessCounter).where(
            GuessCounter.tenant_id == actor.tenant_id,
            GuessCounter.bucket.in_([account_bucket(key, network), account_bucket(key)]),
        )
    )


async def take(session: AsyncSession, actor: Actor, bucket: str, *, per_minute: int) -> None:
    """Take one from a bucket that refills evenly (GCRA, in one upsert); else
    `TooManyAttempts`. The bucket holds a minute's worth."""
    now = clock.now()
    step = _MINUTE / per_minute
    new = insert(GuessCounter).values(
        tenant_id=actor.tenant_id, bucket=bucket, failures=0, arrives_at=now + step
    )
    arrives = func.greatest(GuessCounter.arrives_at, literal(now)) + step
    arrival: datetime | None = await session.scalar(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "bucket"],
            set_={"arrives_at": arrives},
            where=GuessCounter.arrives_at <= now + _MINUTE - step,
        ).returning(GuessCounter.arrives_at)
    )
    if arrival is None:
        raise TooManyAttempts(headers={"Retry-After": str(max(1, round(step.total_seconds())))})


async def _count(
    session: AsyncSession, actor: Actor, bucket: str, wait: Callable[[int], timedelta]
) -> None:
    now = clock.now()
    held = await session.get(
        GuessCounter, (actor.tenant_id, bucket), with_for_update=True, populate_existing=True
    )
    if held is not None and held.failures and held.arrives_at > now:
        left = (held.arrives_at - now).total_seconds()
        raise TooManyAttempts(headers={"Retry-After": str(max(1, round(left)))})
    counted = (
        insert(GuessCounter)
        .values(tenant_id=actor.tenant_id, bucket=bucket, failures=1, arrives_at=now)
        .on_conflict_do_update(
            index_elements=["tenant_id", "bucket"],
            set_={
                "failures": case(
                    (GuessCounter.arrives_at < now - _FORGOTTEN_AFTER, 1),
                    else_=GuessCounter.failures + 1,
                ),
                "arrives_at": now,
            },
        )
        .returning(GuessCounter.failures)
    )
    failures = await session.scalar(counted) or 1
    counter = await session.get(GuessCounter, (actor.tenant_id, bucket), populate_existing=True)
    if counter is not None:
        counter.arrives_at = now + wait(failures)
