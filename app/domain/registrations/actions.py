"""Asking for access, and confirming an address."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.organizations.email_domains import organization_of_domain
from app.domain.people.addresses import address_key, domain_of, readable_address
from app.domain.people.problems import EmailTaken
from app.domain.people.queries import person_by_email
from app.domain.registrations.account_creation import let_in, move
from app.domain.registrations.events import (
    RegistrationAsked,
    RegistrationConfirmed,
    RegistrationExpired,
)
from app.domain.registrations.lifecycle import (
    LINK,
    MOST_FOR_ADDRESS,
    MOST_FROM_NETWORK,
    SWEEP_REGISTRATION,
    WAITS,
)
from app.domain.registrations.policy import refuse_hopeless
from app.domain.registrations.problems import ConfirmationOfNoUse, RegistrationClosed
from app.domain.registrations.queries import locked_of_address, opened_to
from app.domain.sign_in import passwords
from app.domain.sign_in.guesses import bucket_of, limit_rate
from app.domain.sign_in.problems import TooManyAttempts
from app.domain.sign_in.tokens import Origin
from app.domain.tenants.queries import definition_of
from app.journal import record, set_timer
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint, new_token
from app.models.registrations import Registration

_HOUR = timedelta(hours=1)


async def ask(
    session: AsyncSession,
    system: Actor,
    *,
    name: str,
    email: str,
    language: str | None,
    message: str | None,
    origin: Origin,
    attempts_per_minute: int,
) -> None:
    """Store a request for access; a link is mailed to the address. Whether somebody has the address
    is looked up only when the mail is written, so that nothing in the answer can tell, and an
    address that had enough mails gets the usual answer.

    Raises `RegistrationClosed`, `EmailInvalid`, and `TooManyAttempts` for the network alone."""
    if await opened_to(session, system) is None:
        raise RegistrationClosed
    address = readable_address(email)
    key = address_key(address)
    await limit_rate(session, system, f"network:{origin.network}", most=attempts_per_minute)
    from_here = bucket_of("registrations", origin.network)
    await limit_rate(session, system, from_here, most=MOST_FROM_NETWORK, within=_HOUR)
    try:
        for_address = bucket_of("registration", key)
        await limit_rate(session, system, for_address, most=MOST_FOR_ADDRESS, within=_HOUR)
    except TooManyAttempts:
        return
    now = clock.now()
    registration = Registration(
        tenant_id=system.tenant_id,
        id=ids.new_id(),
        state="asked",
        name=name,
        email=address,
        email_key=key,
        domain=domain_of(key),
        language=language,
        message=message,
        created_at=now,
        expires_at=now + LINK,
    )
    session.add(registration)
    await set_timer(session, system, SWEEP_REGISTRATION, registration.id, registration.expires_at)
    await record(session, system, RegistrationAsked(subject_id=registration.id))


async def new_secret(session: AsyncSession, registration: Registration) -> str:
    """The secret of the link that confirms an address, for the mail alone."""
    secret = new_token("skg")
    registration.fingerprint = fingerprint(secret)
    await session.flush()
    return secret


async def look_at(session: AsyncSession, system: Actor, secret: str) -> Registration:
    """The registration behind a confirmation link; reading does not use the link up. Raises
    `ConfirmationOfNoUse`."""
    found: Registration | None = await session.scalar(
        select(Registration).where(
            Registration.tenant_id == system.tenant_id,
            Registration.fingerprint == fingerprint(secret),
            Registration.state == "asked",
            Registration.expires_at > clock.now(),
        )
    )
    if found is None:
        raise ConfirmationOfNoUse
    return found


async def confirm(
    session: AsyncSession, system: Actor, *, secret: str, password: str
) -> Registration:
    """Confirm an address and set the password. Where the address' domain gives access, the person
    is created at once; otherwise the registration waits. Of many requests at the same moment one
    counts.

    Raises `ConfirmationOfNoUse`, `RegistrationClosed`, `NobodyLetsIn`, and what `passwords.accept`
    raises, which leaves the link valid."""
    key = (await look_at(session, system, secret)).email_key
    of_address = await locked_of_address(session, system, key)
    registration = await look_at(session, system, secret)
    waits = any(each.state == "waiting" for each in of_address)
    # Nobody joins an account by its address, nor takes a place that another one waits for.
    if waits or await person_by_email(session, system, key) is not None:
        raise ConfirmationOfNoUse
    opened = await opened_to(session, system)
    if opened is None:
        raise RegistrationClosed
    company = await organization_of_domain(session, system, registration.domain)
    refuse_hopeless(opened, known_domain=company is not None)
    portal = (await definition_of(session, system)).portal.name
    await passwords.accept(password, (registration.email, registration.name, portal, "skranke"))
    password_hash = await passwords.hashed(password)
    await _delete_other_requests(session, system, registration)
    registration.confirmed_at = clock.now()
    confirmed = RegistrationConfirmed(subject_id=registration.id)
    if company is None or "email_domain" not in opened.let_in_by:
        registration.password_hash = password_hash
        await move(session, system, registration, "waiting", lasts=WAITS)
        await record(session, system, confirmed)
        return registration
    await record(session, system, confirmed)
    try:
        await let_in(
            session,
            system,
            registration,
            company.id,
            role=opened.role,
            password_hash=password_hash,
        )
    except EmailTaken:
        raise ConfirmationOfNoUse from None
    return registration


async def _delete_other_requests(
    session: AsyncSession, system: Actor, registration: Registration
) -> None:
    """Of several requests for one address, whichever is confirmed first is the one that stays."""
    await session.execute(
        delete(Registration).where(
            Registration.tenant_id == system.tenant_id,
            Registration.email_key == registration.email_key,
            Registration.state == "asked",
            Registration.id != registration.id,
        )
    )


async def sweep_registration(session: AsyncSession, system: Actor, registration_id: object) -> None:
    """Timer: delete a registration whose time is over, with everything it knew of somebody."""
    held = await session.get(
        Registration, (system.tenant_id, registration_id), with_for_update=True
    )
    if held is None:
        return
    if held.expires_at > clock.now():
        await set_timer(session, system, SWEEP_REGISTRATION, held.id, held.expires_at)
        return
    undecided = held.state in {"asked", "waiting"}
    await session.delete(held)
    if undecided:
        await record(session, system, RegistrationExpired(subject_id=held.id))
