"""What happens to organizations."""

from dataclasses import dataclass
from typing import ClassVar

from app.journal import Event
from app.journal.events import Audience


@dataclass(frozen=True, kw_only=True)
class OrganizationCreated(Event):
    name: ClassVar[str] = "organization.created"
    published: ClassVar[bool] = True
    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class OrganizationChanged(Event):
    name: ClassVar[str] = "organization.changed"
    published: ClassVar[bool] = True
    audience: Audience = "system"
    changed: tuple[str, ...] = ()
