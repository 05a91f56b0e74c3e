"""Tickets, and who takes part in them."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import (
    Base,
    Moment,
    Rank,
    Referenced,
    SortText,
    Tenanted,
    Versioned,
    place_of_ticket,
)

CATEGORIES = ("new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed")
_CATEGORIES = ", ".join(f"'{category}'" for category in CATEGORIES)
#: How a ticket stands to what was promised, the most urgent first.
STANDINGS = ("breached", "warned", "running", "paused", "missed", "met")
_STANDINGS = ", ".join(f"'{standing}'" for standing in STANDINGS)

#: The condition of the indexes that dashboards count by. Written out wherever they are to be used:
#: a bound value would hide from the planner that they fit.
IN_PROGRESS = text("tickets.status_category <> 'closed'")

#: The ways a list of tickets can be sorted; each has an index behind it in the tenant.
SORT_COLUMNS = (
    "number",
    "created_at",
    "updated_at",
    "closed_at",
    "subject_key",
    "type_rank",
    "status_rank",
    "severity_rank",
    "priority_rank",
    "service_rank",
    "department_rank",
    "team_rank",
    "due_at",
)


class Ticket(Referenced, Versioned, Base):
    """A ticket. Its keys (`type`, `status`, …) are those of version `definition_version` of the
    portal definition; the ranks are their positions there, stored so that lists can sort by them.
    So are `sla` and `due_at`, the next deadline, which follow from the log of the SLA clocks."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        # Referred to by everything that belongs to a ticket (`place_of_ticket`).
        UniqueConstraint(
            "tenant_id",
            "id",
            "organization_id",
            "department",
            "requester_id",
            name="uq_tickets_place",
        ),
        UniqueConstraint("tenant_id", "external_source", "external_key"),
        ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
        ),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id"], ["organizations.tenant_id", "organizations.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "requester_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "assignee_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "department"], ["departments.tenant_id", "departments.key"]
        ),
        ForeignKeyConstraint(["tenant_id", "team"], ["teams.tenant_id", "teams.key"]),
        CheckConstraint(f"status_category IN ({_CATEGORIES})", name="status_category"),
        CheckConstraint(f"sla IN ({_STANDINGS})", name="sla"),
        CheckConstraint("(status_category = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)", name="external_reference"
        ),
        *(Index(None, "tenant_id", column, "id") for column in SORT_COLUMNS if column != "number"),
        Index(None, "tenant_id", "organization_id", "created_at", "id"),
        Index(None, "tenant_id", "organization_id", "updated_at", "id"),
        Index(None, "tenant_id", "requester_id", "created_at", "id"),
        Index(None, "tenant_id", "assignee_id", "created_at", "id"),
        Index(None, "tenant_id", "status", "created_at", "id"),
        Index(None, "tenant_id", "sla", "created_at", "id"),
        Index(None, "tenant_id", "sla", "due_at", "id"),
        Index(
            "ix_tickets_promised",
            "tenant_id",
            "organization_id",
            "sla",
            "due_at",
            "id",
            postgresql_where=text("sla IS NOT NULL"),
        ),
        ForeignKeyConstraint(
            ["tenant_id", "organization_id", "entitlement_id"],
            ["entitlements.tenant_id", "entitlements.organization_id", "entitlements.id"],
            name="fk_tickets_entitlement",
        ),
        Index(None, "tenant_id", "entitlement_id", "created_at", "id"),
        # Counted without reading the table: what is counted by, and what the wall asks.
        Index(
            "ix_tickets_in_progress",
            "tenant_id",
            "organization_id",
            "status",
            postgresql_where=IN_PROGRESS,
            postgresql_include=[
                "id",
                "requester_id",
                "department",
                "private",
                "team",
                "assignee_id",
                "created_at",
                "status_category",
                "sla",
            ],
        ),
        *(
            Index(
                f"ix_tickets_in_progress_of_{who.removesuffix('_id')}",
                "tenant_id",
                who,
                "status",
                postgresql_where=IN_PROGRESS,
            )
            for who in ("requester_id", "assignee_id")
        ),
    )

    number: Mapped[int]
    organization_id: Mapped[UUID]
    requester_id: Mapped[UUID]
    department: Mapped[str]
    department_rank: Mapped[Rank]
    team: Mapped[str | None]
    team_rank: Mapped[Rank | None]
    assignee_id: Mapped[UUID | None]

    subject: Mapped[str]
    subject_key: Mapped[SortText]
    description: Mapped[str]
    description_html: Mapped[str]
    type: Mapped[str]
    type_rank: Mapped[Rank]
    status: Mapped[str]
    status_rank: Mapped[Rank]
    status_category: Mapped[str]
    severity: Mapped[str | None]
    severity_rank: Mapped[Rank | None]
    priority: Mapped[str | None]
    priority_rank: Mapped[Rank | None]
    service: Mapped[str | None]
    service_rank: Mapped[Rank | None]
    entitlement_id: Mapped[UUID | None]
    form: Mapped[str | None]
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    channel: Mapped[str]
    private: Mapped[bool] = mapped_column(default=False)
    billable: Mapped[bool] = mapped_column(default=False)
    gated_by: Mapped[UUID | None]
    definition_version: Mapped[int]

    created_at: Mapped[Moment]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[Moment]
    first_replied_at: Mapped[Moment | None]
    resolved_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    sla: Mapped[str | None]
    due_at: Mapped[Moment | None]


class Participant(Tenanted, Base):
    """A participant of one ticket, perhaps from another organization.

    `organization_id` is the ticket's. The row-level security of tickets reads this table, so the
    policy of this table must read no other."""

    __tablename__ = "participants"
    __table_args__ = (
        place_of_ticket("fk_participants_of_ticket", ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        Index(None, "tenant_id", "person_id"),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    department: Mapped[str]
    requester_id: Mapped[UUID]
    added_at: Mapped[Moment]
    added_by: Mapped[UUID | None]
