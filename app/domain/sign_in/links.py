"""One-time secrets: links for activation, password reset and invitation, and the challenge of a
second factor. Stored as hashes, consumed by one conditional update, valid for their own purpose
alone.

Whatever ends the reason for a link ends the link: a password that is set, another address, a
deactivation. Asking for a second link does not: otherwise anybody could keep invalidating another
person's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.lifecycle import ACTIVATION, CHALLENGE, INVITATION, PASSWORD_RESET
from app.domain.sign_in.problems import LinkOfNoUse
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint, new_token
from app.models.sign_in import OneTimeToken

Purpose = Literal["activation", "password_reset", "second_factor", "invitation"]
#: Links that set a password.
FOR_PASSWORDS: tuple[Purpose, ...] = ("activation", "password_reset")
_LASTS: dict[str, timedelta] = {
    "activation": ACTIVATION,
    "password_reset": PASSWORD_RESET,
    "second_factor": CHALLENGE,
    "invitation": INVITATION,
}
_PREFIX = {"second_factor": "skx"}


def purpose_of(link: OneTimeToken) -> Literal["activation", "password_reset"]:
    """What a link that sets a password was mailed for."""
    return "activation" if link.purpose == "activation" else "password_reset"


async def issue_one_time_token(
    session: AsyncSession,
    system: Actor,
    person_id: UUID,
    purpose: Purpose,
    *,
    delivery: str | None = None,
    way: str | None = None,
) -> str:
    """A new secret. Older ones stay valid until one of them is used. `delivery` and `way`: how the
    sign-in began that continues with it."""
    now = clock.now()
    token = new_token(_PREFIX.get(purpose, "skl"))
    session.add(
        OneTimeToken(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            person_id=person_id,
            purpose=purpose,
            fingerprint=fingerprint(token),
            created_at=now,
            expires_at=now + _LASTS[purpose],
            delivery=delivery,
            way=way,
        )
    )
    await session.flush()
    return token


async def look_at_link(
    session: AsyncSession, system: Actor, token: str, purposes: Sequence[Purpose] = FOR_PASSWORDS
) -> OneTimeToken:
    """The link of a secret, where it is for one of `purposes`; reading never consumes it. Raises
    `LinkOfNoUse`."""
    found: OneTimeToken | None = await session.scalar(
        select(OneTimeToken).where(*_good(system, token, purposes))
    )
    if found is None:
        raise LinkOfNoUse
    return found


async def consume_link(
    session: AsyncSession, system: Actor, token: str, purposes: Sequence[Purpose] = FOR_PASSWORDS
) -> OneTimeToken:
    """Use a secret up. Of many at the same moment one succeeds; the others get `LinkOfNoUse`."""
    used: OneTimeToken | None = await session.scalar(
        update(OneTimeToken)
        .where(*_good(system, token, purposes))
        .values(used_at=clock.now())
        .returning(OneTimeToken),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if used is None:
        raise LinkOfNoUse
    return used


async def void_links_of(session: AsyncSession, system: Actor, person_id: UUID) -> None:
    """Invalidate every link that was mailed to a person."""
    await session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.tenant_id == system.tenant_id,
            OneTimeToken.person_id == person_id,
            OneTimeToken.used_at.is_(None),
        )
        .values(used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )


def _good(
    system: Actor, token: str, purposes: Sequence[Purpose]
) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeToken.tenant_id == system.tenant_id,
        OneTimeToken.purpose.in_(purposes),
        OneTimeToken.fingerprint == fingerprint(token),
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > clock.now(),
    )
