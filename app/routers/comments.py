"""The conversation on a ticket."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.attachments.problems import AttachmentsUnusable
from app.domain.attachments.queries import attachments_of_comments
from app.domain.comments.actions import add_comment as add
from app.domain.comments.problems import CommentForbidden, CommentNotFound, VisibilityForbidden
from app.domain.comments.queries import SORTS, comment_for, comments_counted, comments_of
from app.domain.tenants.queries import definition_of
from app.domain.tickets.problems import (
    CommentNeeded,
    TicketClosed,
    TicketGated,
    TicketNotFound,
    TransitionNotOffered,
)
from app.domain.tickets.queries import ticket_for
from app.kernel.problems import Invalid
from app.routers.tickets import TicketPath
from app.schemas.base import Listing
from app.schemas.comments import Comment, CommentNew, CommentQuery
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import SentVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import comments as shapes

router = APIRouter(
    prefix="/v1/tickets/{ticket}/comments", tags=["comments"], route_class=UnitOfWorkRoute
)
CommentPath = Annotated[str, Path(max_length=60, description="Id of the comment.")]


@router.get("", response_model=Listing[Comment], responses=problems(TicketNotFound))
async def list_comments(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    query: Annotated[CommentQuery, Query()],
) -> Any:
    """The conversation, in the order the portal's definition says where `sort` does not. Needs
    `tickets:read` for the ticket; internal notes are agents' own."""
    sight = await ticket_for(session, actor, ticket)
    definition = await definition_of(session, actor)
    newest_first = definition.comments.order == "newest_first"
    sort = query.sort or ("-created_at" if newest_first else "created_at")
    page_asked = paging.asked(
        request, sort=sort, limit=query.limit, cursor=query.cursor, sorts=SORTS
    )
    page = await comments_of(
        session,
        actor,
        sight,
        descending=page_asked.descending,
        after=page_asked.after,
        limit=page_asked.limit,
    )
    total = await comments_counted(session, actor, sight) if query.include else None
    files = await attachments_of_comments(session, actor, [row[0].id for row in page.rows])
    items = [
        shapes.whole(request, actor, definition, row[0], row.author_name, files.get(row[0].id, ()))
        for row in page.rows
    ]
    return paging.listing(request, response, page_asked, items, page.next, total)


@router.post(
    "",
    status_code=201,
    response_model=Comment,
    responses=problems(
        TicketNotFound,
        CommentForbidden,
        VisibilityForbidden,
        TicketClosed,
        TicketGated,
        TransitionNotOffered,
        CommentNeeded,
        AttachmentsUnusable,
        Invalid,
    ),
    openapi_extra=traits(Trait.IDEMPOTENT, Trait.TAGGED, Trait.LOCATED, Trait.MATCHED),
)
async def add_comment(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    version: SentVersion,
    body: CommentNew,
) -> Any:
    """Say something on a ticket, with files, and move it in the same step where `transition` says
    so (S3-17). Needs `tickets:comment` for the ticket, for internal notes `comments:internal`."""
    sight, comment = await add(
        session,
        actor,
        ticket,
        body=body.body,
        visibility=body.visibility,
        transition=body.transition,
        attachment_ids=body.attachment_ids,
        expected_version=version,
    )
    response.headers["Location"] = f"/v1/tickets/{sight.ticket.id}/comments/{comment.id}"
    return await _shown(request, session, actor, ticket, str(comment.id))


@router.get(
    "/{comment}",
    response_model=Comment,
    responses=problems(TicketNotFound, CommentNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_comment(
    request: Request, session: Session, actor: Caller, ticket: TicketPath, comment: CommentPath
) -> Any:
    """One comment. Needs `tickets:read` for its ticket."""
    return await _shown(request, session, actor, ticket, comment)


async def _shown(
    request: Request, session: Session, actor: Caller, ticket: str, comment: str
) -> Any:
    sight = await ticket_for(session, actor, ticket)
    row = await comment_for(session, actor, sight, comment)
    files = await attachments_of_comments(session, actor, [row[0].id])
    definition = await definition_of(session, actor)
    own = files.get(row[0].id, ())
    return shapes.whole(request, actor, definition, row[0], row.author_name, own)
