"""Events: facts in the past tense, with ids, keys and codes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol
from uuid import UUID

#: Who may read it in a ticket's history: everyone who reads the ticket, its author and agents,
#: agents alone, or nobody (audit).
Audience = Literal["everyone", "author", "agents", "system"]
#: Who may read of a comment with this visibility, and of the files on it.
AUDIENCE_OF: Mapping[str, Audience] = {
    "public": "everyone",
    "internal": "agents",
    "private": "author",
}


class TicketPlace(Protocol):
    """What the wall asks of anything that belongs to a ticket; a ticket row has it."""

    @property
    def id(self) -> UUID: ...
    @property
    def organization_id(self) -> UUID: ...
    @property
    def department(self) -> str: ...
    @property
    def requester_id(self) -> UUID: ...


#: Fields that are columns of their own, not data.
_COLUMNS = frozenset({"subject_id", "audience", "ticket"})


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every event. `name` is its name on the wire; further fields become its data.

    Never free text, names or addresses: a person can be erased without touching history."""

    name: ClassVar[str]
    #: Whether programs that keep another system in step are told (`domain/changes`).
    published: ClassVar[bool] = False
    subject_id: UUID | None = None
    audience: Audience = "everyone"

    def data(self) -> dict[str, Any]:
        """The event's own fields, as JSON can hold them; what is empty is left out."""
        return {
            item.name: _plain(value)
            for item in fields(self)
            # By name: a subclass that gives `audience` a default declares the field anew.
            if item.name not in _COLUMNS
            and (value := getattr(self, item.name)) not in (None, (), {})
        }


@dataclass(frozen=True, kw_only=True)
class AuditEvent(Event):
    """Base of events that are not about a ticket: in no history, only in the audit."""

    audience: Audience = "system"


@dataclass(frozen=True, kw_only=True)
class TicketEvent(Event):
    """Base of events about a ticket: in that ticket's history."""

    published: ClassVar[bool] = True
    ticket: TicketPlace


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it is stored, and as reactions get it."""

    id: UUID
    tenant_id: UUID
    name: str
    occurred_at: datetime
    actor_id: UUID | None
    actor_side: str
    audience: str
    subject_id: UUID | None
    ticket_id: UUID | None
    data: Mapping[str, Any]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
