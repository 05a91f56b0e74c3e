"""The catalogue: what this caller may use, in his language; and forms, resolved."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Colored, Input, Key, Labelled, Markdown, OrganizationReference, Shape
from app.schemas.service_levels import Promised
from app.schemas.tickets import Fields, StatusShape


class CatalogueType(Labelled):
    """A kind of ticket."""

    description: str | None
    billable: bool
    billable_notice: str | None = Field(description="Said before sending (S2-6).")


class CatalogueForm(Labelled):
    """A way to open a ticket."""

    description: str | None
    types: list[str]


class CatalogueDepartment(Labelled):
    """A box of the catalogue (S1-21)."""

    description: str | None
    intake_channels: list[str] = Field(description="Tolerate new values.")
    forms: list[CatalogueForm]
    teams: list[Labelled] = Field(description="For agents; empty for customers.")


class CatalogueService(Labelled):
    """What tickets are about."""

    description: str | None
    departments: list[str]


class Described(Colored):
    """A severity or a priority."""

    description: str | None


class CatalogueEntitlement(Shape):
    """An agreement that new tickets may be charged to."""

    id: UUID
    label: str
    organization: UUID
    services: list[Labelled] = Field(
        description="The services covered, as they are called under it (S4-14); empty are all."
    )
    default: bool = Field(description="Whether tickets are charged to it unless said.")


class Catalogue(Shape):
    """What this caller may use."""

    departments: list[CatalogueDepartment]
    types: list[CatalogueType]
    statuses: list[StatusShape]
    severities: list[Described]
    priorities: list[Described]
    services: list[CatalogueService]
    entitlements: list[CatalogueEntitlement] = Field(
        description="For customers: what their organizations' tickets may be charged to. Agents"
        " look an organization's up under `/v1/entitlements`."
    )
    organizations: list[OrganizationReference] = Field(
        description="For customers: those they may open tickets for."
    )


class FormChoice(Labelled):
    """A value that can be chosen."""


class FormFieldShape(Labelled):
    """A question of a form, as it stands with the answers given."""

    kind: Literal[
        "text",
        "long_text",
        "number",
        "date",
        "choice",
        "multi_choice",
        "yes_no",
        "person",
        "service",
        "entitlement",
        "file",
    ] = Field(description="Tolerate kinds you do not know.")
    pointer: str = Field(
        description="Where its answer stands in a body (RFC 6901): a new ticket's, a change's, the"
        " answers of a form. Errors about it point to the same place.",
        examples=["/subject", "/fields/room"],
    )
    help: str | None
    required: bool
    editable: bool
    choices: list[FormChoice] | None = Field(
        description="Values left to choose from; null where the kind has none."
    )
    default: Any = None
    min_length: int | None
    max_length: int | None
    minimum: float | None
    maximum: float | None
    whole: bool
    earliest: str | None
    latest: str | None


class FormPage(Shape):
    """A page of a form with the questions asked on it."""

    key: str | None = Field(description="Null in a form without pages.")
    label: str | None
    description: str | None
    fields: list[FormFieldShape]


class FormAnswers(Input):
    """Answers so far."""

    type: Key | None = Field(None, examples=["bug"])
    subject: str | None = Field(None, max_length=1000, examples=["Totals are wrong in the report"])
    description: Markdown | None = None
    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    organization: UUID | None = Field(
        None,
        description="The organization it will be for: its agreements are offered. Needed by agents"
        " and those who belong to several.",
    )
    fields: Fields = Field({})


class FormProblem(Shape):
    """Something that would be refused."""

    code: str
    detail: str
    pointer: str | None


class FormResolution(Shape):
    """What a form comes to with a set of answers. Clients never need to know its rules."""

    form: str
    type: str | None
    pages: list[FormPage]
    forced: dict[str, Any] = Field(description="Values the answers decide, whatever was given.")
    values: dict[str, Any] = Field(description="Every value that would be kept.")
    errors: list[FormProblem] = Field(description="What opening a ticket with this would refuse.")
    billable: bool
    billable_notice: str | None
    service_level: Promised | None = Field(
        description="The promise that would hold (S0-15); null where nothing would be promised."
    )


class FormShape(Shape):
    """A form as it begins: before anything is answered."""

    key: str
    label: str
    description: str | None
    department: str
    types: list[CatalogueType]
    pages: list[FormPage]
