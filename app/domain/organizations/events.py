"""What happens to organizations."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class OrganizationCreated(Event):
    name: ClassVar[str] = "organization.created"
    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class OrganizationChanged(Event):
    name: ClassVar[str] = "organization.changed"
    audience: Audience = "system"
    changed: tuple[str, ...] = ()
