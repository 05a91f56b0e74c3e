"""Who was told of what, by which way, and whether it arrived."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment


class Notification(Identified, Base):
    """One message to one person about one event. Unique, so telling twice tells once."""

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "event_id"], ["events.tenant_id", "events.id"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        UniqueConstraint("tenant_id", "event_id", "person_id", "channel"),
        UniqueConstraint("tenant_id", "message_id"),
        UniqueConstraint("tenant_id", "reply_token"),
        CheckConstraint("channel IN ('mail')", name="channel"),
        CheckConstraint("state IN ('pending', 'sent', 'refused', 'dropped')", name="state"),
        Index(None, "tenant_id", "ticket_id"),
        Index(None, "tenant_id", "person_id"),
    )

    event_id: Mapped[UUID]
    person_id: Mapped[UUID]
    channel: Mapped[str]
    template: Mapped[str]
    reason: Mapped[str]
    ticket_id: Mapped[UUID | None]
    comment_id: Mapped[UUID | None]
    message_id: Mapped[str]
    reply_token: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
