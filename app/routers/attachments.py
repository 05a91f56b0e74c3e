"""Files: uploading, attaching to tickets, listing and downloading them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.domain.attachments.actions import discard_upload, store_upload
from app.domain.attachments.problems import (
    AttachmentEmpty,
    AttachmentInfected,
    AttachmentNotFound,
    AttachmentNotScannedYet,
    AttachmentsUnusable,
    AttachmentTooLarge,
    AttachmentTypeRefused,
    AttachmentUnscanned,
    DownloadAddressEnded,
    ThumbnailNotFound,
    TooManyUploads,
    UploadForbidden,
)
from app.domain.attachments.queries import (
    SORTS,
    attachment_for,
    attachments_counted,
    attachments_of,
    files_attached,
    granted_file,
)
from app.domain.tenants.queries import definition_of
from app.domain.tickets.files import add_files
from app.domain.tickets.problems import FilesForbidden, TicketClosed, TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.gateways.pictures import THUMBNAIL_TYPE
from app.gateways.storage import StorageUnavailable
from app.schemas.attachments import (
    Attachment,
    AttachmentQuery,
    AttachmentsAdded,
    AttachmentsNew,
    AttachmentSummary,
)
from app.schemas.base import Listing
from app.web import paging
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.downloads import DownloadRoute, StoredFile, enter_by_address, send
from app.web.route import UnitOfWorkRoute
from app.web.shapes import attachments as shapes
from app.web.uploads import Received, UploadRoute

router = APIRouter(tags=["attachments"], route_class=UnitOfWorkRoute)
_uploads = APIRouter(tags=["attachments"], route_class=UploadRoute)
_downloads = APIRouter(tags=["attachments"], route_class=DownloadRoute)

AttachmentPath = Annotated[str, Path(max_length=60, description="Id of the file.")]
TicketPath = Annotated[
    str, Path(max_length=60, description="Id or number of the ticket.", examples=["CRM-1042"])
]
DownloadPath = Annotated[str, Path(max_length=200, description="The last part of `download_url`.")]
_NOT_FETCHED = (AttachmentInfected, AttachmentNotScannedYet, AttachmentUnscanned)


@_uploads.post(
    "/v1/attachments",
    status_code=201,
    response_model=AttachmentSummary,
    responses=problems(
        AttachmentNotFound,
        UploadForbidden,
        TooManyUploads,
        AttachmentTooLarge,
        AttachmentTypeRefused,
        AttachmentEmpty,
        StorageUnavailable,
    ),
    openapi_extra=traits(Trait.TAKES_FILE, Trait.IDEMPOTENT, Trait.LOCATED),
)
async def upload_attachment(
    request: Request, response: Response, session: Session, actor: Caller, received: Received
) -> Any:
    """Upload one file. Needs `tickets:create`, or permission to comment on or change tickets
    anywhere.

    The body is the file itself, with its name in `Content-Disposition: attachment; filename*=…`, or
    a multipart form with one part named `file`. The media type is detected from the content. Until
    the file is named in `attachment_ids` of a ticket or a comment, only its uploader sees it; after
    24 hours it is deleted."""
    scanned = request.app.state.settings.scanner_url is not None
    stored = await store_upload(session, actor, received, scanned=scanned)
    sight = await attachment_for(session, actor, stored.id, ticket_for)
    response.headers["Location"] = f"/v1/attachments/{stored.id}"
    return shapes.summary(request, actor, await definition_of(session, actor), sight)


@router.get(
    "/v1/attachments/{attachment}",
    response_model=Attachment,
    responses=problems(AttachmentNotFound),
    openapi_extra=traits(Trait.TAGGED),
)
async def get_attachment(
    request: Request, session: Session, actor: Caller, attachment: AttachmentPath
) -> Any:
    """A file, with an address to download it without a token for 60 seconds. Needs `tickets:read`
    for the ticket it is attached to, and the comment's visibility applies; an upload that is not
    attached yet is visible to its uploader only."""
    sight = await attachment_for(session, actor, attachment, ticket_for)
    return shapes.whole(request, actor, await definition_of(session, actor), sight)


@router.delete(
    "/v1/attachments/{attachment}",
    status_code=204,
    response_class=Response,
    responses=problems(AttachmentNotFound),
)
async def discard_attachment(session: Session, actor: Caller, attachment: AttachmentPath) -> None:
    """Delete one of the caller's own uploads that is not attached yet; needs no permission. A file
    that is attached stays and answers 404 here."""
    await discard_upload(session, actor, attachment)


@_downloads.get(
    "/v1/attachments/{attachment}/content",
    response_class=Response,
    responses=problems(AttachmentNotFound, *_NOT_FETCHED, StorageUnavailable),
    openapi_extra=traits(Trait.SENDS_FILE),
)
async def get_attachment_content(
    request: Request, session: Session, actor: Caller, attachment: AttachmentPath
) -> Response:
    """The content of a file, whole or a range of it. Needs `tickets:read` for the ticket it is
    attached to. Customers can download files that the virus scanner found clean or, where there is
    no scanner, those that the portal permits."""
    sight = await attachment_for(session, actor, attachment, ticket_for)
    definition = await definition_of(session, actor)
    refusal = shapes.refusal(request, actor, definition, sight.file)
    if refusal is not None:
        raise refusal
    return send(shapes.bytes_of(sight.file))


@_downloads.get(
    "/v1/attachments/{attachment}/thumbnail",
    response_class=Response,
    responses=problems(AttachmentNotFound, ThumbnailNotFound, StorageUnavailable),
    openapi_extra=traits(Trait.SENDS_FILE),
)
async def get_attachment_thumbnail(
    session: Session, actor: Caller, attachment: AttachmentPath
) -> Response:
    """A preview of a picture (WebP, at most 512 pixels wide and high). Needs `tickets:read` for the
    ticket it is attached to. It is available some seconds after the file was attached."""
    sight = await attachment_for(session, actor, attachment, ticket_for)
    if sight.file.thumbnail_key is None:
        raise ThumbnailNotFound
    return send(
        StoredFile(
            key=sight.file.thumbnail_key,
            size=None,
            media_type=THUMBNAIL_TYPE,
            name="thumbnail.webp",
            etag=f"t-{sight.file.sha256[:32]}",
            inline=True,
        )
    )


@_downloads.get(
    "/v1/downloads/{download}",
    response_class=Response,
    responses=problems(DownloadAddressEnded, AttachmentInfected, StorageUnavailable),
    openapi_extra=traits(Trait.PUBLIC, Trait.SENDS_FILE),
)
async def follow_download_address(
    request: Request, session: Session, download: DownloadPath
) -> Response:
    """Download a file by the signed address from its entry. Needs no token: the address grants one
    file for 60 seconds."""
    granted = enter_by_address(request, download)
    return send(shapes.bytes_of(await granted_file(session, granted.system, granted.grant)))


@router.get(
    "/v1/tickets/{ticket}/attachments",
    response_model=Listing[AttachmentSummary],
    responses=problems(TicketNotFound),
)
async def list_ticket_attachments(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    ticket: TicketPath,
    query: Annotated[AttachmentQuery, Query()],
) -> Any:
    """The files of a ticket: those attached to the ticket itself, and those of comments that the
    caller may read. Needs `tickets:read` for the ticket."""
    sight = await ticket_for(session, actor, ticket)
    requested = paging.requested(request, query, query.sort, SORTS)
    page = await attachments_of(
        session,
        actor,
        sight.ticket.id,
        descending=requested.descending,
        after=requested.after,
        limit=requested.limit,
    )
    total = None
    if query.include:
        total = await attachments_counted(session, actor, sight.ticket.id)
    definition = await definition_of(session, actor)
    items = [shapes.summary(request, actor, definition, file) for file in page.rows]
    return paging.listing(request, response, requested, items, page.next, total)


@router.post(
    "/v1/tickets/{ticket}/attachments",
    status_code=201,
    response_model=AttachmentsAdded,
    responses=problems(TicketNotFound, FilesForbidden, TicketClosed, AttachmentsUnusable),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def attach_files(
    request: Request, session: Session, actor: Caller, ticket: TicketPath, body: AttachmentsNew
) -> Any:
    """Attach the caller's own uploads to a ticket that is already open (S3-19). Needs
    `tickets:comment` for the ticket; a closed ticket takes none."""
    wanted: list[UUID] = list(dict.fromkeys(body.attachment_ids))
    await add_files(session, actor, ticket, attachment_ids=wanted)
    definition = await definition_of(session, actor)
    files = await files_attached(session, actor, wanted)
    return {"items": [shapes.summary(request, actor, definition, file) for file in files]}


router.include_router(_uploads)
router.include_router(_downloads)
