"""Reading entitlements. Fetching checks the rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import Condition, kept
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.entitlements.lifecycle import Offer
from app.domain.entitlements.policy import readable_by, visible_to
from app.domain.entitlements.problems import EntitlementNotFound
from app.domain.tenants.definition.document import Definition
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.entitlements import Entitlement
from app.models.organizations import Organization

SORTS = {
    "name": SortKey(Entitlement.sort_name, str),
    "created_at": SortKey(Entitlement.created_at, datetime),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementFilter:
    """What a list is narrowed to."""

    organization: Sequence[UUID] = ()
    template: Sequence[str] = ()
    state: str | None = None
    running: bool | None = None


def today(definition: Definition) -> date:
    """The day it is where the portal is."""
    return clock.now().astimezone(ZoneInfo(definition.portal.time_zone)).date()


async def offer_for(
    session: AsyncSession, actor: Actor, definition: Definition, *organization_ids: UUID
) -> Offer:
    """What the tickets of an organization (or of several) can be charged to today, defaults
    first."""
    if not definition.entitlement_templates:
        return Offer()  # none was ever made: a definition keeps what it loses, as retired
    place = (actor.tenant_id, organization_ids, today(definition))
    running = [Condition(_running_of, place), readable_by(actor)]
    question, asked = kept(offer_for, _offered, running)
    return Offer(await question.rows(session, asked))


def _running_of(tenant: Any, organizations: Any, day: Any) -> ColumnElement[bool]:
    return and_(
        Entitlement.tenant_id == tenant,
        Entitlement.organization_id.in_(organizations),
        _running_on(day),
    )


def _running_on(day: Any) -> ColumnElement[bool]:
    return and_(
        Entitlement.state == "active",
        Entitlement.starts_on <= day,
        or_(Entitlement.ends_on.is_(None), Entitlement.ends_on >= day),
    )


def _offered(running: Sequence[ColumnElement[bool]]) -> AnySelect:
    return (
        select(Entitlement)
        .where(*running)
        .order_by(Entitlement.is_default.desc(), Entitlement.sort_name, Entitlement.id)
    )


async def entitlement_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> tuple[Entitlement, str]:
    """The agreement with this id, and its organization's name. Raises `EntitlementNotFound`, for
    what may not be read too."""
    entitlement_id = parse_id(str(reference))
    if entitlement_id is None:
        raise EntitlementNotFound
    statement = _shown().where(
        Entitlement.tenant_id == actor.tenant_id,
        Entitlement.id == entitlement_id,
        visible_to(actor),
    )
    if lock:
        statement = statement.with_for_update(of=Entitlement).execution_options(
            populate_existing=True
        )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise EntitlementNotFound
    return row[0], row.organization_name


async def entitlements_page(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    narrowed: EntitlementFilter,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Row[Any]]:
    """A page of the agreements `actor` may read, with the names of their organizations."""
    conditions = (Entitlement.tenant_id == actor.tenant_id) & visible_to(actor)
    if narrowed.organization:
        conditions &= Entitlement.organization_id.in_(narrowed.organization)
    if narrowed.template:
        conditions &= Entitlement.template.in_(narrowed.template)
    if narrowed.state:
        conditions &= Entitlement.state == narrowed.state
    if narrowed.running is not None:
        running = _running_on(today(definition))
        conditions &= running if narrowed.running else ~running

    def rows(hits: Subquery) -> AnySelect:
        found = _shown().join(hits, hits.c.id == Entitlement.id)
        return found.where(Entitlement.tenant_id == actor.tenant_id)

    return await fetch_page(
        session,
        branches=[conditions],
        source=Entitlement,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


def _shown() -> AnySelect:
    return select(Entitlement, Organization.name.label("organization_name")).join(
        Organization, equal_in_tenant(Organization.id, Entitlement.organization_id)
    )
