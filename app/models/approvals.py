"""Approvals of tickets: the request, its approvers and substitutes, and their decisions."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import (
    Base,
    Identified,
    Moment,
    OfTicket,
    Tenanted,
    Versioned,
    place_of_ticket,
)


class Approval(Identified, OfTicket, Versioned, Base):
    """A request for approval. `policy` names the approval policy in version `definition_version` of
    the portal definition; an approval that an agent asked for has a `question` instead.

    `remind_at`: when the next reminder is due. `presumed_at`: when no answer counts as approval.
    `awaits_agent`: the customer has commented, and the time until `presumed_at` starts again with
    the next public comment of an agent."""

    __tablename__ = "approvals"
    __table_args__ = (
        place_of_ticket("fk_approvals_of_ticket", ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
        ),
        ForeignKeyConstraint(["tenant_id", "asked_by"], ["people.tenant_id", "people.id"]),
        CheckConstraint("kind IN ('resolution', 'request', 'task')", name="kind"),
        CheckConstraint("state IN ('pending', 'granted', 'refused', 'cancelled')", name="state"),
        CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ended_at"),
        CheckConstraint("(policy IS NULL) <> (question IS NULL)", name="question"),
        CheckConstraint(
            "(state IN ('granted', 'refused')) = (decision IS NOT NULL)", name="decision"
        ),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_because IS NOT NULL)", name="cancelled_because"
        ),
        Index(None, "tenant_id", "ticket_id", "asked_at", "id"),
        Index(None, "tenant_id", "organization_id", "asked_at", "id"),
        Index(None, "tenant_id", "requester_id", "asked_at", "id"),
        *(Index(None, "tenant_id", column, "id") for column in ("asked_at", "due_at", "ended_at")),
        Index(
            "uq_approvals_asked_once",
            "tenant_id",
            "ticket_id",
            "policy",
            unique=True,
            postgresql_where=text("state = 'pending' AND policy IS NOT NULL"),
        ),
    )

    policy: Mapped[str | None]
    kind: Mapped[str]
    question: Mapped[str | None]
    refusal_needs_comment: Mapped[bool] = mapped_column(default=False)
    needed: Mapped[int] = mapped_column(default=1)
    gate: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(default="pending")
    decision: Mapped[str | None]
    cancelled_because: Mapped[str | None]
    definition_version: Mapped[int]
    ticket_version: Mapped[int]
    asked_in: Mapped[str]
    asked_at: Mapped[Moment]
    asked_by: Mapped[UUID | None]
    due_at: Mapped[Moment | None]
    remind_at: Mapped[Moment | None]
    reminded_at: Mapped[Moment | None]
    presumed_at: Mapped[Moment | None]
    awaits_agent: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[Moment | None]


class Approver(Tenanted, Base):
    """A person who is asked to approve, and their last reminder (`reminded_by` is its event)."""

    __tablename__ = "approvers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "approval_id"],
            ["approvals.tenant_id", "approvals.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        CheckConstraint("reminder IN ('asked', 'accepted', 'failed')", name="reminder"),
        CheckConstraint("(reminder IS NULL) = (reminded_by IS NULL)", name="reminded_by"),
        CheckConstraint("(reminder = 'accepted') = (reminded_at IS NOT NULL)", name="reminded_at"),
        Index(None, "tenant_id", "person_id"),
    )

    approval_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    reminder: Mapped[str | None]
    reminded_by: Mapped[UUID | None]
    reminded_at: Mapped[Moment | None]


class Substitute(Tenanted, Base):
    """A person who may decide approvals for another person during an absence."""

    __tablename__ = "substitutes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "substitute_id"], ["people.tenant_id", "people.id"]),
        CheckConstraint("person_id <> substitute_id", name="another"),
        CheckConstraint("starts_at < ends_at", name="ends_at"),
        Index(None, "tenant_id", "substitute_id"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    substitute_id: Mapped[UUID]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]


class Decision(Identified, Base):
    """A decision of a person, or a presumed approval. The grants allow no update and no delete.

    `for_person_id` is the approver who was asked, `person_id` the person who answered; both are
    empty where approval was presumed. Exactly one decision of an approval is `final`."""

    __tablename__ = "approval_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "approval_id"],
            ["approvals.tenant_id", "approvals.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["people.tenant_id", "people.id"]),
        ForeignKeyConstraint(["tenant_id", "for_person_id"], ["people.tenant_id", "people.id"]),
        UniqueConstraint("tenant_id", "approval_id", "for_person_id"),
        CheckConstraint("kind IN ('explicit', 'presumed', 'delegated')", name="kind"),
        CheckConstraint("outcome IN ('granted', 'refused')", name="outcome"),
        CheckConstraint(
            "(kind = 'presumed') = (person_id IS NULL)"
            " AND (person_id IS NULL) = (for_person_id IS NULL)"
            " AND (kind = 'explicit') = (person_id IS NOT DISTINCT FROM for_person_id"
            " AND person_id IS NOT NULL)",
            name="who",
        ),
        Index(
            "uq_approval_decisions_final",
            "tenant_id",
            "approval_id",
            unique=True,
            postgresql_where=text("final"),
        ),
    )

    approval_id: Mapped[UUID]
    kind: Mapped[str]
    decision: Mapped[str]
    outcome: Mapped[str]
    final: Mapped[bool]
    comment: Mapped[str | None]
    person_id: Mapped[UUID | None]
    for_person_id: Mapped[UUID | None]
    ticket_version: Mapped[int]
    definition_version: Mapped[int]
    text_digest: Mapped[str]
    decided_at: Mapped[Moment]
