"""The feed of changes, for programs that keep another system in step."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import ExternalReference, Input, Moment, PageLimit, Shape
from app.schemas.history import ActorSide

EventName = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$", max_length=81)
]


class ChangesQuery(Input):
    """Where in the feed to continue, what to include, and how long to wait."""

    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="`next` of the previous answer. It does not expire."
    )
    begin: Literal["oldest", "newest"] = Field(
        "oldest",
        description="Where to begin without a cursor: at the oldest change there is, or with"
        " changes that are yet to come.",
    )
    event: list[EventName] = Field(
        [],
        max_length=50,
        description="Only events of these names, such as `ticket.opened`; repeat the parameter"
        " for several.",
        examples=[["ticket.opened", "ticket.status_changed"]],
    )
    subject: UUID | None = Field(
        None, description="Only what happened to this ticket, organization or person."
    )
    limit: PageLimit = 25
    wait: int = Field(
        0,
        ge=0,
        le=30,
        description="How many seconds to wait when there is nothing new yet (long polling).",
        examples=[20],
    )


class ChangedThing(Shape):
    """A ticket or organization by id, and by its id in another system."""

    id: UUID
    external_ref: ExternalReference | None = Field(description="Its id in another system.")


class ChangeSubject(ChangedThing):
    """What the change is about."""

    type: str = Field(
        description="`ticket`, `comment`, `attachment`, `approval`, `organization` or `person`."
        " Tolerate new values."
    )


class ChangeAuthor(Shape):
    """Who made the change. A program recognizes its own changes by `api_key_id` and can skip
    them."""

    side: ActorSide = Field(description="Tolerate new values.")
    person_id: UUID | None
    api_key_id: UUID | None


class Change(Shape):
    """One change."""

    id: UUID = Field(
        description="Id of the event. It is the same whenever the event is read again."
    )
    event: str = Field(
        description="Name of the event, such as `ticket.status_changed`. Tolerate new values."
    )
    occurred_at: Moment
    by: ChangeAuthor
    subject: ChangeSubject
    ticket: ChangedThing | None = Field(description="The ticket it happened on, if any.")
    organization: ChangedThing | None = Field(description="The organization it belongs to, if any.")
    data: dict[str, Any] = Field(
        description="Details of the event: keys and ids, never names or texts."
    )


class Changes(Shape):
    """The changes that follow the cursor, oldest first."""

    items: list[Change]
    next: str = Field(
        description="Send it as `cursor` to continue. It is always present; store it once the"
        " items of this answer are processed."
    )
    more: bool = Field(
        description="Whether to ask again at once. False: there is nothing further yet."
    )
