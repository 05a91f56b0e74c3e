"""Events of service levels. `clock` is the number of the ticket's clock concerned."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.journal import TicketEvent


@dataclass(frozen=True, kw_only=True)
class OfClock(TicketEvent):
    """Base of the events about a clock."""

    clock: int
    metric: str
    policy: str
    target_minutes: int


@dataclass(frozen=True, kw_only=True)
class ServiceLevelWarned(OfClock):
    """Most of the time is used; the deadline is `due_at`."""

    name: ClassVar[str] = "service_level.warned"
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceLevelBreached(OfClock):
    """The deadline `due_at` has passed."""

    name: ClassVar[str] = "service_level.breached"
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceLevelTargetChanged(OfClock):
    """Another policy applies, or another target of it."""

    name: ClassVar[str] = "service_level.target_changed"
    policy_before: str
    target_minutes_before: int
