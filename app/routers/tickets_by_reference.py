"""Tickets by their id in another system, for scripts that keep the two in step."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.domain.tickets.problems import (
    AssigneeNotFitting,
    ChannelNotOffered,
    NotForCustomers,
    OrganizationRequired,
    RequesterRequired,
    TeamNotInDepartment,
    TicketClosed,
    TicketNotFound,
    TicketReferenceTaken,
)
from app.domain.tickets.upserting import ticket_kept, upsert_ticket
from app.kernel.external_references import Reference
from app.kernel.problems import Forbidden, Invalid
from app.schemas.tickets import Ticket, TicketByReference
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.external_references import KeyPath, SourcePath
from app.web.form_answers import answers_in
from app.web.route import UnitOfWorkRoute
from app.web.whole_ticket import whole_ticket

router = APIRouter(prefix="/v1/tickets/by-reference", tags=["tickets"], route_class=UnitOfWorkRoute)


@router.get(
    "/{source}/{key:path}",
    response_model=Ticket,
    responses=problems(TicketNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_ticket_by_reference(
    request: Request, session: Session, actor: Caller, source: SourcePath, key: KeyPath
) -> Any:
    """The ticket with this `external_ref`. For agents, with `tickets:read` for it."""
    sight = await ticket_kept(session, actor, Reference(source, key))
    return await whole_ticket(request, session, actor, sight)


@router.put(
    "/{source}/{key:path}",
    response_model=Ticket,
    responses={
        201: {"model": Ticket, "description": "It was opened."},
        **problems(
            ChannelNotOffered,
            OrganizationRequired,
            RequesterRequired,
            NotForCustomers,
            TicketReferenceTaken,
            TicketClosed,
            TeamNotInDepartment,
            AssigneeNotFitting,
            Forbidden,
            Invalid,
        ),
    },
    openapi_extra=traits(Trait.TAGGED, Trait.LOCATED, Trait.MATCHED),
)
async def put_ticket_by_reference(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    source: SourcePath,
    key: KeyPath,
    version: SentVersion,
    body: TicketByReference,
) -> Any:
    """Open a ticket for an id in another system (201), or update the ticket that has it (200);
    sending the same again changes nothing. However many requests arrive at once, there is one
    ticket. Fields that the form does not ask for, or decides itself, are ignored.

    For agents: opening needs `tickets:open_on_behalf`, changing `tickets:update` for the ticket,
    team and assignee `tickets:assign`."""
    sight, is_new = await upsert_ticket(
        session,
        actor,
        Reference(source, key),
        answers=answers_in(body, body.fields),
        form=body.form,
        organization_id=body.organization,
        on_behalf_of=body.on_behalf_of,
        assignment=body.given("team", "assignee"),
        expected_version=version,
    )
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"/v1/tickets/{sight.ticket.id}"
    return await whole_ticket(request, session, actor, sight)
