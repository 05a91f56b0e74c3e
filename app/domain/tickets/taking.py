"""Taking a ticket: an agent becomes the assignee of a ticket that has none."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.tickets.changing import change_ticket
from app.domain.tickets.problems import AlreadyTaken
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.kernel.versions import expect


async def take_ticket(
    session: AsyncSession,
    actor: Actor,
    reference: str | UUID,
    *,
    expected_version: int | None = None,
) -> TicketInSight:
    """Assign a ticket without an assignee to the actor. When two try at the same time, one gets it;
    taking one's own ticket changes nothing.

    Raises `TicketNotFound`, `Forbidden`, `Stale`, `AlreadyTaken`, `TicketClosed`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    require(actor, "tickets:assign")
    expect(sight.ticket.version, expected_version)
    if sight.ticket.assignee_id == actor.person_id:
        return sight
    if sight.ticket.assignee_id is not None:
        raise AlreadyTaken
    return await change_ticket(
        session,
        actor,
        sight.ticket.id,
        expected_version=expected_version,
        answers={},
        assignee_id=actor.person,
        assigned=frozenset({"assignee"}),
    )
