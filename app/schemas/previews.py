"""What opening a ticket would result in (`dry_run`)."""

from typing import Any, Literal

from pydantic import Field

from app.schemas.base import (
    Colored,
    EntitlementReference,
    Labelled,
    OrganizationReference,
    PersonReference,
    Shape,
)
from app.schemas.catalogue import FormProblem
from app.schemas.service_levels import Promised
from app.schemas.tickets import StatusShape


class TicketPreview(Shape):
    """The ticket that would be opened. Nothing was changed."""

    view: Literal["preview"] = Field(
        "preview", description="Distinguishes a preview from a ticket."
    )
    accepted: bool = Field(description="Whether the ticket would be opened.")
    errors: list[FormProblem] = Field(
        description="What would be refused, each with a pointer to its place."
    )
    organization: OrganizationReference
    requester: PersonReference
    department: Labelled
    form: str = Field(description="Key of the form.")
    team: Labelled | None = Field(description="The team that would get it; null for customers.")
    channel: str
    type: Labelled | None = Field(description="Null while it is not decided.")
    status: StatusShape | None = Field(description="Null while the type is not decided.")
    severity: Colored | None
    priority: Colored | None
    service: Labelled | None
    entitlement: EntitlementReference | None
    billable: bool = Field(description="Whether it would be charged for.")
    billable_notice: str | None = Field(description="Show this before the ticket is opened (S2-6).")
    service_level: Promised | None = Field(
        description="The service level that would apply (S0-15)."
    )
    values: dict[str, Any] = Field(description="Every answer that would be stored, by field key.")
    told: list[Literal["requester", "team", "department"]] = Field(
        description="Who would be notified at once. Tolerate new values."
    )
    seen_by: list[Literal["requester", "participant", "organization", "department", "tenant"]] = (
        Field(
            description="By which rules people would be able to see it, as in `…/access`. Tolerate"
            " new values."
        )
    )
