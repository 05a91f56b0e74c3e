"""The conversation on a ticket, as each side sees it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.attachments import AttachmentSummary
from app.schemas.base import (
    Cursor,
    IncludeTotal,
    Input,
    Key,
    Moment,
    PageLimit,
    PersonReference,
    Shape,
    Words,
)
from app.schemas.tickets import Files, StatusShape


class CommentQuery(Input):
    """How a conversation is sorted and paged."""

    sort: Literal["created_at", "-created_at"] | None = Field(
        None, description="Without it, the order that the portal's definition sets (S3-18)."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
    include: IncludeTotal = None


class CommentNew(Input):
    """A comment, optionally with files and with a transition in the same step."""

    body: Words = Field(description="Markdown.", examples=["It happens with **every** report."])
    visibility: Literal["public", "internal", "private"] = Field(
        "public",
        description="`public`: everybody who reads the ticket. `internal`: only agents."
        " `private`: a customer's note that only its author and agents read (S4-15).",
    )
    transition: Key | None = Field(
        None, description="Key of a transition to move the ticket by in the same step (S3-17)."
    )
    attachment_ids: Files = Field([], description="Ids of the caller's own uploads to attach.")


class CommentChange(Input):
    """The new text of a comment."""

    body: Words = Field(description="Markdown.", examples=["It happens with **some** reports."])


class CommentRevision(Shape):
    """An earlier text of a comment."""

    version: int
    body: str = Field(description="Markdown.")
    replaced_at: Moment = Field(description="When this text was replaced.")


class CommentRevisions(Shape):
    """The earlier texts of a comment, oldest first."""

    items: list[CommentRevision]


class StatusStep(Shape):
    """How a comment changed the ticket's status."""

    before: StatusShape
    after: StatusShape


class _Comment(Shape):
    id: UUID
    author: PersonReference | None = Field(description="Null when the system wrote it.")
    author_side: Literal["customer", "agent", "system"] = Field(description="Tolerate new values.")
    body: str = Field(description="Markdown.")
    body_html: str = Field(description="The body as safe HTML.")
    status_change: StatusStep | None = Field(
        description="The change of status that came with this comment, if any."
    )
    attachments: list[AttachmentSummary]
    is_solution: bool = Field(
        description="Whether it is marked as the solution of the ticket (S1-40)."
    )
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
    channel: str = Field(description="How it reached the ticket, such as `portal`.")
    withdrawn_at: Moment | None = Field(
        description="When its author withdrew it. Its text is then empty, and customers do not"
        " see the comment."
    )


Comment = Annotated[CommentForCustomer | CommentForAgent, Field(discriminator="view")]
