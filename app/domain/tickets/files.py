"""Adding files to a ticket after it was opened, by either side (S3-19)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.attachments.actions import attach
from app.domain.tickets import policy
from app.domain.tickets.problems import FilesForbidden, TicketClosed
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.kernel import clock


async def add_files(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, attachment_ids: Sequence[UUID]
) -> TicketInSight:
    """Attach the actor's own uploads to a ticket. For everybody who may comment on it, while it is
    not closed.

    Raises `TicketNotFound`, `FilesForbidden`, `TicketClosed` and what `attachments.attach`
    raises."""
    sight = await ticket_for(session, actor, reference, lock=True)
    if not policy.may(actor, "comment", sight.ticket, participates=sight.participates):
        raise FilesForbidden
    if sight.ticket.status_category == "closed":
        raise TicketClosed
    sight.ticket.updated_at = clock.now()
    await session.flush()
    await attach(session, actor, attachment_ids, ticket=sight.ticket)
    return sight
