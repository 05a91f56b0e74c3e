"""The gate before a ticket's end, and the moves a decision makes: verbs for the rooms above.

While something holds the gate, no transition that closes the ticket is made; others are."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.tenants.definition.document import Definition
from app.domain.tickets.moving import follow
from app.models.tickets import Ticket


async def shut(session: AsyncSession, actor: Actor, ticket: Ticket, by: UUID) -> None:
    """Shut the gate of a locked ticket; whoever has it already keeps it."""
    if ticket.gated_by is None:
        async with as_system(session, actor):
            ticket.gated_by = by
            await session.flush()


async def release(
    session: AsyncSession, actor: Actor, ticket: Ticket, by: UUID, *, heir: UUID | None = None
) -> None:
    """Let go of the gate of a locked ticket, where `by` has it; `heir` has it next."""
    if ticket.gated_by == by:
        async with as_system(session, actor):
            ticket.gated_by = heir
            await session.flush()


def can_settle(definition: Definition, ticket: Ticket, transition: str | None) -> bool:
    """Whether a decision can make its transition with the ticket as it stands."""
    return transition is None or ticket.status in definition.transition_of[transition].statuses


async def settle(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    transition: str | None,
) -> None:
    """Make a decision's transition with a locked ticket; nothing for none."""
    if transition is not None:
        to = definition.transition_of[transition].to
        await follow(
            session, actor, definition, ticket, to, cause="approval", transition=transition
        )
