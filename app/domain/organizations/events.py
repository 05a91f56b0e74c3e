"""What happens to organizations."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class OrganizationCreated(AuditEvent):
    name: ClassVar[str] = "organization.created"
    published: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class OrganizationChanged(AuditEvent):
    name: ClassVar[str] = "organization.changed"
    published: ClassVar[bool] = True
    changed: tuple[str, ...] = ()
