"""The answer that shows a whole ticket: its version, its shape, and the decisions possible now."""

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.approvals.queries import pending_approvals
from app.domain.service_levels.queries import log_of
from app.domain.tenants.queries import definition_of
from app.domain.tickets.queries import TicketInSight
from app.schemas.tickets import AllowedAction, TicketForAgent, TicketForCustomer
from app.web import etag
from app.web.shapes import tickets as shapes
from app.web.shapes.approvals import decisions_allowed
from app.web.shapes.service_levels import service_level


async def whole_ticket(
    request: Request, session: AsyncSession, actor: Actor, sight: TicketInSight
) -> TicketForCustomer | TicketForAgent:
    """The answer that shows a ticket the actor may read."""
    etag.set_version(request, sight.ticket.version)
    definition = await definition_of(session, actor)
    decisions: list[AllowedAction] = []
    if sight.approval_pending:
        for pending in await pending_approvals(session, actor, sight.ticket.id):
            asked_under = await definition_of(session, actor, pending.approval.definition_version)
            decisions += decisions_allowed(actor, definition, asked_under, pending)
    level = None
    if sight.ticket.sla is not None:
        log = await log_of(session, actor, sight.ticket)
        level = service_level(actor, definition, log)
    return shapes.whole(actor, definition, sight, decisions, level)
