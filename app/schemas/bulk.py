"""The same change to many tickets."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import Input, Key, Shape, Words, absent

_Reference = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class BulkChanges(Input):
    """What to change. Fields that are absent stay unchanged; `null` clears."""

    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    team: Key | None = Field(None, description="Key of the team that gets the tickets.")
    assignee: UUID | None = Field(None, description="The agent who gets the tickets.")
    transition: Key = absent(
        description="Key of a transition to move the tickets by.", examples=["close"]
    )
    comment: Words = absent(
        description="A comment to add to each ticket. Markdown.", examples=["Mended in release 7."]
    )
    visibility: Literal["public", "internal"] = Field(
        "public", description="Visibility of the comment."
    )


class BulkUpdate(Input):
    """Which tickets to change, and how."""

    tickets: Annotated[list[_Reference], Field(min_length=1, max_length=100)] = Field(
        description="Ids or numbers of the tickets.", examples=[["CRM-1042", "CRM-1043"]]
    )
    changes: BulkChanges


class BulkFault(Shape):
    """One fault in the request."""

    code: str
    detail: str
    pointer: str | None = Field(
        description="Where the fault is (RFC 6901), as if the ticket were changed by itself."
    )


class BulkRefusal(Shape):
    """Why a ticket was not changed."""

    code: str = Field(
        description="Code of the problem, as in the catalogue of problems. Tolerate new values."
    )
    title: str
    detail: str
    errors: list[BulkFault]


class BulkItem(Shape):
    """The result for one ticket."""

    reference: str = Field(description="The id or number as it was sent.")
    status: int = Field(
        description="The HTTP status that changing this ticket by itself would have answered."
    )
    id: UUID | None = Field(description="Null when there is no such ticket for the caller.")
    number: str | None
    problem: BulkRefusal | None = Field(description="Null when the ticket was changed.")


class BulkResult(Shape):
    """One result for each ticket, in the order the tickets were named."""

    items: list[BulkItem]
