"""Setting passwords: by a link from a mail (activation, reset), or with the current one."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.domain.people.addresses import address_key
from app.domain.people.queries import memberships_of, person_by_email, person_for
from app.domain.sign_in import passwords
from app.domain.sign_in.events import (
    PasswordChanged,
    PasswordExpired,
    PasswordResetAsked,
    PortalOpened,
)
from app.domain.sign_in.guesses import bucket_of, forget_attempts, limit_rate
from app.domain.sign_in.links import consume_link, look_at_link, void_links_of
from app.domain.sign_in.problems import (
    CannotSignIn,
    LinkOfNoUse,
    NoPassword,
    PasswordUnchanged,
    TooManyAttempts,
)
from app.domain.sign_in.queries import credential_of, person_held
from app.domain.sign_in.reauthentication import repeat_password, require_care_of
from app.domain.sign_in.second_step import SignInResult
from app.domain.sign_in.tokens import Origin, end_sessions_of, start_session
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock
from app.models.people import ContactDetails, Person
from app.models.sign_in import Credential, SignedInSession

#: Mails with a link that one address gets in an hour, however often somebody asks.
_RESETS_PER_HOUR = 5


async def change_password(
    session: AsyncSession, actor: Actor, *, present: str, new: str, origin: Origin
) -> SignInResult:
    """Set a new password; all sessions of the person end, and a new one of the same delivery
    begins.

    Raises `PasswordWrong`, `TooManyAttempts`, `PasswordUnchanged` and what `passwords.accept`
    raises."""
    async with as_system(session, actor) as system:
        person, contact = await _person_and_contact(session, system, actor.person)
        held = await session.get(SignedInSession, (system.tenant_id, actor.session_id))
        await repeat_password(session, system, person.id, present, origin, pointer="/present")
        if passwords.normal(present) == passwords.normal(new):
            raise PasswordUnchanged.at("/password")
        await _set_password(session, system, person, contact, new, way="changed")
        await forget_attempts(session, system, contact.email_key, str(person.id), origin.network)
        tokens = await start_session(
            session,
            system,
            person,
            delivery=held.delivery if held else "tokens",
            origin=origin,
            way="password-changed",
            vouched_for=bool(held and held.vouched_for),
        )
    return SignInResult(person, tokens, must_change_password=False)


async def ask_for_reset(
    session: AsyncSession, system: Actor, *, email: str, origin: Origin, attempts_per_minute: int
) -> None:
    """Have a link mailed to the owner of an address. Nothing tells whether anybody has it: the same
    is written either way, and an address that had enough mails gets the usual answer.

    Raises `TooManyAttempts` for the network alone."""
    await limit_rate(session, system, f"network:{origin.network}", most=attempts_per_minute)
    key = address_key(email)
    found = await person_by_email(session, system, key)
    try:
        await limit_rate(
            session,
            system,
            bucket_of("reset", key),
            most=_RESETS_PER_HOUR,
            within=timedelta(hours=1),
        )
    except TooManyAttempts:
        return
    person = found[0] if found else None
    asked = person.id if person and person.state == "active" else None
    await record(session, system, PasswordResetAsked(subject_id=asked))


async def open_portal(session: AsyncSession, actor: Actor, person: str) -> Person:
    """Open the portal for a person, who is mailed a link to set a password (S4-3; a password is
    never mailed). Needs `portal_access:grant`. Raises `CannotSignIn`."""
    somebody = await person_for(session, actor, person)
    require(actor, "portal_access:grant")
    if somebody.side == "agent":
        require(actor, "roles:assign")
    homeless = somebody.side == "customer" and not await memberships_of(session, actor, somebody.id)
    if somebody.state == "inactive" or homeless or somebody.service:
        raise CannotSignIn
    await record(session, actor, PortalOpened(subject_id=somebody.id))
    return somebody


async def expire_password(session: AsyncSession, actor: Actor, person: str) -> None:
    """Require a person to set a new password before anything else, in every session (S4-20). Needs
    `portal_access:grant`, for an agent `roles:assign` too and every permission of his role.

    Raises `PersonNotFound`, `NotOneself`, `RoleAboveOnesOwn`, `NoPassword`."""
    somebody = await person_for(session, actor, person)
    await require_care_of(session, actor, somebody)
    async with as_system(session, actor) as system:
        await person_held(session, system, somebody.id)
        credential = await credential_of(session, system, somebody.id)
        if credential is None:
            raise NoPassword
        credential.must_change = True
    await record(session, actor, PasswordExpired(subject_id=somebody.id))


async def set_password_by_link(
    session: AsyncSession, system: Actor, *, token: str, password: str, origin: Origin
) -> Person:
    """Set a password with an activation or reset link. All sessions end, and wrong guesses counted
    here are forgotten, as the person has the mailbox.

    Raises `LinkOfNoUse` and what `passwords.accept` raises, which leaves the link valid."""
    link = await look_at_link(session, system, token)
    person, contact = await _person_and_contact(session, system, link.person_id)
    if person.state == "inactive":
        raise LinkOfNoUse
    await consume_link(session, system, token)
    await _set_password(session, system, person, contact, password, way=link.purpose)
    await forget_attempts(session, system, contact.email_key, str(person.id), origin.network)
    if person.state == "invited":
        person.state = "active"
        person.version += 1
        person.updated_at = clock.now()
    return person


async def set_first_password(
    session: AsyncSession,
    system: Actor,
    person: Person,
    password: str,
    *,
    must_change: bool = False,
    way: str = "operator",
) -> None:
    """Give a person a password without a link: demo people, the operator's command, whoever
    accepts an invitation."""
    _, contact = await _person_and_contact(session, system, person.id)
    await _set_password(session, system, person, contact, password, way=way)
    credential = await credential_of(session, system, person.id)
    if credential is not None:
        credential.must_change = must_change
    person.state, person.shut_out_by = "active", None


async def bring_password(
    session: AsyncSession, system: Actor, person: Person, password_hash: str
) -> None:
    """Activate a new person with a password that was set during registration."""
    await _store(session, system, person, password_hash)
    person.state, person.shut_out_by = "active", None
    changed = PasswordChanged(subject_id=person.id, way="registration", first=True)
    await record(session, system, changed)


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
    known = (contact.email, person.name, definition.portal.name, "skranke")
    await passwords.accept(password, known)
    first = await credential_of(session, system, person.id) is None
    await _store(session, system, person, await passwords.hashed(password))
    await void_links_of(session, system, person.id)
    await end_sessions_of(session, system, person.id, reason="password-changed")
    await record(session, system, PasswordChanged(subject_id=person.id, way=way, first=first))


async def _store(session: AsyncSession, system: Actor, person: Person, password_hash: str) -> None:
    await session.merge(
        Credential(
            tenant_id=system.tenant_id,
            person_id=person.id,
            password_hash=password_hash,
            must_change=False,
            changed_at=clock.now(),
        )
    )


async def _person_and_contact(
    session: AsyncSession, system: Actor, person_id: UUID
) -> tuple[Person, ContactDetails]:
    """Somebody whose password is set, locked: of two who set it one is first."""
    person = await person_held(session, system, person_id)
    contact = await session.get(ContactDetails, (system.tenant_id, person_id))
    if person is None or contact is None:
        raise LinkOfNoUse
    return person, contact
