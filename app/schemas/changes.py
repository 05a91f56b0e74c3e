"""What happened, in the order in which it was kept, for programs that follow it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import ExternalReference, Input, Moment, PageLimit, Shape
from app.schemas.history import ActorSide

EventName = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$", max_length=81)
]


class ChangesQuery(Input):
    """Where to go on, what of, and how long to wait for it."""

    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="`next` of the last answer. It may be kept for as long as you like."
    )
    begin: Literal["oldest", "newest"] = Field(
        "oldest", description="Without a cursor: with all that is kept, or with what comes now."
    )
    event: list[EventName] = Field(
        [],
        max_length=50,
        description="Only these, such as `ticket.opened`; any of them.",
        examples=[["ticket.opened", "ticket.status_changed"]],
    )
    subject: UUID | None = Field(
        None, description="Only what happened to this ticket, organization or person."
    )
    limit: PageLimit = 25
    wait: int = Field(
        0, ge=0, le=30, description="Seconds to wait where there is nothing yet.", examples=[20]
    )


class ChangedThing(Shape):
    """What something happened to."""

    id: UUID
    external_ref: ExternalReference | None = Field(description="How another system calls it.")


class ChangeSubject(ChangedThing):
    """What something happened to."""

    type: str = Field(
        description="ticket, comment, attachment, approval, organization or person. Tolerate new"
        " values."
    )


class ChangeAuthor(Shape):
    """Who did something. A program knows its own by `api_key_id` and leaves them aside."""

    side: ActorSide = Field(description="Tolerate new values.")
    person_id: UUID | None
    api_key_id: UUID | None


class Change(Shape):
    """Something that happened."""

    id: UUID = Field(description="Of the event; the same whenever it is told.")
    event: str = Field(description="Like `ticket.status_changed`. Tolerate new ones.")
    occurred_at: Moment
    by: ChangeAuthor
    subject: ChangeSubject
    ticket: ChangedThing | None = Field(description="The ticket it happened on, if any.")
    organization: ChangedThing | None = Field(description="Whose it is, if any one's.")
    data: dict[str, Any] = Field(description="Keys and ids, by event; never names or texts.")


class Changes(Shape):
    """What happened after a place, oldest first."""

    items: list[Change]
    next: str = Field(
        description="Where to go on: send it as `cursor`. Always there; keep it when what came with"
        " it is done with."
    )
    more: bool = Field(description="Whether to ask on at once. False: nothing more has happened.")
