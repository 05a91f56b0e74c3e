"""What happens to approvals. `subject_id` is the approval; each says by which version of the
definition it happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from app.journal import AuditEvent, TicketEvent, TicketPlace
from app.journal.events import Audience
from app.models.approvals import Approval


@dataclass(frozen=True, kw_only=True)
class _OfApproval(TicketEvent):
    definition_version: int
    policy: str | None = None

    @classmethod
    def of(cls, approval: Approval, ticket: TicketPlace, **values: Any) -> Self:
        """The event about an approval of a ticket; `values` are its own fields."""
        return cls(
            ticket=ticket,
            subject_id=approval.id,
            definition_version=approval.definition_version,
            policy=approval.policy,
            **values,
        )


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(_OfApproval):
    name: ClassVar[str] = "approval.asked"
    kind: str
    ticket_version: int
    approvers: tuple[UUID, ...]
    needed: int
    substitutes: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApprovalNotAsked(_OfApproval):
    """The ticket came where it is asked about, and there are too few who could answer."""

    name: ClassVar[str] = "approval.not_asked"
    audience: Audience = "agents"
    found: int
    needed: int


@dataclass(frozen=True, kw_only=True)
class ApprovalDecided(_OfApproval):
    """`state` is the approval's afterwards: `pending` while more answers are needed."""

    name: ClassVar[str] = "approval.decided"
    decision: str
    outcome: str
    kind: str
    state: str
    ticket_version: int
    on_behalf_of: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalCancelled(_OfApproval):
    """`because`: `moved_on`, `closed` or `withdrawn`."""

    name: ClassVar[str] = "approval.cancelled"
    because: str


@dataclass(frozen=True, kw_only=True)
class ReminderDue(AuditEvent):
    """Somebody (`subject_id`) is to be reminded: one mail for all their open approvals."""

    name: ClassVar[str] = "approval.reminder_due"
    approvals: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ReminderSent(_OfApproval):
    """The mail server has taken a reminder to `person`."""

    name: ClassVar[str] = "approval.reminded"
    person: UUID


@dataclass(frozen=True, kw_only=True)
class ReminderFailed(_OfApproval):
    """`person` could not be reminded, so that no approval is presumed from their silence."""

    name: ClassVar[str] = "approval.reminder_failed"
    audience: Audience = "agents"
    person: UUID


@dataclass(frozen=True, kw_only=True)
class CountdownStarted(_OfApproval):
    name: ClassVar[str] = "approval.countdown_started"
    presumed_at: datetime


@dataclass(frozen=True, kw_only=True)
class CountdownStopped(_OfApproval):
    """The customer's side has spoken; an agent's next public comment begins the wait anew."""

    name: ClassVar[str] = "approval.countdown_stopped"
    comment: UUID


@dataclass(frozen=True, kw_only=True)
class ReminderArmed(_OfApproval):
    name: ClassVar[str] = "approval.reminder_armed"
    remind_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubstituteNamed(AuditEvent):
    """From `starts_at` until `ends_at`, `substitute` answers for `subject_id`."""

    name: ClassVar[str] = "substitute.named"
    substitute: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubstituteDismissed(AuditEvent):
    """`substitute` answers for `subject_id` no more."""

    name: ClassVar[str] = "substitute.dismissed"
    substitute: UUID
