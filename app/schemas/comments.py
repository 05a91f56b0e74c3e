"""The conversation on a ticket, as each side sees it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.attachments import AttachmentSummary
from app.schemas.base import Cursor, Input, Key, Moment, PageLimit, PersonReference, Shape, Words
from app.schemas.tickets import Files, StatusShape


class CommentQuery(Input):
    """How a conversation is sorted and paged."""

    sort: Literal["created_at", "-created_at"] | None = Field(
        None, description="Without it, in the order that the portal's definition says (S3-18)."
    )
    limit: PageLimit = 25
    cursor: Cursor | None = None
    include: Literal["total"] | None = None


class CommentNew(Input):
    """Something to say on a ticket; perhaps with files, perhaps moving it in the same step."""

    body: Words = Field(description="Markdown.", examples=["It happens with **every** report."])
    visibility: Literal["public", "internal", "private"] = Field(
        "public",
        description="`internal` is for agents among themselves, `private` a customer's note that"
        " only he and the agents read (S4-15).",
    )
    transition: Key | None = Field(None, description="Moves the ticket too (S3-17).")
    attachment_ids: Files = Field([], description="Uploads of one's own to hang on it.")


class CommentChange(Input):
    """What a comment is to say instead."""

    body: Words = Field(description="Markdown.", examples=["It happens with **some** reports."])


class CommentRevision(Shape):
    """What a comment said before."""

    version: int
    body: str = Field(description="Markdown.")
    replaced_at: Moment


class CommentRevisions(Shape):
    """What a comment said before, the oldest first."""

    items: list[CommentRevision]


class StatusStep(Shape):
    """How a comment moved the ticket."""

    before: StatusShape
    after: StatusShape


class _Comment(Shape):
    id: UUID
    author: PersonReference | None = Field(description="Null where the system wrote.")
    author_side: Literal["customer", "agent", "system"] = Field(description="Tolerate new values.")
    body: str = Field(description="Markdown.")
    body_html: str = Field(description="The same as safe HTML.")
    status_change: StatusStep | None
    attachments: list[AttachmentSummary]
    is_solution: bool = Field(description="Whether this solved the ticket (S1-40).")
    created_at: Moment
    edited_at: Moment | None = Field(description="When its author last changed it.")


class CommentForCustomer(_Comment):
    """A comment as the customer's side sees it."""

    view: Literal["customer"] = "customer"
    visibility: Literal["public", "private"] = Field(description="Tolerate new values.")


class CommentForAgent(_Comment):
    """A comment as agents see it."""

    view: Literal["agent"] = "agent"
    visibility: Literal["public", "internal", "private"] = Field(description="Tolerate new values.")
    channel: str
    withdrawn_at: Moment | None = Field(
        description="When its author took it back; it says nothing any more, and customers do not"
        " see it."
    )


Comment = Annotated[CommentForCustomer | CommentForAgent, Field(discriminator="view")]
