"""What happens to tenants."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class DefinitionApplied(AuditEvent):
    """A new version of the portal definition is in force."""

    name: ClassVar[str] = "portal.definition_applied"
    version: int
    digest: str
