"""The catalogue: what this caller may use, in the caller's language; and forms, resolved."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Colored, Input, Key, Labelled, Markdown, OrganizationReference, Shape
from app.schemas.service_levels import Promised
from app.schemas.tickets import Fields, StatusShape


class CatalogueType(Labelled):
    """A type of ticket."""

    description: str | None
    billable: bool = Field(description="Whether tickets of this type are charged for.")
    billable_notice: str | None = Field(
        description="Show this before a ticket of this type is opened (S2-6)."
    )


class CatalogueForm(Labelled):
    """A form to open a ticket with."""

    description: str | None
    types: list[str] = Field(description="Keys of the ticket types it can open.")


class CatalogueDepartment(Labelled):
    """A department with its forms and teams (S1-21)."""

    description: str | None
    intake_channels: list[str] = Field(description="How tickets reach it. Tolerate new values.")
    forms: list[CatalogueForm]
    teams: list[Labelled] = Field(description="For agents; empty for customers.")


class CatalogueService(Labelled):
    """A service that tickets can be about."""

    description: str | None
    departments: list[str] = Field(description="Keys of the departments that handle it.")


class Described(Colored):
    """A severity or a priority."""

    description: str | None


class CatalogueEntitlement(Shape):
    """An entitlement that new tickets can be charged to."""

    id: UUID
    label: str
    organization: UUID
    services: list[Labelled] = Field(
        description="The services it covers, by the names they have under it (S4-14); an empty"
        " list means all services."
    )
    default: bool = Field(description="Whether tickets are charged to it when none is chosen.")


class Catalogue(Shape):
    """Everything this caller may use, in the order of the portal's definition."""

    departments: list[CatalogueDepartment]
    types: list[CatalogueType]
    statuses: list[StatusShape]
    severities: list[Described]
    priorities: list[Described]
    services: list[CatalogueService]
    entitlements: list[CatalogueEntitlement] = Field(
        description="For customers: what their organizations' tickets can be charged to. Agents"
        " find an organization's under `/v1/entitlements`."
    )
    organizations: list[OrganizationReference] = Field(
        description="For customers: the organizations they may open tickets for."
    )


class FormChoice(Labelled):
    """A value that can be chosen."""


class FormFieldShape(Labelled):
    """A field of a form, as it is with the answers given so far."""

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
        description="Where its answer belongs in a request body (RFC 6901): of a new ticket, of a"
        " change, or of the form's answers. Errors about it carry the same pointer.",
        examples=["/subject", "/fields/room"],
    )
    help: str | None = Field(description="A help text to show with the field.")
    required: bool = Field(description="Whether it must be answered now.")
    editable: bool = Field(
        description="Whether the caller may answer it; otherwise it is shown only."
    )
    choices: list[FormChoice] | None = Field(
        description="The values that can be chosen now; null for kinds without choices."
    )
    default: Any = Field(None, description="The answer to begin with.")
    min_length: int | None
    max_length: int | None
    minimum: float | None
    maximum: float | None
    whole: bool = Field(description="For numbers: whether only whole numbers are accepted.")
    earliest: str | None = Field(description="For dates: the earliest one accepted.")
    latest: str | None = Field(description="For dates: the latest one accepted.")


class FormPage(Shape):
    """A page of a form with the fields to show on it."""

    key: str | None = Field(description="Null in a form without pages.")
    label: str | None
    description: str | None
    fields: list[FormFieldShape]


class FormAnswers(Input):
    """The answers given so far."""

    type: Key | None = Field(None, examples=["bug"])
    subject: str | None = Field(None, max_length=1000, examples=["Totals are wrong in the report"])
    description: Markdown | None = None
    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    organization: UUID | None = Field(
        None,
        description="The organization the ticket will be for; its entitlements are offered."
        " Needed from agents and from people who belong to several organizations.",
    )
    fields: Fields = Field({}, description="Answers to the form's own fields, by key.")


class FormProblem(Shape):
    """An answer, or a missing answer, that would be refused."""

    code: str
    detail: str
    pointer: str | None = Field(description="Where the fault is (RFC 6901).")


class FormResolution(Shape):
    """What a form asks and decides with the given answers. Clients never have to know its rules."""

    form: str
    type: str | None = Field(
        description="Key of the ticket type that follows; null while it is open."
    )
    pages: list[FormPage] = Field(description="The pages and fields to show now.")
    forced: dict[str, Any] = Field(
        description="Values that follow from the other answers, by field key."
    )
    values: dict[str, Any] = Field(description="Every value that would be stored, by field key.")
    errors: list[FormProblem] = Field(
        description="What opening a ticket with these answers would refuse."
    )
    billable: bool = Field(description="Whether the ticket would be charged for.")
    billable_notice: str | None = Field(description="Show this before the ticket is opened (S2-6).")
    service_level: Promised | None = Field(
        description="The service level that would apply (S0-15); null when there is none."
    )


class FormShape(Shape):
    """A form before anything is answered."""

    key: str
    label: str
    description: str | None
    department: str = Field(description="Key of the department that gets the tickets.")
    types: list[CatalogueType]
    pages: list[FormPage]
