"""Every look at organizations. Fetching is checking."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.organizations.policy import visible_to
from app.domain.organizations.problems import OrganizationNotFound
from app.kernel.ids import parse_id
from app.models.organizations import Organization


def organizations_visible_to(actor: Actor) -> Select[tuple[Organization]]:
    """The organizations `actor` may read."""
    return select(Organization).where(
        Organization.tenant_id == actor.tenant_id, visible_to(actor)
    )


async def organization_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> Organization:
    """The organization with this id. Raises `OrganizationNotFound`, for what may not be read too."""
    organization_id = parse_id(str(reference))
    if organization_id is None:
        raise OrganizationNotFound
    statement = organizations_visible_to(actor).where(Organization.id == organization_id)
    if lock:
        statement = statement.with_for_update()
    found: Organization | None = await session.scalar(statement)
    if found is None:
        raise OrganizationNotFound
    return found
