"""What happens to agreements."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class EntitlementCreated(Event):
    name: ClassVar[str] = "entitlement.created"
    audience: Audience = "system"
    template: str
    organization: UUID


@dataclass(frozen=True, kw_only=True)
class EntitlementChanged(Event):
    """`changed` names the fields."""

    name: ClassVar[str] = "entitlement.changed"
    audience: Audience = "system"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EntitlementRemoved(Event):
    """It was never used."""

    name: ClassVar[str] = "entitlement.removed"
    audience: Audience = "system"
    template: str
    organization: UUID
