"""Reading the journal in the order in which transactions were committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Row,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.database.paging import AnySelect
from app.domain.changes.policy import READ, visible_to
from app.domain.changes.problems import PlaceUnknown
from app.models.journal import EventRow
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket

#: A look walks at most so many events, however few of them it may tell.
MOST_WALKED = 1000
#: Before everything that has happened.
BEGINNING = UUID(int=0)

#: Every transaction before this one has ended: what it wrote is there, or never will be.
_HORIZON = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger)
_ORDER = (EventRow.xact, EventRow.position)
_REFERENCED: dict[str, type[Ticket | Organization | Person]] = {
    "ticket": Ticket,
    "organization": Organization,
    "person": Person,
}


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes found, oldest first; the event to continue after; whether there is more at
    once."""

    rows: Sequence[Row[Any]]
    next: UUID
    more: bool


async def changes_after(
    session: AsyncSession,
    actor: Actor,
    place: UUID,
    *,
    names: Sequence[str] = (),
    about: UUID | None = None,
    limit: int,
) -> Changes:
    """What `actor` may know of what was committed after the event `place`, perhaps only events of
    some `names`, or `about` one thing. Nothing that is committed later comes before what this
    returns.

    Rows are events with the external references of what they are about. Needs `changes:read`.
    Raises `PlaceUnknown`."""
    require(actor, READ)
    async with as_system(session, actor) as system:
        window = _kept(system).limit(MOST_WALKED)
        if place != BEGINNING:
            window = window.where(
                tuple_(*_ORDER) > tuple_(*await _stands_at(session, system, place))
            )
        found = (await session.execute(_look(actor, window, names, about, limit))).all()
    rows = [row for row in found if row[0] is not None]
    if len(rows) == limit:
        return Changes(rows, rows[-1][0].id, more=True)
    return Changes(rows, found[0].walked_to or place, more=found[0].walked == MOST_WALKED)


async def newest_place(session: AsyncSession, actor: Actor) -> UUID:
    """The newest event, to continue after for future changes only. Needs `changes:read`."""
    require(actor, READ)
    async with as_system(session, actor) as system:
        backwards = _kept(system).order_by(None).order_by(*(each.desc() for each in _ORDER))
        newest = await session.scalar(backwards.with_only_columns(EventRow.id).limit(1))
    return newest or BEGINNING


async def _stands_at(session: AsyncSession, system: Actor, place: UUID) -> Row[int, int]:
    found = await session.execute(
        select(*_ORDER).where(EventRow.tenant_id == system.tenant_id, EventRow.id == place)
    )
    stands_at = found.one_or_none()
    if stands_at is None:
        raise PlaceUnknown
    return stands_at


def _kept(system: Actor) -> AnySelect:
    """The events of the feed before which no other can still appear."""
    return (
        select(EventRow)
        .where(
            EventRow.tenant_id == system.tenant_id,
            EventRow.published,
            EventRow.xact < _HORIZON,
        )
        .order_by(*_ORDER)
    )


def _look(
    actor: Actor, window: AnySelect, names: Sequence[str], about: UUID | None, limit: int
) -> AnySelect:
    """One statement, because one snapshot must say both what is there and how far it reaches: the
    hits and, where they are fewer than asked for, how far was read. One row with only that where
    there are no hits."""
    hits = _hits(actor, window, names, about).limit(limit).cte("hits")
    few = select(func.count()).select_from(hits).scalar_subquery() < limit
    again = window.with_only_columns(EventRow.id, *_ORDER).subquery("again")
    last = select(again.c.id).order_by(again.c.xact.desc(), again.c.position.desc()).limit(1)
    walked = select(func.count()).select_from(again)
    references = [each for each in hits.c if each.name.startswith("external_")]
    one = select(true().label("found")).subquery("one")
    return (
        select(
            aliased(EventRow, hits),
            *references,
            case((few, last.scalar_subquery())).label("walked_to"),
            case((few, walked.scalar_subquery())).label("walked"),
        )
        .select_from(one)
        .outerjoin(hits, true())
        .order_by(hits.c.xact, hits.c.position)
    )


def _hits(actor: Actor, window: AnySelect, names: Sequence[str], about: UUID | None) -> AnySelect:
    event = aliased(EventRow, window.subquery("walked"))
    references = [
        column.label(f"external_{noun}_{part}")
        for noun, kind in _REFERENCED.items()
        for part, column in (("source", kind.external_source), ("key", kind.external_key))
    ]
    home = func.coalesce(event.organization_id, event.subject_id)
    statement = select(event, *references)
    for kind, its_id in (
        (Ticket, event.ticket_id),
        (Organization, home),
        (Person, event.subject_id),
    ):
        here = and_(kind.tenant_id == actor.tenant_id, kind.id == its_id)
        statement = statement.outerjoin(kind, here)
    statement = statement.where(visible_to(actor, event))
    if names:
        statement = statement.where(event.name.in_(names))
    if about is not None:
        statement = statement.where(or_(event.subject_id == about, event.ticket_id == about))
    return statement.order_by(event.xact, event.position)
