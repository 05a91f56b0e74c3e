"""The gate that keeps a ticket from being closed, and the transition of a decision: for the rooms
above.

While an approval holds the gate, no transition closes the ticket; others are made."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.tenants.definition.document import Definition
from app.domain.tickets.moving import follow
from app.models.tickets import Ticket


async def shut(session: AsyncSession, actor: Actor, ticket: Ticket, by: UUID) -> None:
    """Shut the gate of a locked ticket; an approval that holds it already keeps it."""
    if ticket.gated_by is None:
        async with as_system(session, actor):
            ticket.gated_by = by
            await session.flush()


async def release(
    session: AsyncSession, actor: Actor, ticket: Ticket, by: UUID, *, heir: UUID | None = None
) -> None:
    """Open the gate of a locked ticket, where `by` holds it; `heir` holds it next."""
    if ticket.gated_by == by:
        async with as_system(session, actor):
            ticket.gated_by = heir
            await session.flush()


def can_settle(definition: Definition, ticket: Ticket, transition: str | None) -> bool:
    """Whether a decision can make its transition in the ticket's present status."""
    return transition is None or ticket.status in definition.transition_of[transition].statuses


async def settle(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    transition: str | None,
) -> None:
    """Make the transition of a decision with a locked ticket, if it has one."""
    if transition is not None:
        to = definition.transition_of[transition].to
        await follow(
            session, actor, definition, ticket, to, cause="approval", transition=transition
        )
