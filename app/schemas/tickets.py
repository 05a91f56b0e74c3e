"""Tickets, as each side sees them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Colored,
    Cursor,
    EntitlementReference,
    ExternalReference,
    IncludeTotal,
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
_TYPE = "Key of its type, as in the catalogue."
_SEVERITY = "Key of its severity, as in the catalogue."
_PRIORITY = "Key of its priority, as in the catalogue."
_SERVICE = "Key of the service it is about, as in the catalogue."

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
    """How the list of tickets is filtered, sorted and paged."""

    status: Keys = Field([], description="Keys of statuses; repeat the parameter for several.")
    status_category: list[Category] = Field(
        [], description="Categories of statuses; repeat the parameter for several.", max_length=6
    )
    state: Literal["open", "closed"] | None = Field(
        None, description="`open` is everything that is not closed."
    )
    type: Keys = Field([], description="Keys of types; repeat the parameter for several.")
    service: Keys = Field([], description="Keys of services; repeat the parameter for several.")
    severity: Keys = Field([], description="Keys of severities; repeat the parameter for several.")
    priority: Keys = Field([], description="Keys of priorities; repeat the parameter for several.")
    department: Keys = Field(
        [], description="Keys of departments; repeat the parameter for several."
    )
    team: Keys = Field(
        [], description="For agents: keys of teams; repeat the parameter for several."
    )
    assignee: Ids = Field(
        [], description="Ids of the agents they are assigned to; repeat the parameter for several."
    )
    organization: Ids = Field(
        [], description="Ids of organizations; repeat the parameter for several."
    )
    requester: Ids = Field([], description="Ids of requesters; repeat the parameter for several.")
    entitlement: Ids = Field(
        [], description="Ids of entitlements they are charged to; repeat the parameter for several."
    )
    sla: list[SlaState | Literal["none"]] = Field(
        [],
        max_length=7,
        description="State of the service level, as in `sla` of a ticket; `none` for tickets"
        " without one.",
        examples=[["breached", "warned"]],
    )
    mine: bool = Field(
        False,
        description="For customers: tickets they requested or take part in. For agents: tickets"
        " assigned to them.",
    )
    my_teams: bool = Field(False, description="For agents: tickets of the teams they belong to.")
    assigned: bool | None = Field(
        None, description="`false`: tickets without an assignee. `true`: tickets with one."
    )
    created_from: SentMoment | None = Field(None, description="Opened at this time or later.")
    created_to: SentMoment | None = Field(None, description="Opened before this time.")
    updated_from: SentMoment | None = Field(None, description="Last updated at this time or later.")
    updated_to: SentMoment | None = Field(None, description="Last updated before this time.")
    q: Annotated[str, StringConstraints(max_length=200)] = Field(
        "",
        description="Full-text search in the language of the portal: subject, description,"
        " comments that the caller may read, and ticket numbers (`CRM-1042`, `1042`)."
        ' Use `"an exact phrase"`, `this or that`, and `-not` to exclude a word; the'
        " last word may be incomplete. All words must occur in the ticket itself, or"
        " in one comment together with the subject. When more than 5,000 tickets"
        " match, the newest are found.",
    )
    sort: TicketSort = Field(
        "-created_at", description="A leading `-` sorts in descending order (S3-21)."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
    include: IncludeTotal = None


class TicketNew(Input):
    """A ticket to open. Requester and organization follow from the caller (S0-12)."""

    form: Key | None = Field(
        None, description="Key of the form to open it with. Give this, a `type`, or both."
    )
    type: Key | None = Field(None, description=_TYPE, examples=["bug"])
    subject: Subject = Field(examples=["Totals are wrong in the report"])
    description: Markdown | None = Field(
        None, description="Markdown.", examples=["The sum of *June* is missing."]
    )
    severity: Key | None = Field(None, description=_SEVERITY, examples=["sev3"])
    priority: Key | None = Field(None, description=_PRIORITY, examples=["high"])
    service: Key | None = Field(None, description=_SERVICE)
    entitlement: UUID | None = Field(
        None,
        description="The entitlement to charge it to. When absent, the organization's default;"
        " null means none.",
    )
    fields: Fields = Field({}, description="Answers to the form's own fields, by key.")
    organization: UUID | None = Field(
        None, description="Needed from people who belong to several organizations."
    )
    on_behalf_of: UUID | None = Field(None, description="For agents: the person the ticket is for.")
    private: bool = Field(False, description="Whether colleagues of the requester must not see it.")
    attachment_ids: Files = Field([], description="Ids of the caller's own uploads to attach.")
    external_ref: SentExternalReference | None = Field(
        None,
        description="For agents: the id of the ticket in another system. Unique within the tenant.",
    )


class TicketByReference(Input):
    """A ticket as another system knows it: opened the first time, updated from then on. A field
    that is absent stays unchanged, or unanswered; `null` clears."""

    form: Key | None = Field(
        None,
        description="Key of the form to open it with. Give this, a `type`, or both. Ignored once"
        " the ticket exists.",
    )
    type: Key = absent(description=_TYPE)
    subject: Subject = absent(examples=["Totals are wrong in the report"])
    description: Markdown | None = Field(None, description="Markdown.")
    severity: Key | None = Field(None, description=_SEVERITY)
    priority: Key | None = Field(None, description=_PRIORITY)
    service: Key | None = Field(None, description=_SERVICE)
    entitlement: UUID | None = Field(None, description="The entitlement to charge it to.")
    fields: Fields = Field({}, description="Answers to the form's own fields, by key.")
    organization: UUID | None = Field(
        None, description="Cannot be changed once the ticket is open."
    )
    on_behalf_of: UUID | None = Field(
        None, description="The person the ticket is for. Cannot be changed once the ticket is open."
    )
    team: Key | None = Field(None, description="Key of the team that gets it.")
    assignee: UUID | None = Field(None, description="The agent it is assigned to.")


class TicketChange(Input):
    """Changes to a ticket. Fields that are absent stay unchanged; `null` clears. The status is
    changed by transitions."""

    type: Key | None = Field(None, description=_TYPE)
    subject: Subject | None = Field(None, examples=["Totals are wrong in the June report"])
    description: Markdown | None = Field(None, description="Markdown.")
    severity: Key | None = Field(None, description=_SEVERITY)
    priority: Key | None = Field(None, description=_PRIORITY)
    service: Key | None = Field(None, description=_SERVICE)
    entitlement: UUID | None = Field(None, description="The entitlement to charge it to.")
    fields: Fields | None = Field(None, description="Answers to the form's own fields, by key.")
    team: Key | None = Field(None, description="For agents: key of the team that gets it.")
    assignee: UUID | None = Field(None, description="For agents: the agent to assign it to.")


class TransitionNew(Input):
    """A transition of a ticket to another status."""

    transition: Key = Field(
        description="Key of a transition from `allowed_actions`.", examples=["close"]
    )
    comment: Words | None = Field(None, description="A public comment to add in the same step.")
    fields: Fields = Field({}, description="Answers to fields that the transition needs, by key.")


class StatusShape(Colored):
    """A status: the portal's own name within a fixed category."""

    category: Category = Field(description="Tolerate new values.")


