"""The journal (one row serves as history, audit log and outbox) and timers for what is due."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment


class EventRow(Identified, Base):
    """An event, in ids, keys and codes; never free text or addresses, so that a person can be
    erased without touching history. Readers follow events by (`xact`, `position`), and only up to
    the oldest transaction that is still open: no event can later appear before those they read."""

    __tablename__ = "events"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        CheckConstraint("audience IN ('everyone', 'author', 'agents', 'system')", name="audience"),
        CheckConstraint(
            "(ticket_id IS NULL) = (organization_id IS NULL)"
            " AND (ticket_id IS NULL) = (department IS NULL)"
            " AND (ticket_id IS NULL) = (requester_id IS NULL)",
            name="of_ticket",
        ),
        Index(None, "tenant_id", "ticket_id", "occurred_at", "id"),
        Index(
            "ix_events_published_xact_position",
            "tenant_id",
            "xact",
            "position",
            postgresql_where=text("published"),
        ),
        Index(None, "tenant_id", "name", "occurred_at"),
        Index(
            "ix_events_audit_occurred_at",
            "tenant_id",
            "occurred_at",
            "id",
            postgresql_where=text("audience = 'system' AND ticket_id IS NULL"),
        ),
        Index(
            "ix_events_audit_subject_id",
            "tenant_id",
            "subject_id",
            "occurred_at",
            "id",
            postgresql_where=text("audience = 'system' AND ticket_id IS NULL"),
        ),
    )

    name: Mapped[str]
    occurred_at: Mapped[Moment]
    actor_id: Mapped[UUID | None]
    actor_side: Mapped[str]
    session_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    audience: Mapped[str]
    published: Mapped[bool] = mapped_column(default=False, server_default=false())
    subject_id: Mapped[UUID | None]
    ticket_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    department: Mapped[str | None]
    requester_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    xact: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))


class Timer(Identified, Base):
    """A deferred task: the handler `name` is called for `subject_id` at `due_at`."""

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "name", "subject_id", unique=True),
        Index("ix_timers_due_at", "due_at"),
    )

    name: Mapped[str]
    subject_id: Mapped[UUID]
    due_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
