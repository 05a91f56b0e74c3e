"""What happens to people. Ids and keys only: names and addresses stay out of history."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.journal import AuditEvent


@dataclass(frozen=True, kw_only=True)
class PersonCreated(AuditEvent):
    name: ClassVar[str] = "person.created"
    published: ClassVar[bool] = True
    side: str


@dataclass(frozen=True, kw_only=True)
class PersonChanged(AuditEvent):
    """`former_address` is kept for a while, where somebody who signs in got another one."""

    name: ClassVar[str] = "person.changed"
    published: ClassVar[bool] = True
    changed: tuple[str, ...] = ()
    former_address: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PersonDeactivated(AuditEvent):
    """The person was deactivated; what they wrote remains."""

    name: ClassVar[str] = "person.deactivated"
    published: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class RightsChanged(AuditEvent):
    """A role, a membership or a team was given or taken."""

    name: ClassVar[str] = "person.rights_changed"
    published: ClassVar[bool] = True
    organization_id: UUID | None = None
    role: str | None = None
    team: str | None = None
    taken: bool = False
