"""Second factors: adding an authenticator app, confirming it by its first code, removing it;
recovery codes come with the first one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.people.actors import actor_for
from app.domain.people.queries import person_for
from app.domain.sign_in import codes
from app.domain.sign_in.events import RecoveryCodesMade, SecondFactorAdded, SecondFactorsRemoved
from app.domain.sign_in.guesses import count_code, forget_codes
from app.domain.sign_in.problems import (
    CodeRefused,
    FactorConfirmed,
    FactorNotFound,
    SecondFactorNeeded,
    TooManyFactors,
)
from app.domain.sign_in.queries import person_held
from app.domain.sign_in.reauthentication import repeat_password, require_care_of
from app.domain.sign_in.tokens import Origin, end_sessions_of
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock, ids
from app.kernel.ids import parse_id
from app.kernel.secrets import Sealer
from app.models.factors import RecoveryCode, TotpFactor
from app.models.people import ContactDetails, Person

MOST_FACTORS = 5
_SEALED_FOR = "totp"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A factor to confirm: its secret, and the same as an `otpauth:` URI for the QR code."""

    factor: TotpFactor
    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """The caller's second factors, and whether the portal requires one."""

    factors: Sequence[TotpFactor]
    recovery_codes_left: int
    needed: bool


async def own_factors(session: AsyncSession, actor: Actor) -> OwnFactors:
    """The caller's second factors, the oldest first, and whether the portal asks for one."""
    async with as_system(session, actor) as system:
        left = await session.scalar(
            select(func.count()).where(
                RecoveryCode.tenant_id == system.tenant_id,
                RecoveryCode.person_id == actor.person,
                RecoveryCode.used_at.is_(None),
            )
        )
        found = await factors_of(session, system, actor.person)
        return OwnFactors(found, left or 0, await is_needed(session, system, actor))


async def begin_factor(
    session: AsyncSession,
    actor: Actor,
    sealer: Sealer,
    *,
    password: str,
    label: str,
    origin: Origin,
) -> Enrolment:
    """A new authenticator app, which counts once its first code is shown (`confirm_factor`).

    Raises `PasswordWrong`, `TooManyAttempts`, `TooManyFactors`."""
    async with as_system(session, actor) as system:
        person = await _held(session, system, actor.person)
        await repeat_password(session, system, person.id, password, origin, pointer="/password")
        return await enrol(session, system, sealer, person, label=label)


async def enrol(
    session: AsyncSession, system: Actor, sealer: Sealer, person: Person, *, label: str
) -> Enrolment:
    """A new factor of a person, to be confirmed; it replaces one that was never confirmed."""
    await session.execute(
        delete(TotpFactor).where(*_of(system, person.id), TotpFactor.confirmed_at.is_(None))
    )
    if len(await factors_of(session, system, person.id)) >= MOST_FACTORS:
        raise TooManyFactors(most=MOST_FACTORS)
    secret, factor_id = codes.new_secret(), ids.new_id()
    factor = TotpFactor(
        tenant_id=system.tenant_id,
        id=factor_id,
        person_id=person.id,
        label=label,
        sealed_secret=sealer.seal(_SEALED_FOR, secret, bound_to=str(factor_id)),
        created_at=clock.now(),
        confirmed_at=None,
        last_used_at=None,
        last_step=0,
    )
    session.add(factor)
    await session.flush()
    return await _enrolment(session, system, person, factor, secret)


async def pending_enrolment(
    session: AsyncSession, system: Actor, sealer: Sealer, person: Person
) -> Enrolment | None:
    """The factor that a person without any has begun to add, to be shown again."""
    if await factors_of(session, system, person.id, confirmed=True):
        return None
    for factor in await factors_of(session, system, person.id, confirmed=False):
        return await _enrolment(session, system, person, factor, _secret_of(sealer, factor))
    return None


async def _enrolment(
    session: AsyncSession, system: Actor, person: Person, factor: TotpFactor, secret: str
) -> Enrolment:
    contact = await session.get(ContactDetails, (system.tenant_id, person.id))
    issuer = (await definition_of(session, system)).portal.name
    account = contact.email if contact else person.name
    return Enrolment(factor, secret, codes.address_of(secret, issuer=issuer, account=account))


def _secret_of(sealer: Sealer, factor: TotpFactor) -> str:
    return sealer.open(_SEALED_FOR, factor.sealed_secret, bound_to=str(factor.id))


async def confirm_factor(
    session: AsyncSession, actor: Actor, sealer: Sealer, reference: str, *, code: str
) -> list[str]:
    """Confirm a factor by its first code; with the first factor come recovery codes, shown only
    now. Raises `FactorNotFound`, `FactorConfirmed`, `CodeRefused`, `TooManyAttempts`."""
    async with as_system(session, actor) as system:
        await _held(session, system, actor.person)
        factor = await _own(session, system, actor.person, reference)
        if factor.confirmed_at is not None:
            raise FactorConfirmed
        await count_code(session, system, str(actor.person))
        if not await show(session, system, sealer, factor, code):
            raise CodeRefused.at("/code")
        return await confirmed(session, system, factor)


async def confirmed(session: AsyncSession, system: Actor, factor: TotpFactor) -> list[str]:
    """Note that a factor has shown its first code. Returns recovery codes where there are none
    yet."""
    factor.confirmed_at = clock.now()
    await session.flush()
    added = SecondFactorAdded(subject_id=factor.person_id, factor=factor.id)
    await record(session, system, added)
    if len(await factors_of(session, system, factor.person_id, confirmed=True)) > 1:
        return []
    return await _new_codes(session, system, factor.person_id)


