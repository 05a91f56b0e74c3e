"""What happened to a ticket."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Cursor, Input, Moment, PageLimit, PersonReference, Shape

ActorSide = Literal["customer", "agent", "system"]


class HistoryEntry(Shape):
    """Something that happened, as the caller's side may know it."""

    id: UUID
    event: str = Field(description="Like `ticket.status_changed`. Tolerate new ones.")
    occurred_at: Moment
    actor: PersonReference | None = Field(description="Null where the system acted.")
    actor_side: ActorSide = Field(description="Tolerate new values.")
    subject_id: UUID | None = Field(description="What else it is about: a comment, a file.")
    data: dict[str, Any] = Field(description="Keys and ids, by event.")


class HistoryQuery(Input):
    """How a history is sorted and paged."""

    sort: Literal["occurred_at", "-occurred_at"] = "-occurred_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None
