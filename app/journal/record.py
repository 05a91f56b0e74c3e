"""`record`: write down what happened, and let follow what follows."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.journal.events import Event, Recorded, TicketEvent
from app.journal.reactions import reactions_of
from app.kernel import clock, ids
from app.models.journal import EventRow


async def record(session: AsyncSession, actor: Actor, event: Event) -> Recorded:
    """Write `event` into the journal, in the transaction that made it true.

    Runs its same-breath reactions as the system and defers its later ones, so call it last in
    an action. Answers the event as recorded."""
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
    # What was changed must be in the database before a reaction, or the worker, looks.
    await session.flush()
    # Inserted without RETURNING: the writer may not be a reader of what he causes.
    await session.execute(
        insert(EventRow.__table__),  # type: ignore[arg-type]
        {
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
        },
    )
    reactions = reactions_of(session)
    if same_breath := reactions.in_the_same_breath.get(event.name):
        async with as_system(session, actor) as system:
            for react in same_breath:
                await react(session, system, recorded)
    if reactions.defer:
        for reaction in reactions.afterwards.get(event.name, ()):
            await reactions.defer(session, recorded.tenant_id, recorded.id, reaction)
    return recorded
