"""Assigning tickets: an agent takes one, or hands it over."""

from typing import Any

from fastapi import APIRouter, Request

from app.domain.comments.handing_over import hand_over
from app.domain.comments.problems import VisibilityForbidden
from app.domain.tenants.queries import definition_of
from app.domain.tickets.problems import (
    AlreadyTaken,
    AssigneeNotFitting,
    TeamNotInDepartment,
    TicketClosed,
    TicketNotFound,
)
from app.domain.tickets.taking import take_ticket as take
from app.kernel.problems import Forbidden
from app.routers.tickets import TicketPath
from app.schemas.assignments import HandOver
from app.schemas.tickets import Ticket
from app.web import etag
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import tickets as shapes

router = APIRouter(prefix="/v1/tickets/{ticket}", tags=["tickets"], route_class=UnitOfWorkRoute)


@router.post(
    "/take",
    response_model=Ticket,
    responses=problems(TicketNotFound, Forbidden, AlreadyTaken, TicketClosed, AssigneeNotFitting),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.MATCHED),
)
async def take_ticket(
    request: Request, session: Session, actor: Caller, ticket: TicketPath, version: SentVersion
) -> Any:
    """Assign a ticket without an assignee to oneself. When two agents try at the same time, one
    gets it and the other gets 409. For agents, with `tickets:assign` and `tickets:update` for
    it."""
    sight = await take(session, actor, ticket, expected_version=version)
    etag.set_version(request, sight.ticket.version)
    return shapes.whole(actor, await definition_of(session, actor), sight)


@router.post(
    "/hand-over",
    response_model=Ticket,
    responses=problems(
        TicketNotFound,
        Forbidden,
        VisibilityForbidden,
        TicketClosed,
        TeamNotInDepartment,
        AssigneeNotFitting,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.MATCHED),
)
async def hand_over_ticket(
    request: Request,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    version: SentVersion,
    body: HandOver,
) -> Any:
    """Hand a ticket over to another team or agent, with an internal note, in one step. For agents,
    with `tickets:assign` and `tickets:update` for it; the note needs `comments:internal`."""
    sight = await hand_over(
        session,
        actor,
        ticket,
        team=body.team,
        assignee_id=body.assignee,
        note=body.note,
        expected_version=version,
    )
    etag.set_version(request, sight.ticket.version)
    return shapes.whole(actor, await definition_of(session, actor), sight)
