"""From a registration to a person: created, made a member, with the password that was set."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.people.actions import create_person
from app.domain.people.memberships import grant_membership
from app.domain.registrations.events import RegistrationApproved
from app.domain.registrations.lifecycle import DECISION_KEPT, SWEEP_REGISTRATION
from app.domain.sign_in.password_changes import bring_password
from app.journal import record, set_timer
from app.kernel import clock
from app.models.people import Person
from app.models.registrations import Registration


async def let_in(
    session: AsyncSession,
    system: Actor,
    registration: Registration,
    organization_id: UUID,
    *,
    role: str,
    password_hash: str,
    by: Actor | None = None,
) -> Person:
    """Create the person who asked; `by` decided, or else the e-mail domain did. Raises
    `EmailTaken`."""
    person = await create_person(
        session,
        system,
        name=registration.name,
        email=registration.email,
        language=registration.language,
    )
    await grant_membership(session, system, organization_id, person.id, role=role)
    await bring_password(session, system, person, password_hash)
    registration.person_id = person.id
    registration.password_hash = None
    await decide(session, system, registration, "approved", by=by)
    approved = RegistrationApproved(
        subject_id=registration.id,
        person=person.id,
        organization=organization_id,
        role=role,
        way="email_domain" if by is None else "decision",
    )
    await record(session, by or system, approved)
    return person


async def decide(
    session: AsyncSession,
    system: Actor,
    registration: Registration,
    state: str,
    *,
    by: Actor | None,
) -> None:
    """Note the decision, and who decided."""
    registration.decided_at = clock.now()
    registration.decided_by = by.person_id if by else None
    await move(session, system, registration, state, lasts=DECISION_KEPT)


async def move(
    session: AsyncSession,
    system: Actor,
    registration: Registration,
    state: str,
    *,
    lasts: timedelta,
) -> None:
    """Bring a registration to its next state, in which it is kept so long; its link is used up."""
    registration.state, registration.fingerprint = state, None
    registration.expires_at = clock.now() + lasts
    await session.flush()
    await set_timer(session, system, SWEEP_REGISTRATION, registration.id, registration.expires_at)
