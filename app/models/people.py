"""People of a tenant, and their addresses in a table of their own: others see only the name."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified, Moment, Referenced, SortText, Tenanted, Versioned


class Person(Referenced, Versioned, Base):
    """An agent, a customer or a service account. `role` is set for agents; customers have their
    roles in their memberships.

    A `service` is an account that programs act with: it has no address and never signs in. The
    external reference is the person's id in another system (S3-22)."""

    __tablename__ = "people"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "role", "side"], ["roles.tenant_id", "roles.key", "roles.side"]
        ),
        CheckConstraint("side IN ('customer', 'agent')", name="side"),
        CheckConstraint("state IN ('invited', 'active', 'inactive')", name="state"),
        CheckConstraint(
            "shut_out_by IS NULL"
            " OR (state = 'inactive' AND shut_out_by IN ('provider', 'customer'))",
            name="shut_out_by",
        ),
        CheckConstraint("role IS NULL OR side = 'agent'", name="role_of_agents"),
        UniqueConstraint("tenant_id", "external_source", "external_key"),
        CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)", name="external_reference"
        ),
        Index(None, "tenant_id", "sort_name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )

    side: Mapped[str]
    state: Mapped[str]
    #: Of somebody inactive: which side ended his access. The provider's word is not the customer's
    #: to take back.
    shut_out_by: Mapped[str | None]
    name: Mapped[str]
    sort_name: Mapped[SortText]
    language: Mapped[str | None]
    role: Mapped[str | None]
    muted: Mapped[bool] = mapped_column(default=False)
    service: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class ContactDetails(Tenanted, Base):
    """A person's addresses. `email_key` is the address as compared: unique in the tenant (S3-9)."""

    __tablename__ = "contact_details"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "email_key"),
        Index(None, "tenant_id", "phone"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[SortText]
    phone: Mapped[str | None]


class FormerAddress(Identified, Base):
    """A person's previous address, kept until the notice of the change was sent there: whoever
    changed it without right cannot hide that from its owner."""

    __tablename__ = "former_addresses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["people.tenant_id", "people.id"], ondelete="CASCADE"
        ),
        Index(None, "tenant_id", "person_id"),
    )

    person_id: Mapped[UUID]
    email: Mapped[str]
    replaced_at: Mapped[Moment]
