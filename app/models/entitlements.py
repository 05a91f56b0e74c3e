"""Entitlements: support agreements of organizations, which tickets are charged to (S0-24)."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.database.base import Base, Identified, Moment, SortText, Versioned


class Entitlement(Identified, Versioned, Base):
    """An organization's support agreement. It is made from a template of the portal definition and
    keeps its own copy of the services, so that a later change of the template changes no agreement.
    An empty list means all services."""

    __tablename__ = "entitlements"
    __table_args__ = (
        # Referred to by tickets: the agreement must be one of the ticket's organization.
        UniqueConstraint("tenant_id", "organization_id", "id", name="uq_entitlements_place"),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organizations.tenant_id", "organizations.id"]
        ),
        CheckConstraint("state IN ('active', 'ended')", name="state"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index(
            "uq_entitlements_default",
            "tenant_id",
            "organization_id",
            unique=True,
            postgresql_where=text("is_default AND state = 'active'"),
        ),
        Index(None, "tenant_id", "sort_name", "id"),
        Index(None, "tenant_id", "starts_on", "id"),
    )

    organization_id: Mapped[UUID]
    template: Mapped[str]
    name: Mapped[str | None]
    sort_name: Mapped[SortText]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
