"""Comments on tickets, and their earlier versions."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import (
    Base,
    Identified,
    Moment,
    OfTicket,
    Tenanted,
    Versioned,
    place_of_ticket,
)


class Comment(Identified, OfTicket, Versioned, Base):
    """A comment: `public`, `internal` (agents) or `private` (its author and agents, S4-15)."""

    __tablename__ = "comments"
    __table_args__ = (
        # Referred to by attachments: a file has the visibility of its comment.
        UniqueConstraint("tenant_id", "ticket_id", "id", "visibility", name="uq_comments_place"),
        place_of_ticket("fk_comments_of_ticket"),
        ForeignKeyConstraint(["tenant_id", "author_id"], ["people.tenant_id", "people.id"]),
        CheckConstraint("visibility IN ('public', 'internal', 'private')", name="visibility"),
        CheckConstraint("author_side IN ('customer', 'agent', 'system')", name="author_side"),
        Index(None, "tenant_id", "ticket_id", "created_at", "id"),
    )

    author_id: Mapped[UUID | None]
    author_side: Mapped[str]
    visibility: Mapped[str]
    body: Mapped[str]
    body_html: Mapped[str]
    channel: Mapped[str]
    status_from: Mapped[str | None]
    status_to: Mapped[str | None]
    is_solution: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    edited_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]


class CommentRevision(Tenanted, OfTicket, Base):
    """The text of a comment before it was changed or withdrawn. Only agents see it."""

    __tablename__ = "comment_revisions"
    __table_args__ = (
        place_of_ticket("fk_comment_revisions_of_ticket"),
        ForeignKeyConstraint(["tenant_id", "comment_id"], ["comments.tenant_id", "comments.id"]),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    replaced_at: Mapped[Moment]
