"""Files, as both sides see them: what they are, what they hang on, how to fetch them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Cursor, Input, Moment, PageLimit, PersonReference, Shape


class AttachmentSummary(Shape):
    """A file. Its bytes come from `content` with the caller's own bearer token or cookie."""

    id: UUID
    name: str = Field(description="Cleaned; at most 255 bytes.", examples=["screenshot.png"])
    media_type: str = Field(
        description="Told from the content, whatever the client said.", examples=["image/png"]
    )
    size: int = Field(description="In bytes.", ge=1, examples=[48213])
    sha256: str = Field(
        description="Of the content, in hexadecimal.",
        pattern=r"^[0-9a-f]{64}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    state: Literal["pending", "clean", "infected", "unscanned"] = Field(
        description="What the virus scanner says: `pending` until it has looked, `unscanned` where"
        " there is none or the file is too large for it. Tolerate new values."
    )
    visibility: Literal["public", "internal", "private"] = Field(
        description="That of the comment it hangs on, else `public`. Tolerate new values."
    )
    ticket_id: UUID | None = Field(description="Null while it hangs on nothing.")
    comment_id: UUID | None = Field(description="Null where it hangs on the ticket itself.")
    uploaded_by: PersonReference | None = Field(description="Null where the system did.")
    uploader_side: Literal["customer", "agent", "system"] = Field(
        description="Tolerate new values."
    )
    created_at: Moment
    content: str = Field(
        description="Where its bytes are.",
        examples=["/v1/attachments/01934c1e-7a52-7c1f-8d0a-6f8d3f1c2b4a/content"],
    )
    thumbnail: str | None = Field(
        description="Where a small picture of it is; null for what is no picture, and for some"
        " seconds after it was attached."
    )
    refused_because: str | None = Field(
        description="Null where the caller may fetch the bytes, else the code of the refusal."
    )


class Attachment(AttachmentSummary):
    """A file by itself, with an address that needs no token."""

    download_url: str | None = Field(
        description="Fetches the bytes without a token, for 60 seconds: give it to a browser at"
        " once. Null where the caller may not fetch them."
    )
    download_url_expires_at: Moment | None


class AttachmentQuery(Input):
    """How the files of a ticket are sorted and paged."""

    sort: Literal["created_at", "-created_at"] = Field(
        "created_at", description="`-` sorts downwards."
    )
    limit: PageLimit = 25
    cursor: Cursor | None = None
    include: Literal["total"] | None = None


class AttachmentsNew(Input):
    """Uploads of one's own, to be hung on a ticket."""

    attachment_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)] = Field(
        description="Ids that `POST /v1/attachments` answered.",
        examples=[["01934c1e-7a52-7c1f-8d0a-6f8d3f1c2b4a"]],
    )


class AttachmentsAdded(Shape):
    """The files just hung on a ticket, in the order they were named."""

    items: list[AttachmentSummary]
