"""Attachments: the metadata of files. Their bytes are kept in the object store."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, place_of_ticket


class Attachment(Identified, Base):
    """A file. Without a ticket it is an upload that only its uploader sees. Once attached, it is as
    visible as its ticket or its comment (`visibility` is the comment's)."""

    __tablename__ = "attachments"
    __table_args__ = (
        # Deferrable: comments that move to another ticket take their files along first.
        place_of_ticket("fk_attachments_of_ticket", deferrable=True, initially="IMMEDIATE"),
        # A file has the visibility and the ticket of its comment.
        ForeignKeyConstraint(
            ["tenant_id", "ticket_id", "comment_id", "visibility"],
            ["comments.tenant_id", "comments.ticket_id", "comments.id", "comments.visibility"],
            name="fk_attachments_of_comment",
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "uploaded_by"], ["people.tenant_id", "people.id"]),
        CheckConstraint("state IN ('pending', 'clean', 'infected', 'unscanned')", name="state"),
        CheckConstraint("visibility IN ('public', 'internal', 'private')", name="visibility"),
        CheckConstraint(
            "(ticket_id IS NULL) = (organization_id IS NULL)"
            " AND (ticket_id IS NULL) = (department IS NULL)"
            " AND (ticket_id IS NULL) = (requester_id IS NULL)"
            " AND (comment_id IS NULL OR ticket_id IS NOT NULL)",
            name="hangs_on",
        ),
        Index(None, "tenant_id", "ticket_id", "created_at", "id"),
        Index(None, "tenant_id", "comment_id"),
        # Uploads that hang on nothing: few, however many files somebody has attached.
        Index(
            "ix_attachments_uploads",
            "tenant_id",
            "uploaded_by",
            postgresql_where=text("ticket_id IS NULL"),
        ),
    )

    ticket_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    department: Mapped[str | None]
    requester_id: Mapped[UUID | None]
    comment_id: Mapped[UUID | None]
    visibility: Mapped[str] = mapped_column(default="public")
    uploaded_by: Mapped[UUID | None]
    uploader_side: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    state: Mapped[str]
    object_key: Mapped[str]
    thumbnail_key: Mapped[str | None]
    created_at: Mapped[Moment]
