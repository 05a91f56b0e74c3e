"""What happened to a ticket."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import Input, Moment, PersonReference, Shape

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
    limit: int = Field(25, ge=1, le=100)
    cursor: Annotated[str, StringConstraints(max_length=1000)] | None = None
