"""The verbs of signing in."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.domain.people.addresses import address_key
from app.domain.people.queries import memberships_of, person_by_email, person_for
from app.domain.sign_in import passwords
from app.domain.sign_in.events import (
    PasswordChanged,
    PasswordResetAsked,
    PortalOpened,
    SignInWasRefused,
)
from app.domain.sign_in.guesses import count_attempt, forget_attempts, take
from app.domain.sign_in.links import consume_link, look_at_link
from app.domain.sign_in.problems import (
    CannotSignIn,
    LinkOfNoUse,
    LocalSignInClosed,
    PasswordUnchanged,
    PasswordWrong,
    RefreshRefused,
    SignInRefused,
    TooManyAttempts,
)
from app.domain.sign_in.tokens import (
    Origin,
    Tokens,
    end_session,
    end_sessions_of,
    issue,
    refreshable,
    start_session,
    successor_used,
)
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock
from app.models.auth import Credential, SignedInSession
from app.models.people import ContactDetails, Person

_RESETS_PER_MINUTE = 3


@dataclass(frozen=True, slots=True)
class SignInResult:
    """Who is in, with which tokens, and whether a new password is all he may set for now."""

    person: Person
    tokens: Tokens
    must_change_password: bool


async def sign_in(
    session: AsyncSession,
    system: Actor,
    *,
    email: str,
    password: str,
    delivery: str,
    origin: Origin,
    attempts_per_minute: int,
) -> SignInResult:
    """Let somebody in with address and password, on the portal of the system's tenant.

    Raises `SignInRefused` (the same for a wrong password, an unknown address, somebody inactive),
    `TooManyAttempts`, `LocalSignInClosed`."""
    definition = await definition_of(session, system)
    if not definition.sign_in.local.enabled:
        raise LocalSignInClosed(portal=definition.portal.slug)
    key = address_key(email)
    found = await person_by_email(session, system, key)
    person = found[0] if found else None
    password_hash = await _password_hash(session, system, person)
    try:
        await count_attempt(
            session, system, key, origin.network, per_minute=attempts_per_minute
        )
    except TooManyAttempts:
        await _refused(session, system, person, "too-many-attempts")
        raise
    # Committed before the password is tried: the attempt counts even if this process dies, and
    # no connection is held while Argon2 has the processor.
    await session.commit()

    right = await passwords.fits(password, password_hash)
    if person is not None:
        person = await session.get(Person, (system.tenant_id, person.id), populate_existing=True)
    if not right or person is None or person.state != "active":
        await _refused(session, system, person, "wrong" if not right else "not-active")
        raise SignInRefused
    credential = await session.get(
        Credential, (system.tenant_id, person.id), populate_existing=True
    )
    if credential is None or credential.password_hash != password_hash:
        await _refused(session, system, person, "changed-meanwhile")
        raise SignInRefused
    await forget_attempts(session, system, key, origin.network)
    if passwords.outdated(credential.password_hash):
        credential.password_hash = await passwords.hashed(password)
    tokens = await start_session(
        session, system, person, delivery=delivery, origin=origin, way="local"
    )
    return SignInResult(person, tokens, credential.must_change)


async def refresh(session: AsyncSession, system: Actor, *, token: str) -> tuple[Person, Tokens]:
    """New tokens for a refresh token, whose predecessor stays good until the new ones are first
    used: a lost answer signs nobody out. Used after that, the whole family ends.

    Raises `RefreshRefused`."""
    found = await refreshable(session, system, token)
    if found is None:
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
    repeated = held.generation != of.generation
    if repeated and (held.generation != of.generation - 1 or await successor_used(session, of)):
        await end_session(session, system, of, reason="refresh-token-reused")
        raise RefreshRefused
    held.first_used_at = held.first_used_at or now
    if not repeated:
        of.generation += 1
    of.last_used_at = now
    return person, issue(session, of)


async def sign_out(session: AsyncSession, actor: Actor, session_id: UUID | None = None) -> None:
    """End the session one is signed in with."""
    async with as_system(session, actor) as system:
        of = await session.get(SignedInSession, (actor.tenant_id, session_id or actor.session_id))
        if of is not None and of.person_id == actor.person_id:
            await end_session(session, system, of, reason="signed-out")


async def change_password(
    session: AsyncSession, actor: Actor, *, present: str, new: str, origin: Origin,
    attempts_per_minute: int,
) -> SignInResult:
    """Set a new password; everything the person is signed in with ends, and a new session of the
    same delivery begins. Raises `PasswordWrong` and what `passwords.check` raises."""
    async with as_system(session, actor) as system:
        person, contact = await _person_and_contact(session, system, actor.person)
        key = contact.email_key
        credential = await session.get(Credential, (system.tenant_id, person.id))
        held = await session.get(SignedInSession, (system.tenant_id, actor.session_id))
        delivery = held.delivery if held else "tokens"
        await take(session, system, f"password:{person.id}", per_minute=attempts_per_minute)
        if not await passwords.fits(present, credential.password_hash if credential else None):
            await _refused(session, system, person, "wrong-present-password")
            raise PasswordWrong
        if passwords.normal(present) == passwords.normal(new):
            raise PasswordUnchanged
        await _set_password(session, system, person, contact, new, way="changed")
        await forget_attempts(session, system, key, origin.network)
        tokens = await start_session(
            session, system, person, delivery=delivery, origin=origin, way="password-changed"
        )
    return SignInResult(person, tokens, must_change_password=False)


async def ask_for_reset(
    session: AsyncSession, system: Actor, *, email: str, origin: Origin, attempts_per_minute: int
) -> None:
    """Have a link mailed to whoever has this address; nothing says whether anybody has."""
    await take(session, system, f"network:{origin.network}", per_minute=attempts_per_minute)
    key = address_key(email)
    await take(session, system, f"reset:{key}"[:300], per_minute=_RESETS_PER_MINUTE)
    found = await person_by_email(session, system, key)
    if found is not None and found[0].state == "active":
        await record(session, system, PasswordResetAsked(subject_id=found[0].id))


async def open_portal(session: AsyncSession, actor: Actor, person: str) -> Person:
    """Open the portal for somebody: he is mailed a link to set his password with (S4-3; a
    password is never mailed). Needs `portal_access:grant`. Raises `CannotSignIn`."""
    somebody = await person_for(session, actor, person)
    require(actor, "portal_access:grant")
    if somebody.side == "agent":
        require(actor, "roles:assign")
    homeless = somebody.side == "customer" and not await memberships_of(
        session, actor, somebody.id
    )
    if somebody.state == "inactive" or homeless:
        raise CannotSignIn
    await record(session, actor, PortalOpened(subject_id=somebody.id))
    return somebody


async def set_password_by_link(
    session: AsyncSession, system: Actor, *, token: str, password: str
) -> Person:
    """Set a password with an activation or reset link; whoever was signed in is signed out.

    Raises `LinkOfNoUse` and what `passwords.check` raises, which leaves the link good."""
    link = await look_at_link(session, system, token)
    person, contact = await _person_and_contact(session, system, link.person_id)
    if person.state == "inactive":
        raise LinkOfNoUse
    await consume_link(session, system, token)
    await _set_password(session, system, person, contact, password, way=link.purpose)
    if person.state == "invited":
        person.state = "active"
        person.version += 1
        person.updated_at = clock.now()
    return person


async def set_first_password(
    session: AsyncSession, system: Actor, person: Person, password: str, *, must_change: bool = False
) -> None:
    """Give a person a password without a link: demo people, the operator's command."""
    _, contact = await _person_and_contact(session, system, person.id)
    await _set_password(session, system, person, contact, password, way="operator")
    credential = await session.get(Credential, (system.tenant_id, person.id))
    if credential is not None:
        credential.must_change = must_change
    person.state = "active"


