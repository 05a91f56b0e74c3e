"""Files: what they are, what they are attached to, and how to download them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Cursor, IncludeTotal, Input, Moment, PageLimit, PersonReference, Shape


class AttachmentSummary(Shape):
    """A file. Download it from `content` with the caller's bearer token or cookie."""

    id: UUID
    name: str = Field(
        description="File name, made safe to save; at most 255 bytes.", examples=["screenshot.png"]
    )
    media_type: str = Field(
        description="Detected from the content, not taken from the client.", examples=["image/png"]
    )
    size: int = Field(description="Size in bytes.", ge=1, examples=[48213])
    sha256: str = Field(
        description="SHA-256 of the content, in hexadecimal.",
        pattern=r"^[0-9a-f]{64}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    state: Literal["pending", "clean", "infected", "unscanned"] = Field(
        description="Result of the virus scan: `pending` until it is done, `unscanned` when there"
        " is no scanner or the file is too large for it. Tolerate new values."
    )
    visibility: Literal["public", "internal", "private"] = Field(
        description="Visibility of the comment it is attached to, else `public`. Tolerate new"
        " values."
    )
    ticket_id: UUID | None = Field(description="Null until it is attached.")
    comment_id: UUID | None = Field(description="Null when it is attached to the ticket itself.")
    uploaded_by: PersonReference | None = Field(description="Null when the system did.")
    uploader_side: Literal["customer", "agent", "system"] = Field(
        description="Tolerate new values."
    )
    created_at: Moment
    content: str = Field(
        description="Path to download the file from.",
        examples=["/v1/attachments/01934c1e-7a52-7c1f-8d0a-6f8d3f1c2b4a/content"],
    )
    thumbnail: str | None = Field(
        description="Path of a small preview picture. Null when the file is no picture, and for"
        " some seconds after it was attached."
    )
    refused_because: str | None = Field(
        description="Code of the problem that a download would answer; null when the caller may"
        " download the file."
    )


class Attachment(AttachmentSummary):
    """A file with a download address that needs no token."""

    download_url: str | None = Field(
        description="Downloads the file without a token; valid for 60 seconds, so use it at once."
        " Null when the caller may not download the file."
    )
    download_url_expires_at: Moment | None = Field(description="When `download_url` stops working.")


class AttachmentQuery(Input):
    """How the files of a ticket are sorted and paged."""

    sort: Literal["created_at", "-created_at"] = Field(
        "created_at", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
    include: IncludeTotal = None


class AttachmentsNew(Input):
    """The caller's own uploads, to be attached to a ticket."""

    attachment_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)] = Field(
        description="Ids of files uploaded with `POST /v1/attachments`.",
        examples=[["01934c1e-7a52-7c1f-8d0a-6f8d3f1c2b4a"]],
    )


class AttachmentsAdded(Shape):
    """The files that were just attached, in the order they were named."""

    items: list[AttachmentSummary]
