"""Every look at apps. The tables show the system alone: fetching is checking."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.apps.problems import AppNotFound, AuthorizationNotFound
from app.kernel import clock
from app.kernel.ids import parse_id
from app.kernel.secrets import fingerprint
from app.models.apps import App, AppConsent, AuthorizationRequest
from app.models.people import Person

SORTS = {
    "name": SortKey(App.sort_name, str),
    "created_at": SortKey(App.created_at, datetime),
}


async def apps_page(
    session: AsyncSession,
    actor: Actor,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[tuple[App, Person | None]]:
    """A page of the tenant's apps, with the service accounts they act as. Needs `apps:manage`."""
    require(actor, "apps:manage")

    def rows(hits: Subquery) -> AnySelect:
        return _shown().join(hits, hits.c.id == App.id).where(App.tenant_id == actor.tenant_id)

    async with as_system(session, actor):
        page = await fetch_page(
            session,
            branches=[(App.tenant_id == actor.tenant_id) & App.removed_at.is_(None)],
            source=App,
            sort=SORTS[sort],
            descending=descending,
            after=after,
            limit=limit,
            rows=rows,
        )
    return Page([_pair(row) for row in page.rows], page.next)


def _pair(row: Any) -> tuple[App, Person | None]:
    return row[0], row[1]


async def app_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> tuple[App, Person | None]:
    """The app with this id, and the service account it acts as. Raises `AppNotFound`, to whoever
    keeps no apps (`apps:manage`) too."""
    app_id = parse_id(str(reference))
    if app_id is None or not actor.may("apps:manage"):
        raise AppNotFound
    statement = _shown().where(
        App.tenant_id == actor.tenant_id, App.id == app_id, App.removed_at.is_(None)
    )
    if lock:
        statement = statement.with_for_update(of=App).execution_options(populate_existing=True)
    async with as_system(session, actor):
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise AppNotFound
    return row[0], row[1]


def _shown() -> AnySelect:
    return select(App, Person).outerjoin(Person, equal_in_tenant(Person.id, App.person_id))


async def living_app(session: AsyncSession, system: Actor, app_id: UUID) -> App | None:
    """An app that has not been removed, locked against removal until the transaction ends."""
    found: App | None = await session.scalar(
        select(App)
        .where(App.tenant_id == system.tenant_id, App.id == app_id, App.removed_at.is_(None))
        .with_for_update(read=True)
    )
    return found


async def names_of(
    session: AsyncSession, actor: Actor, app_ids: Sequence[UUID]
) -> Mapping[UUID, str]:
    """What apps are called: for whoever has let them in."""
    if not app_ids:
        return {}
    async with as_system(session, actor):
        rows = await session.execute(
            select(App.id, App.name).where(App.tenant_id == actor.tenant_id, App.id.in_(app_ids))
        )
        return {row.id: row.name for row in rows}


async def open_request(
    session: AsyncSession, actor: Actor, secret: str, *, lock: bool = False
) -> tuple[AuthorizationRequest, App]:
    """What an app asks, as long as nobody has answered. Raises `AuthorizationNotFound`."""
    statement = (
        select(AuthorizationRequest, App)
        .join(App, equal_in_tenant(App.id, AuthorizationRequest.app_id))
        .where(
            AuthorizationRequest.tenant_id == actor.tenant_id,
            AuthorizationRequest.fingerprint == fingerprint(secret),
            AuthorizationRequest.decided_at.is_(None),
            AuthorizationRequest.expires_at > clock.now(),
            App.removed_at.is_(None),
        )
    )
    if lock:
        statement = statement.with_for_update(of=AuthorizationRequest).execution_options(
            populate_existing=True
        )
    async with as_system(session, actor):
        row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise AuthorizationNotFound
    return row[0], row[1]


async def consent_of(
    session: AsyncSession, actor: Actor, person_id: UUID, app_id: UUID
) -> AppConsent | None:
    """The scopes that a person has granted to an app."""
    async with as_system(session, actor):
        return await session.get(AppConsent, (actor.tenant_id, person_id, app_id))


async def own_consents(session: AsyncSession, actor: Actor) -> Sequence[tuple[AppConsent, App]]:
    """The apps that the actor has granted access, by name."""
    async with as_system(session, actor):
        rows = await session.execute(
            select(AppConsent, App)
            .join(App, equal_in_tenant(App.id, AppConsent.app_id))
            .where(
                AppConsent.tenant_id == actor.tenant_id,
                AppConsent.person_id == actor.person,
                App.removed_at.is_(None),
            )
            .order_by(App.sort_name, App.id)
            .limit(200)
        )
        return [(row[0], row[1]) for row in rows]
