"""Signing in, refreshing tokens, and signing out."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.people.addresses import address_key
from app.domain.sign_in import passwords
from app.domain.sign_in.guesses import count_attempt, forget_attempts
from app.domain.sign_in.problems import (
    LocalSignInClosed,
    RefreshRefused,
    SignInRefused,
    TooManyAttempts,
)
from app.domain.sign_in.queries import (
    Candidate,
    candidate_by_address,
    candidate_held,
    credential_of,
)
from app.domain.sign_in.reauthentication import note_refusal
from app.domain.sign_in.second_step import Challenge, SignInResult, let_in
from app.domain.sign_in.tokens import (
    Origin,
    end_other_sessions_of,
    end_session,
    issue,
    refreshable,
    use,
)
from app.domain.tenants.queries import definition_of
from app.kernel import clock, ids
from app.models.people import Person
from app.models.sign_in import Credential, SignedInSession


async def sign_in(
    session: AsyncSession,
    system: Actor,
    *,
    email: str,
    password: str,
    delivery: str,
    origin: Origin,
    attempts_per_minute: int,
) -> SignInResult | Challenge:
    """Sign in with e-mail address and password, at the portal of the system's tenant; where a
    second factor is needed, the result is a challenge.

    Raises `SignInRefused` (the same for a wrong password, an unknown address and an inactive
    person), `TooManyAttempts`, `LocalSignInClosed`."""
    definition = await definition_of(session, system)
    if not definition.sign_in.local.enabled:
        raise LocalSignInClosed(portal=definition.portal.slug)
    key = address_key(email)
    found = await candidate_by_address(session, system, key)
    person_id = found.person.id if found else None
    password_hash = found.credential.password_hash if found and found.credential else None
    try:
        await count_attempt(session, system, key, origin.network, per_minute=attempts_per_minute)
    except TooManyAttempts:
        await note_refusal(session, system, person_id, "too-many-attempts", origin)
        raise
    # Committed before the password is tried: the attempt counts even if this process dies, and
    # no connection is held while Argon2 has the processor.
    await session.commit()

    right = await passwords.fits(password, password_hash)
    held, credential = await _admitted(
        session, system, person_id, password_hash if right else None, origin
    )
    if passwords.outdated(credential.password_hash):
        credential.password_hash = await passwords.hashed(password)
    result = await let_in(
        session,
        system,
        held.person,
        delivery=delivery,
        origin=origin,
        way="local",
        must_change_password=credential.must_change,
        has_factor=held.has_factor,
    )
    if isinstance(result, SignInResult):
        await forget_attempts(session, system, key, str(held.person.id), origin.network)
    return result


async def _admitted(
    session: AsyncSession,
    system: Actor,
    person_id: UUID | None,
    password_hash: str | None,
    origin: Origin,
) -> tuple[Candidate, Credential]:
    """Whoever gave the right password, with his credential, looked up again and locked: while it
    was tried he may have been deactivated or his password changed. Whoever does either from now on
    waits for this session to be there, and ends it.

    `password_hash` is what the password fitted, `None` where it was wrong. It takes as long for an
    address that nobody has. Raises `SignInRefused`."""
    held = await candidate_held(session, system, person_id or ids.new_id())
    if held is None or held.credential is None or password_hash is None:
        await note_refusal(session, system, person_id, "wrong", origin)
        raise SignInRefused
    if held.person.state != "active" or held.credential.password_hash != password_hash:
        await note_refusal(session, system, person_id, "not-active", origin)
        raise SignInRefused
    return held, held.credential


async def refresh(
    session: AsyncSession, system: Actor, *, token: str, app_id: UUID | None = None
) -> SignInResult:
    """Exchange a refresh token, which stays valid until the new tokens are first used: neither a
    lost answer nor two requests at once sign anybody out. Used after that, it ends the session. An
    app's token is accepted only for the app `app_id`, which has authenticated itself.

    Raises `RefreshRefused`."""
    found = await refreshable(session, system, token)
    if found is None or found[1].app_id != app_id:
        raise RefreshRefused
    held, of = found
    now = clock.now()
    person = await session.get(Person, (system.tenant_id, of.person_id))
    alive = (
        of.ended_at is None
        and held.expires_at > now
        and (now - of.last_used_at).total_seconds() < of.idle_seconds
    )
    if not alive or person is None or person.state != "active":
        raise RefreshRefused
    if held.succeeded_at is not None:
        await end_session(session, system, of, reason="refresh-token-reused")
        raise RefreshRefused
    await use(session, held)
    of.last_used_at = now
    credential = await credential_of(session, system, person.id)
    return SignInResult(
        person, issue(session, of, after=held), bool(credential and credential.must_change)
    )


async def sign_out_elsewhere(session: AsyncSession, actor: Actor) -> None:
    """End all of one's own sessions but the current one."""
    async with as_system(session, actor) as system:
        await end_other_sessions_of(
            session, system, actor.person, besides=actor.session_id, reason="signed-out-elsewhere"
        )


async def sign_out(session: AsyncSession, actor: Actor, session_id: UUID | None = None) -> None:
    """End the current session, or another of one's own."""
    async with as_system(session, actor) as system:
        of = await session.get(SignedInSession, (actor.tenant_id, session_id or actor.session_id))
        if of is not None and of.person_id == actor.person_id:
            await end_session(session, system, of, reason="signed-out")
