"""External references of organizations: which has one, and the refusal of one that is taken
(S3-22)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.external_references import claim, holder_of
from app.domain.organizations.problems import OrganizationReferenceTaken
from app.kernel.external_references import Reference
from app.models.organizations import Organization


async def held_by(session: AsyncSession, actor: Actor, reference: Reference) -> UUID | None:
    """The organization that has this reference, whoever may read it. Until the end of the
    transaction nobody else can give it away."""
    await claim(session, actor.tenant_id, Organization, reference)
    async with as_system(session, actor) as system:
        return await holder_of(session, system.tenant_id, Organization, reference)


def taken() -> OrganizationReferenceTaken:
    """The refusal of a reference that another organization has."""
    return OrganizationReferenceTaken.at("/external_ref", OrganizationReferenceTaken.title)
