"""`record`: write an event into the journal, and run or defer what reacts to it."""

from functools import cache
from typing import Any

from sqlalchemy import Table, TextualSelect, bindparam, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.asking import Question
from app.database.base import Base
from app.database.entities import adopt
from app.journal.events import Event, Recorded, TicketEvent, TicketPlace
from app.journal.reactions import InTransaction, Sometimes, reactions_of
from app.kernel import clock, ids
from app.models.journal import EventRow

_events: Table = EventRow.__table__  # type: ignore[assignment]
#: Columns whose values the database sets.
_GIVEN = {"xact", "position"}
# Inserted without RETURNING: who causes an event may not be allowed to read it.
_WRITE = insert(_events).values(
    {
        column.name: bindparam(column.name, type_=column.type)
        for column in _events.columns
        if column.name not in _GIVEN
    }
)
_WRITTEN = Question(_WRITE)


@cache
def _written_and_deferred(defer: TextualSelect) -> Question:
    return Question(defer.add_cte(_WRITE.cte("written")))


async def record(session: AsyncSession, actor: Actor, event: Event) -> Recorded:
    """Write `event` into the journal, in the transaction that made it true.

    Defers its later reactions and runs those of the transaction as the system, so call it last in
    an action. Returns the event as recorded."""
    place = event.ticket if isinstance(event, TicketEvent) else None
    recorded = Recorded(
        id=ids.new_id(),
        tenant_id=actor.tenant_id,
        name=event.name,
        occurred_at=clock.now(),
        actor_id=actor.person_id,
        actor_side=actor.side,
        audience=event.audience,
        subject_id=event.subject_id,
        ticket_id=place.id if place else None,
        data=event.data(),
    )
    await _write(session, recorded, _row(actor, event, recorded, place))
    if at_once := await _concerned(session, actor, recorded):
        if isinstance(place, Base):
            adopt(session, place)
        async with as_system(session, actor) as system:
            for react in at_once:
                await react(session, system, recorded)
    return recorded


def _row(
    actor: Actor, event: Event, recorded: Recorded, place: TicketPlace | None
) -> dict[str, Any]:
    return {
        "tenant_id": recorded.tenant_id,
        "id": recorded.id,
        "name": recorded.name,
        "occurred_at": recorded.occurred_at,
        "actor_id": recorded.actor_id,
        "actor_side": recorded.actor_side,
        "session_id": actor.session_id,
        "api_key_id": actor.api_key_id,
        "audience": recorded.audience,
        "published": event.published,
        "subject_id": recorded.subject_id,
        "ticket_id": recorded.ticket_id,
        "organization_id": place.organization_id if place else None,
        "department": place.department if place else None,
        "requester_id": place.requester_id if place else None,
        "data": recorded.data,
    }


async def _write(session: AsyncSession, recorded: Recorded, row: dict[str, Any]) -> None:
    """The event, in one statement with the worker's job where something reacts to it later. What
    the session has changed is flushed first: reactions and the worker look at it."""
    reactions = reactions_of(session)
    later = reactions.afterwards.get(recorded.name)
    if later and reactions.defer is not None:
        deferred = _written_and_deferred(reactions.defer)
        await deferred.rows(session, {**row, "reactions": later})
    else:
        await _WRITTEN.rows(session, row)


async def _concerned(
    session: AsyncSession, actor: Actor, recorded: Recorded
) -> list[InTransaction]:
    return [
        react
        for react in reactions_of(session).in_the_transaction.get(recorded.name, ())
        if not isinstance(react, Sometimes) or await react.concerned(session, actor, recorded)
    ]
