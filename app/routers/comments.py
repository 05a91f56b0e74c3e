"""The comments of a ticket."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.attachments.problems import AttachmentsUnusable
from app.domain.attachments.queries import attachments_of_comments
from app.domain.comments.actions import add_comment as add
from app.domain.comments.editing import edit_comment, mark_solution
from app.domain.comments.editing import withdraw_comment as withdraw
from app.domain.comments.problems import (
    CommentForbidden,
    CommentNotFound,
    CommentNotYours,
    CommentWindowOver,
    SolutionNotPublic,
    VisibilityForbidden,
)
from app.domain.comments.queries import (
    SORTS,
    comment_for,
    comments_counted,
    comments_of,
    revisions_of,
)
from app.domain.tenants.queries import definition_of
from app.domain.tickets.problems import (
    CommentNeeded,
    TicketClosed,
    TicketGated,
    TicketNotFound,
    TransitionNotOffered,
)
from app.domain.tickets.queries import ticket_for
from app.kernel.problems import Forbidden, Invalid
from app.models.comments import Comment as CommentRow
from app.routers.tickets import TicketPath
from app.schemas.base import Listing
from app.schemas.comments import (
    Comment,
    CommentChange,
    CommentNew,
    CommentQuery,
    CommentRevision,
    CommentRevisions,
)
from app.web import etag, paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.etag import RequiredVersion, SentVersion
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
    """The comments of a ticket, in the order that the portal's definition sets unless `sort` is
    given. Needs `tickets:read` for the ticket; internal notes are listed for agents only."""
    sight = await ticket_for(session, actor, ticket)
    definition = await definition_of(session, actor)
    newest_first = definition.comments.order == "newest_first"
    sort = query.sort or ("-created_at" if newest_first else "created_at")
    requested = paging.requested(request, query, sort, SORTS)
    page = await comments_of(
        session,
        actor,
        sight,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    total = await comments_counted(session, actor, sight) if query.include else None
    with_files = [row.id for row in page.rows if row.with_files]
    files = await attachments_of_comments(session, actor, with_files)
    items = [
        shapes.whole(request, actor, definition, row, row.author_name, files.get(row.id, ()))
        for row in page.rows
    ]
    return paging.listing(request, response, requested, items, page.next, total)


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
    """Add a comment, optionally with files, and with a transition of the ticket in the same step
    (S3-17). Needs `tickets:comment` for the ticket, for internal notes `comments:internal`."""
    said = await add(
        session,
        actor,
        ticket,
        body=body.body,
        visibility=body.visibility,
        transition=body.transition,
        attachment_ids=body.attachment_ids,
        expected_version=version,
    )
    comment = said.comment
    response.headers["Location"] = f"/v1/tickets/{comment.ticket_id}/comments/{comment.id}"
    attached = bool(body.attachment_ids)
    return await _whole(request, session, actor, comment, said.author_name, attached=attached)


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


@router.patch(
    "/{comment}",
    response_model=Comment,
    responses=problems(
        TicketNotFound, CommentNotFound, CommentNotYours, CommentWindowOver, TicketClosed
    ),
    openapi_extra=traits(Trait.TAGGED, Trait.VERSIONED),
)
async def change_comment(
    request: Request,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    comment: CommentPath,
    version: RequiredVersion,
    body: CommentChange,
) -> Any:
    """Change the text of one's own comment, within the minutes that the portal's definition sets.
    Needs to be its author; agents can still read the earlier text."""
    await edit_comment(session, actor, ticket, comment, body=body.body, expected_version=version)
    return await _shown(request, session, actor, ticket, comment)


@router.delete(
    "/{comment}",
    status_code=204,
    responses=problems(
        TicketNotFound, CommentNotFound, CommentNotYours, CommentWindowOver, TicketClosed
    ),
    openapi_extra=traits(Trait.VERSIONED),
)
async def withdraw_comment(
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    comment: CommentPath,
    version: RequiredVersion,
) -> None:
    """Withdraw one's own comment and its files, within the same minutes. Customers no longer see
    it; agents see that there was one. Needs to be its author."""
    await withdraw(session, actor, ticket, comment, expected_version=version)


@router.get(
    "/{comment}/revisions",
    response_model=CommentRevisions,
    responses=problems(TicketNotFound, CommentNotFound, Forbidden),
)
async def list_comment_revisions(
    session: Session, actor: Caller, ticket: TicketPath, comment: CommentPath
) -> Any:
    """The earlier texts of a comment that was changed or withdrawn. Needs `comments:internal`."""
    sight = await ticket_for(session, actor, ticket)
    held = (await comment_for(session, actor, sight, comment))[0]
    require(actor, "comments:internal")
    return CommentRevisions(
        items=[
            CommentRevision(version=each.version, body=each.body, replaced_at=each.replaced_at)
            for each in await revisions_of(session, actor, held)
        ]
    )


@router.put(
    "/{comment}/solution",
    response_model=Comment,
    responses=problems(TicketNotFound, CommentNotFound, Forbidden, SolutionNotPublic),
)
async def mark_as_solution(
    request: Request, session: Session, actor: Caller, ticket: TicketPath, comment: CommentPath
) -> Any:
    """Mark a public comment as the solution of the ticket (S1-40). A ticket has one at most. For
    agents, with `tickets:update` for the ticket."""
    await mark_solution(session, actor, ticket, comment, solved=True)
    return await _shown(request, session, actor, ticket, comment)


@router.delete(
    "/{comment}/solution",
    status_code=204,
    responses=problems(TicketNotFound, CommentNotFound, Forbidden, SolutionNotPublic),
)
async def unmark_as_solution(
    session: Session, actor: Caller, ticket: TicketPath, comment: CommentPath
) -> None:
    """Remove the mark as solution from a comment. For agents, with `tickets:update` for the
    ticket."""
    await mark_solution(session, actor, ticket, comment, solved=False)


async def _shown(
    request: Request, session: AsyncSession, actor: Actor, ticket: str, comment: str
) -> Any:
    sight = await ticket_for(session, actor, ticket)
    row = await comment_for(session, actor, sight, comment)
    return await _whole(request, session, actor, row[0], row.author_name)


async def _whole(
    request: Request,
    session: AsyncSession,
    actor: Actor,
    comment: CommentRow,
    author_name: str | None,
    *,
    attached: bool = True,
) -> Any:
    """A comment with what is `attached` to it."""
    etag.set_version(request, comment.version)
    files = await attachments_of_comments(session, actor, [comment.id]) if attached else {}
    definition = await definition_of(session, actor)
    own = files.get(comment.id, ())
    return shapes.whole(request, actor, definition, comment, author_name, own)
