"""Tickets: listed, opened, read, changed, and moved to other statuses."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from app.domain.attachments.problems import AttachmentsUnusable
from app.domain.comments.actions import add_comment
from app.domain.comments.problems import CommentForbidden
from app.domain.organizations.queries import organization_for
from app.domain.people.queries import person_for
from app.domain.tenants.queries import definition_of
from app.domain.tickets.changing import change_ticket as change
from app.domain.tickets.deciding import Opening
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.lists import tickets_counted, tickets_visible_to
from app.domain.tickets.moving import move_ticket as move
from app.domain.tickets.opening import open_ticket as open_
from app.domain.tickets.opening import preview_opening
from app.domain.tickets.problems import (
    AssigneeNotFitting,
    ChannelNotOffered,
    CommentNeeded,
    NoOrganization,
    NotForCustomers,
    OrganizationRequired,
    RequesterRequired,
    TeamNotInDepartment,
    TicketClosed,
    TicketGated,
    TicketNotFound,
    TicketReferenceTaken,
    TransitionNotOffered,
)
from app.domain.tickets.queries import ticket_for, ticket_to_show
from app.domain.tickets.sorts import SORTS
from app.kernel.problems import Forbidden, Invalid
from app.schemas.base import Listing
from app.schemas.previews import TicketPreview
from app.schemas.tickets import (
    Ticket,
    TicketChange,
    TicketNew,
    TicketQuery,
    TicketSummary,
    TransitionNew,
)
from app.web import external_references, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion, SentVersion
from app.web.form_answers import answers_in
from app.web.route import UnitOfWorkRoute
from app.web.shapes import tickets as shapes
from app.web.shapes.previews import preview
from app.web.whole_ticket import whole_ticket

router = APIRouter(prefix="/v1/tickets", tags=["tickets"], route_class=UnitOfWorkRoute)

TicketPath = Annotated[
    str, Path(max_length=60, description="Id or number of the ticket.", examples=["CRM-1042"])
]


DryRun = Annotated[bool, Query(description="Only say what would be decided; open nothing.")]


@router.get("", response_model=Listing[TicketSummary], responses=problems(NotForCustomers))
async def list_tickets(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    query: Annotated[TicketQuery, Query()],
) -> Any:
    """The tickets that the caller may read: own tickets and, depending on the role, those of the
    organization or of departments. Different filters are combined with AND, several values of one
    filter with OR. Needs no permission: what the caller may not read is not in the list."""
    requested = paging.requested(request, query, query.sort, SORTS)
    narrowed = TicketFilter(**query.model_dump(exclude={"sort", "limit", "cursor", "include"}))
    page = await tickets_visible_to(
        session,
        actor,
        narrowed,
        sort=requested.sort,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    total = await tickets_counted(session, actor, narrowed) if query.include else None
    definition = await definition_of(session, actor)
    items = [shapes.summary(actor, definition, row) for row in page.rows]
    return paging.listing(request, response, requested, items, page.next, total)


@router.post(
    "",
    status_code=201,
    response_model=Ticket,
    responses={
        200: {"model": TicketPreview, "description": "With `dry_run`: what would be decided."},
        **problems(
            TicketNotFound,
            ChannelNotOffered,
            NoOrganization,
            OrganizationRequired,
            RequesterRequired,
            NotForCustomers,
            TicketReferenceTaken,
            AttachmentsUnusable,
            Forbidden,
            Invalid,
        ),
    },
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED),
)
async def open_ticket(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    body: TicketNew,
    *,
    dry_run: DryRun = False,
) -> Any:
    """Open a ticket. Needs `tickets:create`; with `on_behalf_of`, `tickets:open_on_behalf`.

    The form decides what is asked and which values follow; see `POST /v1/forms/{form}/resolve`.
    With `dry_run=true` nothing is opened, and 200 answers what would be decided. Problems that
    leave nothing to decide are answered as usual; files are not checked."""
    wanted: dict[str, Any] = {
        "answers": answers_in(body, body.fields),
        "form": body.form,
        "organization_id": body.organization,
        "on_behalf_of": body.on_behalf_of,
        "external_ref": external_references.sent(body.external_ref),
    }
    if dry_run:
        opening = await preview_opening(session, actor, **wanted)
        return await _previewed(request, session, actor, opening, private=body.private)
    sight = await open_(
        session, actor, private=body.private, attachment_ids=body.attachment_ids, **wanted
    )
    response.headers["Location"] = f"/v1/tickets/{sight.ticket.id}"
    return await whole_ticket(request, session, actor, sight)


async def _previewed(
    request: Request, session: Session, actor: Caller, opening: Opening, *, private: bool
) -> JSONResponse:
    """What opening a ticket would result in, as 200; nothing is stored."""
    home = await organization_for(session, actor, opening.organization_id)
    requester = await person_for(session, actor, opening.requester_id)
    request.state.changed_nothing = True
    shown = preview(
        actor,
        opening,
        requester_name=requester.name,
        organization_name=home.name,
        private=private,
    )
    return JSONResponse(shown.model_dump(mode="json"))


@router.get(
    "/{ticket}",
    response_model=Ticket,
    responses=problems(TicketNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_ticket(request: Request, session: Session, actor: Caller, ticket: TicketPath) -> Any:
    """A ticket, with what the caller may do with it now. Needs `tickets:read` for it."""
    sight = await ticket_to_show(session, actor, ticket)
    return await whole_ticket(request, session, actor, sight)


@router.patch(
    "/{ticket}",
    response_model=Ticket,
    responses=problems(
        TicketNotFound,
        Forbidden,
        TicketClosed,
        NotForCustomers,
        TeamNotInDepartment,
        AssigneeNotFitting,
        Invalid,
    ),
    openapi_extra=traits(Trait.TAGGED, Trait.VERSIONED),
)
async def change_ticket(
    request: Request,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    version: RequiredVersion,
    body: TicketChange,
) -> Any:
    """Change the fields of a ticket or, as an agent, its team and assignee. Needs `tickets:update`
    for it, for team and assignee `tickets:assign`. The status is changed by transitions."""
    sight = await change(
        session,
        actor,
        ticket,
        expected_version=version,
        answers=answers_in(body, body.fields),
        team=body.team,
        assignee_id=body.assignee,
        assigned=frozenset({"team", "assignee"} & body.model_fields_set),
    )
    return await whole_ticket(request, session, actor, sight)


@router.post(
    "/{ticket}/transitions",
    response_model=Ticket,
    responses=problems(
        TicketNotFound,
        Forbidden,
        CommentForbidden,
        TransitionNotOffered,
        TicketGated,
        CommentNeeded,
        Invalid,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.MATCHED),
)
async def move_ticket(
    request: Request,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    version: SentVersion,
    body: TransitionNew,
) -> Any:
    """Move a ticket to another status, by a transition from its `allowed_actions`. Needs
    `tickets:comment` for it and a role that the transition names."""
    if body.comment:
        await add_comment(
            session,
            actor,
            ticket,
            body=body.comment,
            transition=body.transition,
            fields=body.fields,
            expected_version=version,
        )
    else:
        sight = await ticket_for(session, actor, ticket, lock=True)
        await move(
            session,
            actor,
            sight,
            transition=body.transition,
            fields=body.fields,
            expected_version=version,
        )
    await session.flush()
    sight = await ticket_for(session, actor, ticket)
    return await whole_ticket(request, session, actor, sight)
