"""What happened to a ticket."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Cursor, Input, Moment, PageLimit, PersonReference, Shape

ActorSide = Literal["customer", "agent", "system"]


class HistoryEntry(Shape):
    """One entry of the history, as the caller may see it."""

    id: UUID
    event: str = Field(
        description="Name of the event, such as `ticket.status_changed`. Tolerate new values."
    )
    occurred_at: Moment
    actor: PersonReference | None = Field(description="Null when the system acted.")
    actor_side: ActorSide = Field(description="Tolerate new values.")
    subject_id: UUID | None = Field(
        description="Id of what else it is about, such as a comment or a file."
    )
    data: dict[str, Any] = Field(description="Details of the event: keys and ids.")


class HistoryQuery(Input):
    """How a history is sorted and paged."""

    sort: Literal["occurred_at", "-occurred_at"] = Field(
        "-occurred_at", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
