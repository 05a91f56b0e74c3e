"""External references of people: who has one, and the refusal of one that is taken (S3-22)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.external_references import claim, holder_of
from app.domain.people.problems import PersonReferenceTaken
from app.kernel.external_references import Reference
from app.models.people import Person


async def held_by(session: AsyncSession, actor: Actor, reference: Reference) -> UUID | None:
    """Who has this reference, whoever may read him. Until the end of the transaction nobody else
    can give it away."""
    await claim(session, actor.tenant_id, Person, reference)
    async with as_system(session, actor) as system:
        return await holder_of(session, system.tenant_id, Person, reference)


async def refuse_taken(
    session: AsyncSession,
    actor: Actor,
    reference: Reference | None,
    *,
    besides: UUID | None = None,
) -> None:
    """Raise `PersonReferenceTaken` where somebody else has this reference."""
    if reference is not None:
        holder = await held_by(session, actor, reference)
        if holder is not None and holder != besides:
            raise taken()


def taken() -> PersonReferenceTaken:
    """The refusal of a reference that somebody else has."""
    return PersonReferenceTaken.at("/external_ref", PersonReferenceTaken.title)
