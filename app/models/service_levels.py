"""The log of the SLA clocks of tickets, from which their deadlines are computed."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Moment, Tenanted, place_of_ticket


class ClockEvent(Tenanted, Base):
    """An entry in the log of a ticket's SLA clocks. The grants allow no update and no delete.

    `clock` is the `position` of the entry that started it. `at` is when it happened, which may be
    before it was `noted_at`. A target is that of `policy` in the portal definition of
    `definition_version`."""

    __tablename__ = "clock_events"
    __table_args__ = (
        place_of_ticket("fk_clock_events_of_ticket", ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
        ),
        CheckConstraint(
            "metric IN ('first_response', 'next_response', 'resolution')", name="metric"
        ),
        CheckConstraint(
            "kind IN ('activated', 'paused', 'resumed', 'fulfilled', 'target_changed', 'warned',"
            " 'breached', 'cancelled')",
            name="kind",
        ),
        CheckConstraint(
            "(kind IN ('activated', 'target_changed')) = (policy IS NOT NULL)"
            " AND (policy IS NULL) = (definition_version IS NULL)"
            " AND (policy IS NULL) = (target_minutes IS NULL)",
            name="terms",
        ),
        CheckConstraint(
            "clock <= position AND (clock = position) = (kind = 'activated')", name="clock"
        ),
    )

    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    department: Mapped[str]
    requester_id: Mapped[UUID]
    clock: Mapped[int]
    metric: Mapped[str]
    kind: Mapped[str]
    at: Mapped[Moment]
    noted_at: Mapped[Moment]
    policy: Mapped[str | None]
    definition_version: Mapped[int | None]
    target_minutes: Mapped[int | None]
    status: Mapped[str | None]
    comment_id: Mapped[UUID | None]
