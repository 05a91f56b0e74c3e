"""Entitlements: the agreements that tickets are charged to."""

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
    """An organization's entitlement, created from a template of the portal's definition (S0-24)."""

    id: UUID
    label: str = Field(
        description="The name to show: its own, else its template's in the caller's language."
    )
    name: str | None = Field(
        description="Its own name; null when it uses the name of its template."
    )
    template: Labelled
    kind: Literal["coverage", "cases", "hours"] = Field(
        description="What it counts. Tolerate new values."
    )
    organization: OrganizationReference
    services: list[Labelled] = Field(
        description="The services it covers, by the names they have under it (S4-14); an empty"
        " list means all services."
    )
    starts_on: date
    ends_on: date | None = Field(description="Its last day; null when it has no end.")
    default: bool = Field(
        description="Whether the organization's tickets are charged to it when none is chosen."
    )
    state: EntitlementState = Field(description="Tolerate new values.")
    running: bool = Field(description="Whether tickets can be charged to it today.")
    created_at: Moment
    updated_at: Moment


class EntitlementNew(Input):
    """An entitlement to create."""

    organization: UUID
    template: Key = Field(examples=["premium"])
    name: Name | None = Field(
        None, description="Its own name, when it should not be the template's."
    )
    starts_on: _Day | None = Field(None, description="Its first day; today when left out.")
    ends_on: _Day | None = Field(
        None, description="Its last day. When absent, the template decides; null means no end."
    )
    services: _Services | None = Field(
        None,
        description="Keys of the services it covers. When absent, the template decides; an empty"
        " list means all services.",
    )
    default: bool | None = Field(
        None,
        description="Whether it becomes the organization's default. When absent, the template"
        " decides.",
    )


class EntitlementChange(Input):
    """Changes to an entitlement. Fields that are absent stay unchanged; `null` clears."""

    name: Name | None = Field(None, examples=["Premium support 2027"])
    starts_on: _Day = absent()
    ends_on: _Day | None = Field(None, description="Null means no end.")
    services: _Services = absent()
    default: bool = absent()
    state: EntitlementState = absent()


class EntitlementQuery(Input):
    """How the list of entitlements is filtered, sorted and paged."""

    organization: Annotated[list[UUID], Field(max_length=50)] = Field(
        [], description="Only of these organizations; repeat the parameter for several."
    )
    template: Annotated[list[Key], Field(max_length=50)] = Field(
        [], description="Only from these templates; repeat the parameter for several."
    )
    state: EntitlementState | None = None
    running: bool | None = Field(None, description="Whether tickets can be charged to them today.")
    sort: Literal["name", "-name", "created_at", "-created_at"] = Field(
        "name", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
