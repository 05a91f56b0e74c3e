"""The history of a ticket."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.domain.tenants.queries import definition_of
from app.domain.tickets.events import RIGHTS
from app.domain.tickets.policy import comes_from_elsewhere
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.journal.history import SORTS, history_of
from app.routers.tickets import TicketPath
from app.schemas.base import Listing
from app.schemas.history import HistoryEntry, HistoryQuery
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import problems
from app.web.route import UnitOfWorkRoute
from app.web.shapes import history as shapes
from app.web.shapes.tickets import hidden_from

router = APIRouter(
    prefix="/v1/tickets/{ticket}/history", tags=["tickets"], route_class=UnitOfWorkRoute
)


@router.get("", response_model=Listing[HistoryEntry], responses=problems(TicketNotFound))
async def list_history(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    query: Annotated[HistoryQuery, Query()],
) -> Any:
    """What happened to a ticket, and who did it. Needs `tickets:read` for it; entries that only
    agents may see are left out for customers."""
    sight = await ticket_for(session, actor, ticket)
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await history_of(
        session,
        actor,
        sight.ticket.id,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
        without=RIGHTS if comes_from_elsewhere(actor, sight.ticket) else (),
    )
    hidden = hidden_from(actor, await definition_of(session, actor), sight.ticket)
    items = [shapes.entry(actor, row, hidden) for row in page.rows]
    return paging.listing(request, response, requested, items, page.next)
