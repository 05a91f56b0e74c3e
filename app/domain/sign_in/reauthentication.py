"""Reauthentication before an account's ways to sign in are changed, who may change them for others,
and recording failed attempts."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require, require_recent
from app.domain.people.memberships import refuse_above
from app.domain.people.problems import NotOneself
from app.domain.sign_in import passwords
from app.domain.sign_in.events import SignInWasRefused
from app.domain.sign_in.guesses import count_repetition
from app.domain.sign_in.problems import PasswordNeeded, PasswordWrong
from app.domain.sign_in.queries import credential_of
from app.domain.sign_in.tokens import Origin
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.models.people import Person


async def repeat_password(
    session: AsyncSession,
    system: Actor,
    person_id: UUID,
    password: str,
    origin: Origin,
    *,
    pointer: str,
) -> None:
    """Ask a signed-in person for the password again, for what a found phone must not do.

    Raises `PasswordWrong`, `TooManyAttempts`."""
    await count_repetition(session, system, str(person_id), origin.network)
    credential = await credential_of(session, system, person_id)
    if not await passwords.fits(password, credential.password_hash if credential else None):
        await note_refusal(session, system, person_id, "wrong-present-password", origin)
        raise PasswordWrong.at(pointer)


async def prove_again(
    session: AsyncSession, system: Actor, actor: Actor, password: str | None, origin: Origin
) -> None:
    """Before a way to sign in is changed: ask for the password or, where there is none to sign in
    with, require a recent sign-in.

    Raises `PasswordNeeded`, `PasswordWrong`, `TooManyAttempts`, `SignInAgain`."""
    opens = (await definition_of(session, system)).sign_in.local.enabled
    if not opens or await credential_of(session, system, actor.person) is None:
        require_recent(actor)
        return
    if password is None:
        raise PasswordNeeded.at("/password", PasswordNeeded.title)
    await repeat_password(session, system, actor.person, password, origin, pointer="/password")


async def require_care_of(session: AsyncSession, actor: Actor, somebody: Person) -> None:
    """Changing another person's ways to sign in needs `portal_access:grant`, for an agent
    `roles:assign` too and every permission of his role. Raises `NotOneself`, `RoleAboveOnesOwn`."""
    require(actor, "portal_access:grant")
    if somebody.id == actor.person_id:
        raise NotOneself
    if somebody.side == "agent":
        require(actor, "roles:assign")
        await refuse_above(session, actor, somebody.role, actor.permissions)


async def note_refusal(
    session: AsyncSession,
    system: Actor,
    person_id: UUID | None,
    reason: str,
    origin: Origin,
    *,
    way: str = "local",
) -> None:
    """Record that a sign-in was refused, and why: for the audit, never for the caller."""
    refused = SignInWasRefused(
        subject_id=person_id,
        reason=reason,
        way=way,
        network=origin.neighbourhood,
        device=origin.device_code,
    )
    await record(session, system, refused)
