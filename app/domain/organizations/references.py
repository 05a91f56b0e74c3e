"""How another system calls an organization: a source and a key, unique in the tenant (S3-22)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.references import claim
from app.domain.organizations.problems import OrganizationReferenceTaken
from app.kernel.problems import Fault
from app.kernel.references import Reference
from app.models.organizations import Organization


async def held_by(session: AsyncSession, actor: Actor, reference: Reference) -> UUID | None:
    """The organization that has this reference, whoever may read it. Until the end of the
    transaction nobody else can give it away."""
    await claim(session, actor.tenant_id, "organization", reference)
    async with as_system(session, actor) as system:
        found: UUID | None = await session.scalar(
            select(Organization.id).where(
                Organization.tenant_id == system.tenant_id,
                Organization.external_source == reference.source,
                Organization.external_key == reference.key,
            )
        )
    return found


def taken() -> OrganizationReferenceTaken:
    """The refusal of a reference that another organization has."""
    fault = Fault(
        code=OrganizationReferenceTaken.code,
        detail=OrganizationReferenceTaken.title,
        pointer="/external_ref",
    )
    return OrganizationReferenceTaken(faults=(fault,))
