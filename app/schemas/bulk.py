"""The same change to many tickets."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import Input, Key, Shape, Words, absent

_Reference = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class BulkChanges(Input):
    """What is to change. Absent is unchanged, null is cleared."""

    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    team: Key | None = None
    assignee: UUID | None = None
    transition: Key = absent(examples=["close"])
    comment: Words = absent(examples=["Mended in release 7."])
    visibility: Literal["public", "internal"] = Field("public", description="Of the comment.")


class BulkUpdate(Input):
    """Which tickets are to change, and how."""

    tickets: Annotated[list[_Reference], Field(min_length=1, max_length=100)] = Field(
        description="Ids or numbers.", examples=[["CRM-1042", "CRM-1043"]]
    )
    changes: BulkChanges


class BulkFault(Shape):
    """One thing that was wrong."""

    code: str
    detail: str
    pointer: str | None = Field(description="Where, as if the ticket were changed by itself.")


class BulkRefusal(Shape):
    """Why a ticket was left as it was."""

    code: str = Field(description="As in the catalogue of problems. Tolerate new values.")
    title: str
    detail: str
    errors: list[BulkFault]


class BulkItem(Shape):
    """What came of one ticket."""

    reference: str = Field(description="As it was sent.")
    status: int = Field(description="What changing it by itself would have answered: 200, 404 …")
    id: UUID | None = Field(description="Null where there is no such ticket.")
    number: str | None
    problem: BulkRefusal | None = Field(description="Null where it was changed.")


class BulkResult(Shape):
    """What came of each, in the order in which they were named."""

    items: list[BulkItem]
