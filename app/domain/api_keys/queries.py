"""Every look at API keys. Fetching is checking; the tables themselves show the system alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.system import as_system
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.api_keys.policy import visible_to
from app.domain.api_keys.problems import ApiKeyNotFound
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.api_keys import ApiKey, ApiKeySecret
from app.models.organizations import Organization
from app.models.people import Person

SORTS = {
    "name": SortKey(ApiKey.sort_name, str),
    "created_at": SortKey(ApiKey.created_at, datetime),
}


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key, whoever it acts as, where, and its secrets (without what they are), newest first."""

    key: ApiKey
    owner: Person
    organization: Organization | None
    secrets: Sequence[ApiKeySecret]

    @property
    def live(self) -> list[ApiKeySecret]:
        """The secrets that open something as far as the key itself goes."""
        if self.key.revoked_at is not None or self.owner.state != "active":
            return []
        return [secret for secret in self.secrets if secret.expires_at > clock.now()]

    @property
    def state(self) -> str:
        if self.key.revoked_at is not None:
            return "revoked"
        if self.owner.state != "active":
            return "owner_inactive"
        return "active" if self.live else "expired"


async def keys_page(
    session: AsyncSession,
    actor: Actor,
    *,
    person: UUID | None,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[KeyView]:
    """A page of the keys `actor` may see, perhaps of one owner."""
    condition = (ApiKey.tenant_id == actor.tenant_id) & visible_to(actor)
    if person is not None:
        condition &= ApiKey.person_id == person

    def rows(hits: Subquery) -> AnySelect:
        shown = _shown().join(hits, hits.c.id == ApiKey.id)
        return shown.where(ApiKey.tenant_id == actor.tenant_id)

    async with as_system(session, actor):
        page = await fetch_page(
            session,
            branches=[condition],
            source=ApiKey,
            sort=SORTS[sort],
            descending=descending,
            after=after,
            limit=limit,
            rows=rows,
        )
        views = await _views(session, actor, page.rows)
    return Page(views, page.next)


async def key_view(session: AsyncSession, actor: Actor, reference: str | UUID) -> KeyView:
    """One key with all that is shown of it. Raises `ApiKeyNotFound`."""
    key = await key_for(session, actor, reference)
    async with as_system(session, actor):
        found = await session.execute(
            _shown().where(ApiKey.tenant_id == actor.tenant_id, ApiKey.id == key.id),
            execution_options={"populate_existing": True},
        )
        return (await _views(session, actor, found.all()))[0]


async def key_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> ApiKey:
    """The key with this id. Raises `ApiKeyNotFound`, for one that may not be seen too."""
    key_id = parse_id(str(reference))
    if key_id is None:
        raise ApiKeyNotFound
    statement = select(ApiKey).where(
        ApiKey.tenant_id == actor.tenant_id, ApiKey.id == key_id, visible_to(actor)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    async with as_system(session, actor):
        found: ApiKey | None = await session.scalar(statement)
    if found is None:
        raise ApiKeyNotFound
    return found


async def key_in_use(session: AsyncSession, actor: Actor, key_id: UUID) -> ApiKey:
    """The key that acts for the actor just now: the wall shows whose it is his own."""
    found = await session.scalars(
        select(ApiKey).where(ApiKey.tenant_id == actor.tenant_id, ApiKey.id == key_id)
    )
    return found.one()


async def secrets_of(
    session: AsyncSession, system: Actor, key_ids: Sequence[UUID]
) -> Sequence[ApiKeySecret]:
    """The secrets of some keys, the newest first."""
    found = await session.scalars(
        select(ApiKeySecret)
        .where(ApiKeySecret.tenant_id == system.tenant_id, ApiKeySecret.api_key_id.in_(key_ids))
        .order_by(ApiKeySecret.created_at.desc(), ApiKeySecret.fingerprint)
    )
    return found.all()


def _shown() -> AnySelect:
    return (
        select(ApiKey, Person, Organization)
        .join(Person, (Person.tenant_id == ApiKey.tenant_id) & (Person.id == ApiKey.person_id))
        .outerjoin(
            Organization,
            (Organization.tenant_id == ApiKey.tenant_id)
            & (Organization.id == ApiKey.organization_id),
        )
    )


async def _views(session: AsyncSession, actor: Actor, rows: Sequence[Any]) -> list[KeyView]:
    secrets = await secrets_of(session, actor, [row[0].id for row in rows])
    return [
        KeyView(
            row[0],
            row[1],
            row[2],
            [secret for secret in secrets if secret.api_key_id == row[0].id],
        )
        for row in rows
    ]
