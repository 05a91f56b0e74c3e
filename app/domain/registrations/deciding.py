"""Approving and refusing registrations."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.organizations.problems import OrganizationNotFound
from app.domain.organizations.queries import organization_for
from app.domain.people.memberships import give_role
from app.domain.people.policy import held_in
from app.domain.people.problems import EmailTaken
from app.domain.registrations.account_creation import decide, let_in
from app.domain.registrations.events import RegistrationRefused
from app.domain.registrations.policy import refuse_letting_in
from app.domain.registrations.problems import AddressOvertaken, RegistrationDecided
from app.domain.registrations.queries import opened_to, registration_for
from app.journal import record
from app.kernel import clock
from app.kernel.problems import Fault, Invalid
from app.models.organizations import Organization
from app.models.registrations import Registration


async def approve(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    organization: UUID,
    role: str | None,
) -> Registration:
    """Make somebody a member of an organization, in `role` or the portal's role for newcomers.

    Agents need `people:write`, `organizations:write` and `portal_access:grant` (S4-4); a company
    admin approves people with an e-mail domain of the company (`colleagues:manage`), in no role
    above their own. Raises `RegistrationNotFound`, `RegistrationDecided`, `RegistrationClosed`,
    `RoleUnknown`, `RoleAboveOnesOwn`, `AddressOvertaken`."""
    await registration_for(session, actor, reference)
    company = await _open_organization(session, actor, organization)
    opened = await opened_to(session, actor)
    refuse_letting_in(actor, opened, company.id)
    given = role or (opened.role if opened else None)
    own = held_in(actor, company.id) if actor.is_customer else None
    await give_role(session, actor, given, "customer", own)
    registration = await registration_for(session, actor, reference, lock=True)
    async with as_system(session, actor) as system:
        password_hash = _waiting(registration)
        try:
            await let_in(
                session,
                system,
                registration,
                company.id,
                role=str(given),
                password_hash=password_hash,
                by=actor,
            )
        except EmailTaken:
            raise AddressOvertaken from None
    return registration


async def refuse(
    session: AsyncSession, actor: Actor, reference: str, *, reason: str | None
) -> Registration:
    """Refuse a registration; the reason is mailed. For everybody who sees it. Raises
    `RegistrationNotFound`, `RegistrationDecided`."""
    registration = await registration_for(session, actor, reference, lock=True)
    async with as_system(session, actor) as system:
        _waiting(registration)
        registration.password_hash, registration.reason = None, reason
        await decide(session, system, registration, "refused", by=actor)
        await record(session, actor, RegistrationRefused(subject_id=registration.id))
    return registration


async def _open_organization(
    session: AsyncSession, actor: Actor, organization_id: UUID
) -> Organization:
    """The organization, if it is active."""
    try:
        company = await organization_for(session, actor, organization_id)
    except OrganizationNotFound:
        company = None
    if company is None or company.state != "active":
        detail = "There is no such organization, or it is inactive."
        raise Invalid(faults=(Fault("unknown", detail, pointer="/organization"),))
    return company


def _waiting(registration: Registration) -> str:
    """The password of somebody who waits. Raises `RegistrationDecided`."""
    expired = registration.expires_at <= clock.now()
    if registration.state != "waiting" or registration.password_hash is None or expired:
        raise RegistrationDecided
    return registration.password_hash
