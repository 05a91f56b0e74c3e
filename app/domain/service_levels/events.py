"""What happens to promises. `clock` is the number of the ticket's clock it happened to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.journal import TicketEvent


@dataclass(frozen=True, kw_only=True)
class OfClock(TicketEvent):
    """Base of what happens to a clock."""

    clock: int
    metric: str
    policy: str
    target_minutes: int


@dataclass(frozen=True, kw_only=True)
class ServiceLevelWarned(OfClock):
    """So much of the time is consumed that somebody should hurry; it is over at `due_at`."""

    name: ClassVar[str] = "service_level.warned"
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceLevelBreached(OfClock):
    """The time was over, at `due_at`, and it was not done."""

    name: ClassVar[str] = "service_level.breached"
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceLevelTargetChanged(OfClock):
    """Another promise holds, or another target of it."""

    name: ClassVar[str] = "service_level.target_changed"
    policy_before: str
    target_minutes_before: int