async def _set_password(
    session: AsyncSession,
    system: Actor,
    person: Person,
    contact: ContactDetails,
    password: str,
    *,
    way: str,
) -> None:
    definition = await definition_of(session, system)
    passwords.check(password, (contact.email, person.name, definition.portal.name, "skranke"))
    await session.merge(
        Credential(
            tenant_id=system.tenant_id,
            person_id=person.id,
            password_hash=await passwords.hashed(password),
            must_change=False,
            changed_at=clock.now(),
        )
    )
    await end_sessions_of(session, system, person.id, reason="password-changed")
    await record(session, system, PasswordChanged(subject_id=person.id, way=way))


async def _person_and_contact(
    session: AsyncSession, system: Actor, person_id: UUID
) -> tuple[Person, ContactDetails]:
    person = await session.get(Person, (system.tenant_id, person_id))
    contact = await session.get(ContactDetails, (system.tenant_id, person_id))
    if person is None or contact is None:
        raise LinkOfNoUse
    return person, contact


async def _password_hash(
    session: AsyncSession, system: Actor, person: Person | None
) -> str | None:
    """The hash, or nothing: asked either way, so that both ways take as long."""
    found: str | None = await session.scalar(
        select(Credential.password_hash).where(
            Credential.tenant_id == system.tenant_id,
            Credential.person_id == (person.id if person else func.gen_random_uuid()),
        )
    )
    return found


async def _refused(
    session: AsyncSession, system: Actor, person: Person | None, reason: str
) -> None:
    refused = SignInWasRefused(subject_id=person.id if person else None, reason=reason)
    await record(session, system, refused)
