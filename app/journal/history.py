"""Reading the journal: a ticket's history as the caller's side may see it; one event by id."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.asking import Question
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.journal.events import Recorded
from app.models.journal import EventRow
from app.models.people import Person

SORTS = {"occurred_at": SortKey(EventRow.occurred_at, datetime)}

_AUDIENCES: dict[str, Sequence[str]] = {
    "customer": ("everyone",),
    "agent": ("everyone", "author", "agents"),
    "system": ("everyone", "author", "agents", "system"),
}


#: One event, in the order in which `Recorded` takes it.
_RECORDED = Question(
    select(*(getattr(EventRow, field.name) for field in fields(Recorded))).where(
        EventRow.tenant_id == bindparam("tenant"), EventRow.id == bindparam("event")
    )
)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The events of a readable ticket that the actor's side sees, and his own private ones."""
    by_himself = (EventRow.audience == "author") & (EventRow.actor_id == actor.person_id)
    return or_(EventRow.audience.in_(_AUDIENCES[actor.side]), by_himself)


async def history_of(
    session: AsyncSession,
    actor: Actor,
    ticket_id: UUID,
    *,
    descending: bool,
    after: Position | None,
    limit: int,
    without: Collection[str] = (),
) -> Page[Row[Any]]:
    """A page of what happened to a ticket that the actor may read, with the names of who did it;
    `without` events of these names."""

    def rows(hits: Subquery) -> AnySelect:
        return (
            select(EventRow, Person.name.label("actor_name"))
            .join(hits, hits.c.id == EventRow.id)
            .outerjoin(Person, equal_in_tenant(Person.id, EventRow.actor_id))
            .where(EventRow.tenant_id == actor.tenant_id)
        )

    of_ticket = (
        (EventRow.tenant_id == actor.tenant_id)
        & (EventRow.ticket_id == ticket_id)
        & visible_to(actor)
        & EventRow.name.not_in(without)
    )
    return await fetch_page(
        session,
        branches=[of_ticket],
        source=EventRow,
        sort=SORTS["occurred_at"],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


async def recorded(session: AsyncSession, tenant_id: UUID, event_id: UUID) -> Recorded | None:
    """One event as a reaction is given it."""
    row = await _RECORDED.row(session, {"tenant": tenant_id, "event": event_id})
    return Recorded(*row) if row else None
