"""Customer organizations, their members and their mail domains."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Moment, Referenced, SortText, Tenanted, Versioned


class Organization(Referenced, Versioned, Base):
    """A customer company. The external reference names it in another system (S3-22)."""

    __tablename__ = "organizations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        UniqueConstraint("tenant_id", "external_source", "external_key"),
        CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)", name="external_reference"
        ),
        CheckConstraint("state IN ('active', 'inactive')", name="state"),
        Index(None, "tenant_id", "sort_name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    name: Mapped[str]
    sort_name: Mapped[SortText]
    state: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Membership(Tenanted, Base):
    """A customer's membership in an organization, with a role (S3-7)."""

    __tablename__ = "memberships"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organizations.tenant_id", "organizations.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["tenant_id", "role", "side"], ["roles.tenant_id", "roles.key", "roles.side"]
        ),
        CheckConstraint("side = 'customer'", name="side"),
        Index(None, "tenant_id", "person_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    side: Mapped[str] = mapped_column(default="customer")
    created_at: Mapped[Moment]


class EmailDomain(Tenanted, Base):
    """A mail domain in which, as the agents have confirmed, only this organization's people have
    mailboxes. Spelled as by `mail_domains.domain_key`; unique in a tenant."""

    __tablename__ = "email_domains"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organizations.tenant_id", "organizations.id"],
            ondelete="CASCADE",
        ),
        Index(None, "tenant_id", "organization_id"),
    )

    domain: Mapped[SortText] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    created_at: Mapped[Moment]
