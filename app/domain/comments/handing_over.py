"""Handing a ticket over to another team or agent, with a note that only agents read."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.comments.actions import add_comment
from app.domain.tickets.changing import change_ticket
from app.domain.tickets.queries import TicketInSight, ticket_for


async def hand_over(
    session: AsyncSession,
    actor: Actor,
    reference: str | UUID,
    *,
    team: str | None,
    assignee_id: UUID | None,
    note: str | None,
    expected_version: int | None = None,
) -> TicketInSight:
    """Assign a ticket to a team, to an agent, or to an agent in a team. With a team alone it has no
    assignee; with neither, it stays with its team and has no assignee.

    Raises what `change_ticket` raises, and for the note `VisibilityForbidden`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    require(actor, "tickets:assign")
    given = frozenset({"assignee"} if team is None else {"team", "assignee"})
    sight = await change_ticket(
        session,
        actor,
        sight.ticket.id,
        expected_version=expected_version,
        answers={},
        team=team,
        assignee_id=assignee_id,
        assigned=given,
    )
    if note:
        await add_comment(session, actor, str(sight.ticket.id), body=note, visibility="internal")
    await session.flush()
    return await ticket_for(session, actor, sight.ticket.id)
