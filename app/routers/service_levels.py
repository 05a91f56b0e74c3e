"""The service level of a ticket, and its clocks (S0-15)."""

from typing import Any

from fastapi import APIRouter

from app.domain.service_levels.queries import log_of
from app.domain.tenants.queries import definition_of
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.routers.tickets import TicketPath
from app.schemas.service_levels import ServiceLevelLog
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import service_levels as shapes

router = APIRouter(prefix="/v1/tickets/{ticket}/sla", tags=["tickets"], route_class=UnitOfWorkRoute)


@router.get(
    "",
    response_model=ServiceLevelLog,
    responses=problems(TicketNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_service_level(session: Session, actor: Caller, ticket: TicketPath) -> Any:
    """The service level of a ticket: every clock with its current state, why it is paused, and its
    log. Needs `tickets:read` for it."""
    sight = await ticket_for(session, actor, ticket)
    definition = await definition_of(session, actor)
    return shapes.whole_log(actor, definition, await log_of(session, actor, sight.ticket))