class AllowedAction(Shape):
    """Something that can be done with the ticket, how to call it, and whether the caller may do it
    now."""

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
        description="For transitions and decisions: the name to show, in the caller's language."
    )
    operation_id: str = Field(description="The operation of this document to call.")
    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
    href: str = Field(description="The path to send the request to.")
    input: dict[str, Any] = Field(description="What to send, besides what the user enters.")
    needs_comment: bool = Field(False, description="Whether a comment is required.")
    leads_to: StatusShape | None = Field(
        None, description="For transitions and decisions: the status that follows."
    )
    allowed: bool = Field(description="Whether the request would be accepted now.")
    refused_because: str | None = Field(
        description="Code of the problem, when it would be refused."
    )


class _Summary(Shape):
    id: UUID
    number: str = Field(
        description="Prefix and number, such as `CRM-1042`; can be used in paths instead of the id."
        " Numbers rise, and some may be missing."
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
        description="The entitlement it is charged to (S0-24)."
    )
    sla: SlaState | None = Field(description=STANDING)
    due_at: Moment | None = Field(description=DUE)
    private: bool = Field(description="Whether colleagues of the requester do not see it.")
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
    channel: str = Field(description="How it was opened, such as `portal`.")
    billable: bool = Field(description="Whether it is charged for.")
    external_ref: ExternalReference | None = Field(
        description="The id of the ticket in another system (S3-22)."
    )


class _Ticket(Shape):
    description: str = Field(description="Markdown.")
    description_html: str = Field(description="The description as safe HTML.")
    fields: dict[str, Any] = Field(description="Answers to the form's own fields, by key.")
    form: str | None = Field(description="Key of the form it was opened with.")
    billable: bool = Field(description="Whether it is charged for.")
    resolved_at: Moment | None
    service_level: ServiceLevel | None = Field(
        description="The service level and the state of its clocks (S0-15); null when none"
        " applies. The full log is at `…/sla`."
    )
    allowed_actions: list[AllowedAction] = Field(
        description="What can be done with the ticket, and what the caller may do now."
    )


class TicketForCustomer(TicketSummaryForCustomer, _Ticket):
    """A ticket as customers see it."""


class TicketForAgent(TicketSummaryForAgent, _Ticket):
    """A ticket as agents see it."""

    first_replied_at: Moment | None = Field(description="When an agent first answered in public.")
    definition_version: int = Field(
        description="Version of the portal definition that was used to decide its type, form and"
        " service level."
    )


Ticket = Annotated[TicketForCustomer | TicketForAgent, Field(discriminator="view")]
TicketSummary = Annotated[
    TicketSummaryForCustomer | TicketSummaryForAgent, Field(discriminator="view")
]
