"""Every look at a tenant's portal definition.

A version never changes once applied, so a process may keep it as long as it lives."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.asking import Question
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.loading import read_stored
from app.models.portals import PortalDefinition, Tenant

_SLUG = Question(select(Tenant.slug).where(Tenant.id == bindparam("tenant")))
_MOST_KEPT = 500
_kept: dict[tuple[UUID, int], Definition] = {}


async def definition_of(
    session: AsyncSession, actor: Actor, version: int | None = None
) -> Definition:
    """The portal definition in force for the actor, or the `version` a thing was decided under."""
    place = (actor.tenant_id, actor.definition_version if version is None else version)
    held = _kept.get(place)
    if held is None:
        document = await session.scalar(
            select(PortalDefinition.document).where(
                PortalDefinition.tenant_id == place[0], PortalDefinition.version == place[1]
            )
        )
        if document is None:
            raise LookupError(f"tenant {place[0]} has no definition {place[1]}")
        held = read_stored(document)
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[place] = held
    return held


async def slug_of(session: AsyncSession, actor: Actor) -> str:
    """What the actor's portal is called in addresses."""
    row = await _SLUG.row(session, {"tenant": actor.tenant_id})
    slug: str = row.slug
    return slug


async def definition_in_force(session: AsyncSession, actor: Actor) -> tuple[int, Definition | None]:
    """The version in force and its definition, read afresh; 0 and none before the first one."""
    version = await session.scalar(
        select(Tenant.definition_version).where(Tenant.id == actor.tenant_id)
    )
    if version is None:
        return 0, None
    document = await session.scalar(
        select(PortalDefinition.document).where(
            PortalDefinition.tenant_id == actor.tenant_id, PortalDefinition.version == version
        )
    )
    return version, read_stored(document or {})