async def remove_factor(
    session: AsyncSession, actor: Actor, reference: str, *, password: str, origin: Origin
) -> None:
    """Remove one of the caller's factors; with the last one go the recovery codes.

    Raises `FactorNotFound`, `PasswordWrong`, `TooManyAttempts`, `SecondFactorNeeded`."""
    async with as_system(session, actor) as system:
        await _held(session, system, actor.person)
        factor = await _own(session, system, actor.person, reference)
        await repeat_password(session, system, actor.person, password, origin, pointer="/password")
        counting = await factors_of(session, system, actor.person, confirmed=True)
        is_last = [held.id for held in counting] == [factor.id]
        if is_last and await is_needed(session, system, actor):
            raise SecondFactorNeeded
        await session.delete(factor)
        await session.flush()
        if is_last:
            await _forget_codes_of(session, system, actor.person)
        if factor.confirmed_at is not None:
            removed = SecondFactorsRemoved(subject_id=actor.person, way="removed")
            await record(session, actor, removed)


async def make_recovery_codes(
    session: AsyncSession, actor: Actor, *, password: str, origin: Origin
) -> list[str]:
    """Ten new recovery codes that replace the old ones, shown only now.

    Raises `FactorNotFound` where there is no factor that they could replace, `PasswordWrong`,
    `TooManyAttempts`."""
    async with as_system(session, actor) as system:
        await _held(session, system, actor.person)
        if not await factors_of(session, system, actor.person, confirmed=True):
            raise FactorNotFound
        await repeat_password(session, system, actor.person, password, origin, pointer="/password")
        return await _new_codes(session, system, actor.person)


async def reset_factors(session: AsyncSession, actor: Actor, person: str) -> None:
    """Remove every second factor of a person who has lost them, and end all sessions. Needs
    `portal_access:grant`, for an agent `roles:assign` too and every permission of his role.

    Raises `PersonNotFound`, `NotOneself`, `RoleAboveOnesOwn`."""
    somebody = await person_for(session, actor, person)
    await require_care_of(session, actor, somebody)
    async with as_system(session, actor) as system:
        await _held(session, system, somebody.id)
        await session.execute(delete(TotpFactor).where(*_of(system, somebody.id)))
        await _forget_codes_of(session, system, somebody.id)
        await end_sessions_of(session, system, somebody.id, reason="second-factor-reset")
    await record(session, actor, SecondFactorsRemoved(subject_id=somebody.id, way="reset"))


async def is_needed(session: AsyncSession, system: Actor, of: Actor) -> bool:
    """Whether the portal requires a second factor of `of`."""
    asked = (await definition_of(session, system)).sign_in.second_factor.required_of
    administers = of.may("definition:write") or bool(of.organizations_where("colleagues:manage"))
    return ("agents" in asked and of.is_agent) or ("admins" in asked and administers)


async def is_needed_by(session: AsyncSession, system: Actor, person: Person) -> bool:
    """Whether the portal requires a second factor of a person who is not signed in yet."""
    if not (await definition_of(session, system)).sign_in.second_factor.required_of:
        return False
    return await is_needed(session, system, await actor_for(session, system, person))


async def factors_of(
    session: AsyncSession, system: Actor, person_id: UUID, *, confirmed: bool | None = None
) -> Sequence[TotpFactor]:
    """A person's factors, the oldest first."""
    statement = select(TotpFactor).where(*_of(system, person_id))
    if confirmed is not None:
        known = TotpFactor.confirmed_at
        statement = statement.where(known.is_not(None) if confirmed else known.is_(None))
    return (await session.scalars(statement.order_by(TotpFactor.id))).all()


async def show(
    session: AsyncSession, system: Actor, sealer: Sealer, factor: TotpFactor, code: str
) -> bool:
    """Whether `code` is what a factor's app shows now, and no later step was used before. A used
    step that lies too far ahead was used by a clock that has been set back since."""
    now = clock.now()
    step = codes.step_of(_secret_of(sealer, factor), code, now)
    taken = step is not None and await session.scalar(
        update(TotpFactor)
        .where(*_of(system, factor.person_id), TotpFactor.id == factor.id)
        .where((TotpFactor.last_step < step) | (TotpFactor.last_step > step + codes.IMPOSSIBLE))
        .values(last_step=step, last_used_at=now)
        .returning(TotpFactor.id),
        execution_options={"synchronize_session": "fetch"},
    )
    if taken:
        await forget_codes(session, system, str(factor.person_id))
        return True
    return False


async def _own(session: AsyncSession, system: Actor, person_id: UUID, reference: str) -> TotpFactor:
    factor_id = parse_id(reference)
    found = await session.get(TotpFactor, (system.tenant_id, factor_id)) if factor_id else None
    if found is None or found.person_id != person_id:
        raise FactorNotFound
    return found


async def _held(session: AsyncSession, system: Actor, person_id: UUID) -> Person:
    """The person, locked, so that two changes of the factors happen one after the other."""
    person = await person_held(session, system, person_id)
    if person is None:
        raise FactorNotFound
    return person


async def _new_codes(session: AsyncSession, system: Actor, person_id: UUID) -> list[str]:
    await _forget_codes_of(session, system, person_id)
    made = codes.new_recovery_codes()
    session.add_all(
        RecoveryCode(
            tenant_id=system.tenant_id,
            fingerprint=codes.recovery_fingerprint(code),
            person_id=person_id,
            used_at=None,
        )
        for code in made
    )
    await session.flush()
    await record(session, system, RecoveryCodesMade(subject_id=person_id))
    return made


async def _forget_codes_of(session: AsyncSession, system: Actor, person_id: UUID) -> None:
    await session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.tenant_id == system.tenant_id, RecoveryCode.person_id == person_id
        )
    )


def _of(system: Actor, person_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return TotpFactor.tenant_id == system.tenant_id, TotpFactor.person_id == person_id
