"""Tickets, as each side sees them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Colored,
    Cursor,
    EntitlementReference,
    ExternalReference,
    Input,
    Key,
    Labelled,
    Markdown,
    Moment,
    OrganizationReference,
    PageLimit,
    PersonReference,
    SentExternalReference,
    SentMoment,
    Shape,
    Words,
    absent,
)
from app.schemas.service_levels import DUE, STANDING, ServiceLevel, SlaState

Category = Literal["new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed"]
Fields = Annotated[dict[Key, Any], Field(max_length=100)]
Files = Annotated[list[UUID], Field(max_length=20)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=250)]

TicketSort = Literal[
    "number",
    "-number",
    "created_at",
    "-created_at",
    "updated_at",
    "-updated_at",
    "closed_at",
    "-closed_at",
    "subject",
    "-subject",
    "type",
    "-type",
    "status",
    "-status",
    "severity",
    "-severity",
    "priority",
    "-priority",
    "service",
    "-service",
    "department",
    "-department",
    "team",
    "-team",
    "requester",
    "-requester",
    "assignee",
    "-assignee",
    "organization",
    "-organization",
    "entitlement",
    "-entitlement",
    "due_at",
    "-due_at",
]
Keys = Annotated[list[Key], Field(max_length=50)]
Ids = Annotated[list[UUID], Field(max_length=50)]


class TicketQuery(Input):
    """How a list of tickets is narrowed, sorted and paged."""

    status: Keys = Field([], description="Keys of statuses; repeat the parameter for several.")
    status_category: list[Category] = Field([], max_length=6)
    state: Literal["open", "closed"] | None = Field(
        None, description="`open` is everything that is not closed."
    )
    type: Keys = Field([])
    service: Keys = Field([])
    severity: Keys = Field([])
    priority: Keys = Field([])
    department: Keys = Field([])
    team: Keys = Field([])
    assignee: Ids = Field([])
    organization: Ids = Field([])
    requester: Ids = Field([])
    entitlement: Ids = Field([])
    sla: list[SlaState | Literal["none"]] = Field(
        [],
        max_length=7,
        description="How it stands to what was promised; `none` where nothing is.",
        examples=[["breached", "warned"]],
    )
    mine: bool = Field(
        False,
        description="For customers what they asked for or take part in, for agents what they have.",
    )
    my_teams: bool = Field(False, description="For agents: what the teams they are in have.")
    assigned: bool | None = Field(
        None, description="`false` is what nobody has yet, `true` what somebody has."
    )
    created_from: SentMoment | None = Field(None, description="From this moment on.")
    created_to: SentMoment | None = Field(None, description="Before this moment.")
    updated_from: SentMoment | None = None
    updated_to: SentMoment | None = None
    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="Full text, in the portal's language: subject, description, comments the"
        ' caller may read, numbers (`CRM-1042`, `1042`). `"as written"`, `this or that`, `-not`;'
        " the last word may be unfinished. All words must stand in the ticket itself, or in one"
        " comment and the subject. Of more than 5,000 tickets the newest are found.",
    )
    sort: TicketSort = Field("-created_at", description="`-` sorts downwards (S3-21).")
    limit: PageLimit = 25
    cursor: Cursor | None = None
    include: Literal["total"] | None = None


class TicketNew(Input):
    """A ticket to be opened. Customer and contact come from the caller (S0-12)."""

    form: Key | None = Field(None, description="Form it is opened with; or name a `type`.")
    type: Key | None = Field(None, examples=["bug"])
    subject: Subject = Field(examples=["Totals are wrong in the report"])
    description: Markdown | None = Field(
        None, description="Markdown.", examples=["The sum of *June* is missing."]
    )
    severity: Key | None = Field(None, examples=["sev3"])
    priority: Key | None = Field(None, examples=["high"])
    service: Key | None = None
    entitlement: UUID | None = Field(
        None,
        description="The agreement it is charged to. Absent is the organization's default, null"
        " is none.",
    )
    fields: Fields = Field({}, description="Answers to the form's own fields, by key.")
    organization: UUID | None = Field(
        None, description="Needed by those who belong to several organizations."
    )
    on_behalf_of: UUID | None = Field(None, description="For agents: whom the ticket is for.")
    private: bool = Field(False, description="Whether colleagues do not see it.")
    attachment_ids: Files = Field([], description="Uploads of one's own to hang on it.")
    external_ref: SentExternalReference | None = Field(
        None, description="For agents: how another system calls it; unique in the tenant."
    )


class TicketByReference(Input):
    """A ticket as another system knows it: opened the first time, changed every other time.
    Absent is unchanged, or not answered yet; null is cleared."""

    form: Key | None = Field(
        None, description="Form it is opened with; or name a `type`. Of no matter later on."
    )
    type: Key = absent()
    subject: Subject = absent(examples=["Totals are wrong in the report"])
    description: Markdown | None = None
    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    fields: Fields = Field({}, description="Answers to the form's own fields, by key.")
    organization: UUID | None = Field(None, description="Settled when it is opened.")
    on_behalf_of: UUID | None = Field(
        None, description="Whom the ticket is for. Settled when it is opened."
    )
    team: Key | None = None
    assignee: UUID | None = None


class TicketChange(Input):
    """A change of a ticket. Absent is unchanged, null is cleared. `status` moves by transitions."""

    type: Key | None = None
    subject: Subject | None = Field(None, examples=["Totals are wrong in the June report"])
    description: Markdown | None = None
    severity: Key | None = None
    priority: Key | None = None
    service: Key | None = None
    entitlement: UUID | None = None
    fields: Fields | None = None
    team: Key | None = Field(None, description="For agents.")
    assignee: UUID | None = Field(None, description="For agents: whoever is to have it.")


class TransitionNew(Input):
    """A move of a ticket to another status."""

    transition: Key = Field(examples=["close"])
    comment: Words | None = Field(None, description="A public comment in the same step.")
    fields: Fields = Field({}, description="Fields the step needs.")


class StatusShape(Colored):
    """A status: the tenant's own word inside a fixed category."""

    category: Category = Field(description="Tolerate new values.")


