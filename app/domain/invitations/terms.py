"""The portal's terms: what must be accepted, whether somebody has, and accepting them (S0-4)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.invitations.events import TermsAccepted
from app.domain.invitations.problems import TermsChanged, TermsNotAccepted
from app.domain.tenants.definition.identity import Terms
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock
from app.models.invitations import Consent


def refuse_incomplete(terms: Terms | None, version: str | None, accepted: Collection[str]) -> None:
    """Raise `TermsChanged` or `TermsNotAccepted` unless all of the terms in force are accepted."""
    if terms is None:
        return
    if version is not None and version != terms.version:
        raise TermsChanged
    missing = [step.key for step in terms.asked if step.key not in accepted]
    if version is None or missing:
        raise TermsNotAccepted.at("/accepted")


async def note_consent(
    session: AsyncSession, system: Actor, person_id: UUID, terms: Terms | None, version: str | None
) -> None:
    """Note that a person accepted every step, in the version shown. Safe to repeat."""
    if terms is None or version != terms.version:
        return
    now = clock.now()
    for step in terms.asked:
        await session.execute(
            insert(Consent)
            .values(
                tenant_id=system.tenant_id,
                person_id=person_id,
                version=terms.version,
                step=step.key,
                accepted_at=now,
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "person_id", "version", "step"])
        )
    await record(session, system, TermsAccepted(subject_id=person_id, version=terms.version))


async def terms_due(session: AsyncSession, actor: Actor) -> Terms | None:
    """The portal's terms, where the actor has not accepted all of them as they are now."""
    return await terms_due_of(session, actor, actor.person_id) if actor.person_id else None


async def terms_due_of(session: AsyncSession, actor: Actor, person_id: UUID) -> Terms | None:
    """The portal's terms, where `person_id` has not accepted all of them: for somebody who is
    signing in, asked as the system."""
    terms = (await definition_of(session, actor)).sign_in.terms
    if terms is None:
        return None
    accepted = await session.scalar(
        select(func.count()).where(
            Consent.tenant_id == actor.tenant_id,
            Consent.person_id == person_id,
            Consent.version == terms.version,
            Consent.step.in_([step.key for step in terms.asked]),
        )
    )
    return None if accepted == len(terms.asked) else terms


async def accept_terms(
    session: AsyncSession, actor: Actor, *, version: str, accepted: Collection[str]
) -> None:
    """Accept the portal's terms as they are now. Raises `TermsChanged`, `TermsNotAccepted`."""
    terms = (await definition_of(session, actor)).sign_in.terms
    refuse_incomplete(terms, version, accepted)
    async with as_system(session, actor) as system:
        await note_consent(session, system, actor.person, terms, version)
