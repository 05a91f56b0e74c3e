"""Registrations: people who sign up by themselves. Only the system can read them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped

from app.database.base import Base, Identified, Moment, SortText


class Registration(Identified, Base):
    """A registration. `asked` only means that somebody entered an address. The owner of the mailbox
    confirms it and sets a password, and is then admitted or waits for approval."""

    __tablename__ = "registrations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "decided_by"], ["people.tenant_id", "people.id"]),
        CheckConstraint("state IN ('asked', 'waiting', 'approved', 'refused')", name="state"),
        CheckConstraint(
            "(state = 'waiting') = (password_hash IS NOT NULL)", name="password_while_waiting"
        ),
        CheckConstraint("(state = 'approved') = (person_id IS NOT NULL)", name="person"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "email_key"),
        Index(None, "tenant_id", "domain"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "decided_by"),
        Index(None, "fingerprint"),
        Index(
            "uq_registrations_waiting",
            "tenant_id",
            "email_key",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    state: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[SortText]
    domain: Mapped[SortText]
    language: Mapped[str | None]
    message: Mapped[str | None]
    fingerprint: Mapped[bytes | None]
    password_hash: Mapped[str | None]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    confirmed_at: Mapped[Moment | None]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    reason: Mapped[str | None]
