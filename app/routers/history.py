"""What happened to a ticket, as the caller's side may know it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.journal.history import SORTS, history_of
from app.routers.tickets import TicketPath
from app.schemas.base import Listing, PersonReference
from app.schemas.history import HistoryEntry, HistoryQuery
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import problems
from app.web.route import UnitOfWorkRoute

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
    """What happened to a ticket and who did it. Needs `tickets:read` for it; what only agents
    may know is left out for customers."""
    sight = await ticket_for(session, actor, ticket)
    page_asked = paging.asked(
        request, sort=query.sort, limit=query.limit, cursor=query.cursor, sorts=SORTS
    )
    page = await history_of(
        session,
        actor,
        sight.ticket.id,
        descending=page_asked.descending,
        after=page_asked.after,
        limit=page_asked.limit,
    )
    items = [
        HistoryEntry(
            id=row[0].id,
            event=row[0].name,
            occurred_at=row[0].occurred_at,
            actor=row[0].actor_id
            and PersonReference(id=row[0].actor_id, name=row.actor_name or ""),
            actor_side=row[0].actor_side,
            subject_id=row[0].subject_id,
            data=row[0].data,
        )
        for row in page.rows
    ]
    return paging.listing(request, response, page_asked, items, page.next)
