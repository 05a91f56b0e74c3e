"""Every look at organizations. Fetching is checking."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.organizations.policy import visible_to
from app.domain.organizations.problems import OrganizationNotFound
from app.kernel.external_references import Reference
from app.kernel.ids import parse_id
from app.models.organizations import Organization

SORTS = {
    "name": SortKey(Organization.sort_name, str),
    "created_at": SortKey(Organization.created_at, datetime),
}


def organizations_visible_to(actor: Actor) -> Select[Organization]:
    """The organizations `actor` may read."""
    return select(Organization).where(Organization.tenant_id == actor.tenant_id, visible_to(actor))


async def organization_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> Organization:
    """The organization with this id. Raises `OrganizationNotFound`, also for what may not be
    read."""
    organization_id = parse_id(str(reference))
    if organization_id is None:
        raise OrganizationNotFound
    statement = organizations_visible_to(actor).where(Organization.id == organization_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Organization | None = await session.scalar(statement)
    if found is None:
        raise OrganizationNotFound
    return found


async def organizations_page(
    session: AsyncSession,
    actor: Actor,
    *,
    state: str | None,
    reference: Reference | None = None,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Row[Any]]:
    """A page of the organizations `actor` may read."""
    narrowed = (Organization.tenant_id == actor.tenant_id) & visible_to(actor)
    if state:
        narrowed &= Organization.state == state
    if reference:
        narrowed &= Organization.external_source == reference.source
        narrowed &= Organization.external_key == reference.key

    def rows(hits: Subquery) -> AnySelect:
        found = select(Organization).join(hits, hits.c.id == Organization.id)
        return found.where(Organization.tenant_id == actor.tenant_id)

    return await fetch_page(
        session,
        branches=[narrowed],
        source=Organization,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


async def organizations_where(
    session: AsyncSession, actor: Actor, permission: str
) -> Sequence[Organization]:
    """The organizations in which a customer holds a permission, by name."""
    held = actor.organizations_where(permission)
    if not held:
        return ()
    statement = organizations_visible_to(actor).where(Organization.id.in_(held))
    return (await session.scalars(statement.order_by(Organization.sort_name))).all()