class AllowedAction(Shape):
    """Something the caller might do with the ticket, and how; or why not now."""

    action: Literal[
        "update",
        "assign",
        "take",
        "hand_over",
        "comment",
        "comment_private",
        "comment_internal",
        "attach",
        "transition",
        "decide",
        "ask_approval",
    ] = Field(description="Tolerate new values.")
    label: str | None = Field(
        description="For transitions and decisions: their name in the caller's language."
    )
    operation_id: str = Field(description="The operation of this document that does it.")
    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
    href: str = Field(description="The path to send it to.")
    input: dict[str, Any] = Field(description="What to send besides one's own words.")
    needs_comment: bool = Field(False, description="Whether a comment must come with it.")
    leads_to: StatusShape | None = Field(None, description="For transitions and decisions.")
    allowed: bool = Field(description="Whether it would be taken now.")
    refused_because: str | None = Field(description="Code of the problem, where not allowed.")


class _Summary(Shape):
    id: UUID
    number: str = Field(
        description="`PREFIX-integer`, rising; one may be missing. Works in paths as the id does."
    )
    subject: str
    organization: OrganizationReference
    requester: PersonReference
    assignee: PersonReference | None
    department: Labelled
    type: Labelled
    status: StatusShape
    ball_with: Literal["provider", "customer", "third_party", "nobody"] = Field(
        description="Whose turn it is. Tolerate new values."
    )
    severity: Colored | None
    priority: Colored | None
    service: Labelled | None = Field(description="Its name may depend on the entitlement (S4-14).")
    entitlement: EntitlementReference | None = Field(
        description="The agreement it is charged to (S0-24)."
    )
    sla: SlaState | None = Field(description=STANDING)
    due_at: Moment | None = Field(description=DUE)
    private: bool
    created_at: Moment
    updated_at: Moment
    closed_at: Moment | None


class TicketSummaryForCustomer(_Summary):
    """A ticket in a customer's list."""

    view: Literal["customer"] = "customer"


class TicketSummaryForAgent(_Summary):
    """A ticket in an agent's list."""

    view: Literal["agent"] = "agent"
    team: Labelled | None
    channel: str
    billable: bool
    external_ref: ExternalReference | None = Field(
        description="How another system calls it (S3-22)."
    )


class _Ticket(Shape):
    description: str = Field(description="Markdown.")
    description_html: str = Field(description="The same as safe HTML.")
    fields: dict[str, Any] = Field(description="Answers to the form's own fields, by key.")
    form: str | None
    billable: bool
    resolved_at: Moment | None
    service_level: ServiceLevel | None = Field(
        description="What was promised and how it stands (S0-15); null where nothing is promised."
        " All of it, from the beginning, under `…/sla`."
    )
    allowed_actions: list[AllowedAction]


class TicketForCustomer(TicketSummaryForCustomer, _Ticket):
    """A ticket as its customer sees it."""


class TicketForAgent(TicketSummaryForAgent, _Ticket):
    """A ticket as an agent sees it."""

    first_replied_at: Moment | None
    definition_version: int = Field(description="Version of the portal definition that decided it.")


Ticket = Annotated[TicketForCustomer | TicketForAgent, Field(discriminator="view")]
TicketSummary = Annotated[
    TicketSummaryForCustomer | TicketSummaryForAgent, Field(discriminator="view")
]
