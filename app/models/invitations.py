"""Invitations, and the terms that people have accepted."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, Tenanted


class Invitation(Identified, Base):
    """An invitation; a person has at most one at a time. Its link is a one-time token."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organizations.tenant_id", "organizations.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "invited_by"], ["people.tenant_id", "people.id"]),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted_by"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "organization_id"),
        Index(None, "tenant_id", "invited_by"),
        Index(
            "uq_invitations_open",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    person_id: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    role: Mapped[str | None]
    way: Mapped[str | None]
    invited_by: Mapped[UUID | None]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    failure: Mapped[str | None]
    accepted_at: Mapped[Moment | None]
    accepted_by: Mapped[str | None]
    withdrawn_at: Mapped[Moment | None]


class Consent(Tenanted, Base):
    """A person's acceptance of one step of the portal's terms, in one version. Never changed."""

    __tablename__ = "consents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    accepted_at: Mapped[Moment]
