"""What happens to tenants."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class DefinitionApplied(Event):
    """A new version of the portal definition is in force."""

    name: ClassVar[str] = "portal.definition_applied"
    audience: Audience = "system"
    version: int
    digest: str
