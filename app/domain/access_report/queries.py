"""Reading the access report from the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.access_report.lifecycle import KIND_OF, KINDS
from app.domain.access_report.policy import visible_to
from app.domain.tenants.queries import definition_of
from app.kernel import clock
from app.models.journal import EventRow
from app.models.organizations import Membership, Organization
from app.models.people import Person

SORTS = {"occurred_at": SortKey(EventRow.occurred_at, datetime)}
_Subject, _Doer = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """The filters of the report."""

    person: Sequence[UUID] = ()
    kind: Sequence[str] = ()
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with the person concerned, who caused it, and where the person belongs now."""

    event: EventRow
    person: Person | None
    doer: Person | None
    organizations: Sequence[Organization]

    @property
    def kind(self) -> str:
        return KIND_OF[self.event.name]


async def report_page(
    session: AsyncSession,
    actor: Actor,
    narrowed: ReportFilter,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Entry]:
    """A page of the entries `actor` may read, none older than the portal keeps them."""
    condition = await _condition(session, actor, narrowed)

    def rows(hits: Subquery) -> AnySelect:
        return (
            select(EventRow, _Subject, _Doer)
            .join(hits, hits.c.id == EventRow.id)
            .outerjoin(_Subject, equal_in_tenant(_Subject.id, EventRow.subject_id))
            .outerjoin(_Doer, equal_in_tenant(_Doer.id, EventRow.actor_id))
            .where(EventRow.tenant_id == actor.tenant_id)
        )

    async with as_system(session, actor):
        page = await fetch_page(
            session,
            branches=[condition],
            source=EventRow,
            sort=SORTS["occurred_at"],
            descending=descending,
            after=after,
            limit=limit,
            rows=rows,
        )
        homes = await _homes(session, actor, {row[0].subject_id for row in page.rows})
    return Page([_entry(row, homes) for row in page.rows], page.next)


def _entry(row: Any, homes: Mapping[UUID, list[Organization]]) -> Entry:
    return Entry(row[0], row[1], row[2], homes.get(row[0].subject_id, ()))


async def _condition(
    session: AsyncSession, actor: Actor, narrowed: ReportFilter
) -> ColumnElement[bool]:
    names = [name for kind in narrowed.kind or KINDS for name in KINDS[kind]]
    condition = (
        (EventRow.tenant_id == actor.tenant_id)
        # As the index says it, or it is not used.
        & (EventRow.audience == literal_column("'system'"))
        & EventRow.ticket_id.is_(None)
        & EventRow.name.in_(names)
        & visible_to(actor)
    )
    kept = (await definition_of(session, actor)).retention.sign_ins_days
    if kept is not None:
        condition &= EventRow.occurred_at >= clock.now() - timedelta(days=kept)
    if narrowed.person:
        condition &= EventRow.subject_id.in_(narrowed.person)
    if narrowed.occurred_from:
        condition &= EventRow.occurred_at >= narrowed.occurred_from
    if narrowed.occurred_to:
        condition &= EventRow.occurred_at < narrowed.occurred_to
    return condition


async def _homes(
    session: AsyncSession, actor: Actor, people: set[UUID | None]
) -> Mapping[UUID, list[Organization]]:
    rows = await session.execute(
        select(Membership.person_id, Organization)
        .join(Organization, equal_in_tenant(Organization.id, Membership.organization_id))
        .where(
            Membership.tenant_id == actor.tenant_id,
            Membership.person_id.in_([person for person in people if person is not None]),
            *_within(actor),
        )
        .order_by(Organization.sort_name, Organization.id)
    )
    homes: dict[UUID, list[Organization]] = {}
    for person, organization in rows:
        homes.setdefault(person, []).append(organization)
    return homes


def _within(actor: Actor) -> list[Any]:
    """A company admin is not told to which other organizations a colleague belongs."""
    if not actor.is_customer:
        return []
    return [Membership.organization_id.in_(actor.organizations)]
