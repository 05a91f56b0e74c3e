"""The second step of signing in: the challenge between a right password and a session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.codes import recovery_fingerprint
from app.domain.sign_in.events import RecoveryCodeUsed
from app.domain.sign_in.factors import (
    Enrolment,
    confirmed,
    enrol,
    factors_of,
    is_needed_by,
    pending_enrolment,
    show,
)
from app.domain.sign_in.guesses import count_code, forget_attempts, forget_codes
from app.domain.sign_in.lifecycle import CHALLENGE
from app.domain.sign_in.links import Purpose, consume_link, issue_one_time_token, look_at_link
from app.domain.sign_in.problems import (
    ChallengeOfNoUse,
    CodeRefused,
    FactorNotFound,
    LinkOfNoUse,
)
from app.domain.sign_in.queries import credential_of, person_held
from app.domain.sign_in.reauthentication import note_refusal
from app.domain.sign_in.tokens import Origin, Tokens, start_session
from app.journal import record
from app.kernel import clock
from app.kernel.secrets import Sealer
from app.models.factors import RecoveryCode
from app.models.people import ContactDetails, Person
from app.models.sign_in import OneTimeToken

Step = Literal["second_factor_required", "second_factor_setup_required"]
_FOR: tuple[Purpose, ...] = ("second_factor",)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A sign-in that needs a second factor: a code, or adding a factor first."""

    person: Person
    step: Step
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInResult:
    """A completed sign-in: the person, the tokens, and whether the password must be changed
    first."""

    person: Person
    tokens: Tokens
    must_change_password: bool
    recovery_codes: tuple[str, ...] = ()


async def let_in(
    session: AsyncSession,
    system: Actor,
    person: Person,
    *,
    delivery: str,
    origin: Origin,
    way: str,
    must_change_password: bool = False,
    has_factor: bool | None = None,
) -> SignInResult | Challenge:
    """The result of a right password, however it was given: a session or a challenge. `has_factor`:
    whether the person has a second factor, where that is known."""
    if has_factor is None:
        has_factor = bool(await factors_of(session, system, person.id, confirmed=True))
    if has_factor:
        step: Step = "second_factor_required"
    elif await is_needed_by(session, system, person):
        step = "second_factor_setup_required"
    else:
        tokens = await start_session(
            session, system, person, delivery=delivery, origin=origin, way=way
        )
        return SignInResult(person, tokens, must_change_password)
    secret = await issue_one_time_token(
        session, system, person.id, "second_factor", delivery=delivery, way=way
    )
    return Challenge(person, step, secret, clock.now() + CHALLENGE)


async def begin_setup(
    session: AsyncSession, system: Actor, sealer: Sealer, *, challenge: str, label: str
) -> Enrolment:
    """Begin to add the required factor, for somebody without one.

    Raises `ChallengeOfNoUse`."""
    _, person = await _held(session, system, challenge)
    if await factors_of(session, system, person.id, confirmed=True):
        raise ChallengeOfNoUse
    return await enrol(session, system, sealer, person, label=label)


async def pending_setup(
    session: AsyncSession, system: Actor, sealer: Sealer, *, challenge: str
) -> Enrolment | None:
    """The factor that is being added in this challenge, to show it again after a wrong code."""
    try:
        _, person = await _held(session, system, challenge)
    except ChallengeOfNoUse:
        return None
    return await pending_enrolment(session, system, sealer, person)


async def pass_challenge(
    session: AsyncSession,
    system: Actor,
    sealer: Sealer,
    *,
    challenge: str,
    code: str | None,
    recovery_code: str | None,
    origin: Origin,
) -> SignInResult:
    """Complete the sign-in with a code of the app or with a recovery code. Of two at once one
    succeeds.

    Raises `ChallengeOfNoUse`, `CodeRefused`, `TooManyAttempts`, `FactorNotFound` where a factor
    must be added first."""
    link, person = await _held(session, system, challenge)
    await count_code(session, system, str(person.id))
    made: list[str] = []
    if recovery_code is not None:
        right = await _use_recovery_code(session, system, person, recovery_code)
    else:
        right, made = await _use_code(session, system, sealer, person, code or "")
    if not right:
        await note_refusal(
            session, system, person.id, "wrong-code", origin, way=link.way or "local"
        )
        raise CodeRefused.at("/recovery_code" if recovery_code is not None else "/code")
    try:
        await consume_link(session, system, challenge, _FOR)
    except LinkOfNoUse:
        raise ChallengeOfNoUse from None
    contact = await session.get(ContactDetails, (system.tenant_id, person.id))
    if contact is not None:
        key = contact.email_key
        await forget_attempts(session, system, key, str(person.id), origin.network)
    tokens = await start_session(
        session,
        system,
        person,
        delivery=link.delivery or "tokens",
        origin=origin,
        way=f"{link.way}+{'recovery-code' if recovery_code is not None else 'totp'}",
    )
    credential = await credential_of(session, system, person.id)
    return SignInResult(
        person, tokens, bool(credential and credential.must_change), recovery_codes=tuple(made)
    )


async def _held(
    session: AsyncSession, system: Actor, challenge: str
) -> tuple[OneTimeToken, Person]:
    try:
        link = await look_at_link(session, system, challenge, _FOR)
    except LinkOfNoUse:
        raise ChallengeOfNoUse from None
    person = await person_held(session, system, link.person_id)
    if person is None or person.state != "active":
        raise ChallengeOfNoUse
    return link, person


async def _use_code(
    session: AsyncSession, system: Actor, sealer: Sealer, person: Person, code: str
) -> tuple[bool, list[str]]:
    """Whether one of the person's apps shows the code; the recovery codes that were made where
    it is the first code of his first app."""
    factors = await factors_of(session, system, person.id, confirmed=True)
    for factor in factors or await factors_of(session, system, person.id, confirmed=False):
        if await show(session, system, sealer, factor, code):
            return True, [] if factors else await confirmed(session, system, factor)
    if not factors and not await factors_of(session, system, person.id):
        raise FactorNotFound
    return False, []


async def _use_recovery_code(
    session: AsyncSession, system: Actor, person: Person, code: str
) -> bool:
    used = await session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.tenant_id == system.tenant_id,
            RecoveryCode.person_id == person.id,
            RecoveryCode.fingerprint == recovery_fingerprint(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.fingerprint),
        execution_options={"synchronize_session": False},
    )
    if used is None:
        return False
    await forget_codes(session, system, str(person.id))
    await record(session, system, RecoveryCodeUsed(subject_id=person.id))
    return True
