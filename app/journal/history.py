"""Reading the journal: a ticket's history as the caller's side may see it; one event by id."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.journal.events import Recorded
from app.models.journal import EventRow


def history_of(actor: Actor, ticket_id: UUID) -> Select[tuple[EventRow]]:
    """The events of a ticket. Which of them the actor's side sees, the wall decides."""
    return select(EventRow).where(
        EventRow.tenant_id == actor.tenant_id,
        EventRow.ticket_id == ticket_id,
        EventRow.audience.in_(_AUDIENCES[actor.side])
        | ((EventRow.audience == "author") & (EventRow.actor_id == actor.person_id)),
    )


async def recorded(session: AsyncSession, tenant_id: UUID, event_id: UUID) -> Recorded | None:
    """One event as a reaction is given it."""
    row = await session.get(EventRow, (tenant_id, event_id))
    return row and Recorded(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        occurred_at=row.occurred_at,
        actor_id=row.actor_id,
        actor_side=row.actor_side,
        audience=row.audience,
        subject_id=row.subject_id,
        ticket_id=row.ticket_id,
        data=row.data,
    )


_AUDIENCES: dict[str, Sequence[str]] = {
    "customer": ("everyone",),
    "agent": ("everyone", "author", "agents"),
    "system": ("everyone", "author", "agents", "system"),
}
