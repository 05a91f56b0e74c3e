"""Notifications: who is notified of which event, by which channel, and whether it was delivered."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment


class Notification(Identified, Base):
    """One message about one event: to one person, or to somebody who has registered and has no
    account yet. A unique constraint keeps an event that is handled twice from being sent twice."""

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "event_id"], ["events.tenant_id", "events.id"]),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "ticket_id"], ["tickets.tenant_id", "tickets.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["registrations.tenant_id", "registrations.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("tenant_id", "event_id", "person_id", "channel"),
        UniqueConstraint("tenant_id", "event_id", "registration_id", "channel"),
        CheckConstraint("(person_id IS NULL) <> (registration_id IS NULL)", name="one_recipient"),
        UniqueConstraint("tenant_id", "message_id"),
        UniqueConstraint("tenant_id", "reply_token"),
        CheckConstraint("channel IN ('mail')", name="channel"),
        CheckConstraint("state IN ('pending', 'sent', 'refused', 'dropped')", name="state"),
        Index(None, "tenant_id", "ticket_id"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "registration_id"),
    )

    event_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    registration_id: Mapped[UUID | None]
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
