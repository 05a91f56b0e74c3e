"""What happens to tickets."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from app.journal import TicketEvent


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketEvent):
    name: ClassVar[str] = "ticket.opened"
    channel: str
    type: str
    status: str
    on_behalf: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketChanged(TicketEvent):
    """`changed` names the fields; `before` and `after` hold those that are keys."""

    name: ClassVar[str] = "ticket.changed"
    changed: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TicketStatusChanged(TicketEvent):
    """`cause`: `transition`, `comment`, `assignment`, `approval` or `reopened`."""

    name: ClassVar[str] = "ticket.status_changed"
    before: str
    after: str
    category: str
    cause: str
    transition: str | None = None


@dataclass(frozen=True, kw_only=True)
class TicketAssigned(TicketEvent):
    name: ClassVar[str] = "ticket.assigned"
    team: str | None
    assignee: UUID | None
    team_before: str | None = None
    assignee_before: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipantAdded(TicketEvent):
    name: ClassVar[str] = "ticket.participant_added"


@dataclass(frozen=True, kw_only=True)
class ParticipantRemoved(TicketEvent):
    name: ClassVar[str] = "ticket.participant_removed"


#: The history of who was let in: not for whoever takes part from another organization.
RIGHTS = (ParticipantAdded.name, ParticipantRemoved.name)
