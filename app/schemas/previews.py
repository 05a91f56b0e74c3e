"""What opening a ticket would come to (`dry_run`)."""

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
    """What would be decided. Nothing was changed."""

    view: Literal["preview"] = Field("preview", description="Tells it from a ticket's views.")
    accepted: bool = Field(description="Whether the ticket would be opened.")
    errors: list[FormProblem] = Field(description="What would be refused, each with its place.")
    organization: OrganizationReference
    requester: PersonReference
    department: Labelled
    form: str
    team: Labelled | None = Field(description="Who would get it; null for customers.")
    channel: str
    type: Labelled | None
    status: StatusShape | None = Field(description="Null while the type is open.")
    severity: Colored | None
    priority: Colored | None
    service: Labelled | None
    entitlement: EntitlementReference | None
    billable: bool
    billable_notice: str | None = Field(description="Said before sending (S2-6).")
    service_level: Promised | None = Field(description="The promise that would hold (S0-15).")
    values: dict[str, Any] = Field(description="Every answer that would be kept, by key.")
    told: list[Literal["requester", "team", "department"]] = Field(
        description="Who would hear of it at once. Tolerate new values."
    )
    seen_by: list[Literal["requester", "participant", "organization", "department", "tenant"]] = (
        Field(
            description="By which rules somebody would see it, as under `…/access`. Tolerate new"
            " values."
        )
    )
