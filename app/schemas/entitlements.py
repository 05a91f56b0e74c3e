"""Agreements that tickets are charged to."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import (
    Cursor,
    Input,
    Key,
    Labelled,
    Moment,
    Name,
    OrganizationReference,
    PageLimit,
    Shape,
    absent,
)

EntitlementState = Literal["active", "ended"]
_Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
_Services = Annotated[list[Key], Field(max_length=200)]


class EntitlementShape(Shape):
    """An organization's agreement, made from a template of the portal's definition (S0-24)."""

    id: UUID
    label: str = Field(
        description="What it is called: its own name, else its template's in the caller's language."
    )
    name: str | None = Field(description="Its own name.")
    template: Labelled
    kind: Literal["coverage", "cases", "hours"] = Field(
        description="What it counts. Tolerate new values."
    )
    organization: OrganizationReference
    services: list[Labelled] = Field(
        description="The services covered, as they are called under it (S4-14); empty are all."
    )
    starts_on: date
    ends_on: date | None = Field(description="Its last day; null without an end.")
    default: bool = Field(
        description="Whether the organization's tickets are charged to it unless said."
    )
    state: EntitlementState = Field(description="Tolerate new values.")
    running: bool = Field(description="Whether tickets may be charged to it today.")
    created_at: Moment
    updated_at: Moment


class EntitlementNew(Input):
    """An agreement to be made."""

    organization: UUID
    template: Key = Field(examples=["premium"])
    name: Name | None = Field(None, description="Where it is not the template's.")
    starts_on: _Day | None = Field(None, description="Its first day; today unless said.")
    ends_on: _Day | None = Field(
        None, description="Its last day; absent as the template says, null without an end."
    )
    services: _Services | None = Field(
        None, description="The services covered; absent as the template says, none are all."
    )
    default: bool | None = Field(
        None, description="Whether it becomes the organization's default; absent as the template."
    )


class EntitlementChange(Input):
    """A change of an agreement. Absent is unchanged, null is cleared."""

    name: Name | None = Field(None, examples=["Premium support 2027"])
    starts_on: _Day = absent()
    ends_on: _Day | None = Field(None, description="Null is without an end.")
    services: _Services = absent()
    default: bool = absent()
    state: EntitlementState = absent()


class EntitlementQuery(Input):
    """A list of agreements."""

    organization: Annotated[list[UUID], Field(max_length=50)] = Field([])
    template: Annotated[list[Key], Field(max_length=50)] = Field([])
    state: EntitlementState | None = None
    running: bool | None = Field(None, description="Whether tickets may be charged to it today.")
    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"
    limit: PageLimit = 25
    cursor: Cursor | None = None
