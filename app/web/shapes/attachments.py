"""Files as they are shown."""

from typing import Any

from fastapi import Request

from app.access.actor import Actor
from app.domain.attachments.addresses import grant_download
from app.domain.attachments.media_types import served_as
from app.domain.attachments.names import download_name
from app.domain.attachments.policy import download_refusal
from app.domain.attachments.queries import FileInSight
from app.domain.tenants.definition.document import Definition
from app.kernel.problems import Problem
from app.models.attachments import Attachment as File
from app.schemas.attachments import Attachment, AttachmentSummary
from app.schemas.base import PersonReference
from app.web.downloads import StoredFile


def refusal(
    request: Request, actor: Actor, definition: Definition, file: File
) -> type[Problem] | None:
    """Why the caller may not fetch the bytes of a file he sees; `None` where he may."""
    scanner_at_work = request.app.state.settings.scanner_url is not None
    return download_refusal(
        actor, file.state, definition.attachments, scanner_at_work=scanner_at_work
    )


def summary(
    request: Request, actor: Actor, definition: Definition, sight: FileInSight
) -> AttachmentSummary:
    """A file in a list, on a comment, or just uploaded."""
    return AttachmentSummary(**_summary(request, actor, definition, sight))


def whole(request: Request, actor: Actor, definition: Definition, sight: FileInSight) -> Attachment:
    """A file by itself, with a download address made for the caller."""
    url, expires_at = None, None
    if refusal(request, actor, definition, sight.file) is None:
        token, expires_at = grant_download(request.app.state.signer, actor, sight.file.id)
        url = f"{request.app.state.settings.base_url}/v1/downloads/{token}"
    return Attachment(
        **_summary(request, actor, definition, sight),
        download_url=url,
        download_url_expires_at=expires_at,
    )


def _summary(
    request: Request, actor: Actor, definition: Definition, sight: FileInSight
) -> dict[str, Any]:
    file = sight.file
    here = f"/v1/attachments/{file.id}"
    refused = refusal(request, actor, definition, file)
    uploader = None
    if file.uploaded_by is not None:
        uploader = PersonReference(id=file.uploaded_by, name=sight.uploader_name or "")
    return {
        "id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "state": file.state,
        "visibility": file.visibility,
        "ticket_id": file.ticket_id,
        "comment_id": file.comment_id,
        "uploaded_by": uploader,
        "uploader_side": file.uploader_side,
        "created_at": file.created_at,
        "content": f"{here}/content",
        "thumbnail": f"{here}/thumbnail" if file.thumbnail_key else None,
        "refused_because": refused.code if refused else None,
    }


def bytes_of(file: File) -> StoredFile:
    """The file itself, as it goes out: under a harmless name, as nothing a browser runs."""
    return StoredFile(
        key=file.object_key,
        size=file.size,
        media_type=served_as(file.media_type),
        name=download_name(file.name, file.media_type),
        etag=file.sha256[:32],
    )
