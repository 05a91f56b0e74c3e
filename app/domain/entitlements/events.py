"""What happens to agreements."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class EntitlementCreated(AuditEvent):
    name: ClassVar[str] = "entitlement.created"
    template: str
    organization: UUID


@dataclass(frozen=True, kw_only=True)
class EntitlementChanged(AuditEvent):
    """`changed` names the fields."""

    name: ClassVar[str] = "entitlement.changed"
    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EntitlementRemoved(AuditEvent):
    """It was never used."""

    name: ClassVar[str] = "entitlement.removed"
    template: str
    organization: UUID
