"""One-time links: an activation, a reset. Stored as hashes, consumed by one conditional update."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.lifecycle import ACTIVATION, PASSWORD_RESET
from app.domain.sign_in.problems import LinkOfNoUse
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint, new_token
from app.models.auth import OneTimeToken

Purpose = Literal["activation", "password_reset"]
_LASTS: dict[str, timedelta] = {"activation": ACTIVATION, "password_reset": PASSWORD_RESET}


async def issue_one_time_token(
    session: AsyncSession, system: Actor, person_id: UUID, purpose: Purpose
) -> str:
    """A new secret for a link; older ones of the same purpose are of no use any more."""
    now = clock.now()
    await session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.person_id == person_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=now)
    )
    token = new_token("skl")
    session.add(
        OneTimeToken(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            person_id=person_id,
            purpose=purpose,
            fingerprint=fingerprint(token),
            created_at=now,
            expires_at=now + _LASTS[purpose],
        )
    )
    await session.flush()
    return token


async def look_at_link(session: AsyncSession, system: Actor, token: str) -> OneTimeToken:
    """What a link is good for; looking never consumes it. Raises `LinkOfNoUse`."""
    found: OneTimeToken | None = await session.scalar(
        select(OneTimeToken).where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.fingerprint == fingerprint(token),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
        )
    )
    if found is None:
        raise LinkOfNoUse
    return found


async def consume_link(session: AsyncSession, system: Actor, token: str) -> OneTimeToken:
    """Use a link up. Of many at the same moment one wins; the others get `LinkOfNoUse`."""
    used: OneTimeToken | None = await session.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.fingerprint == fingerprint(token),
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(OneTimeToken)
    )
    if used is None:
        raise LinkOfNoUse
    return used
