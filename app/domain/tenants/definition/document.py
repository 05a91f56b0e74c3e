"""The whole document: what a tenant is, as data."""

from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from app.domain.tenants.definition.base import Part, by_key
from app.domain.tenants.definition.catalogue import (
    Department,
    Priority,
    Service,
    Severity,
    Status,
    Team,
    TicketType,
)
from app.domain.tenants.definition.forms import Form
from app.domain.tenants.definition.policies import (
    ApprovalPolicy,
    Calendar,
    EntitlementTemplate,
    SlaPolicy,
)
from app.domain.tenants.definition.portal import (
    Attachments,
    Comments,
    Mail,
    Portal,
    Retention,
    SignIn,
)
from app.domain.tenants.definition.workflow import Role, Transition, Workflow


class Definition(Part):
    """A portal definition: everything that makes one tenant differ from another.

    Comes from `loading.load` or, for rows of ours, from `loading.read_stored`. What stands in it
    has been checked as a whole (`checks.flaws_in`): every key it names exists.
    """

    version: Literal[1] = Field(description="Format of this document.")
    portal: Portal = Field(description="The portal itself.")
    sign_in: SignIn = Field(description="The ways to sign in.")
    comments: Comments = Field(Comments(), description="The conversation on a ticket.")
    mail: Mail = Field(description="Mails the portal sends.")
    attachments: Attachments = Field(
        Attachments(), description="What may hang on tickets and comments."
    )
    retention: Retention = Field(Retention(), description="For how long things are kept.")
    departments: tuple[Department, ...] = Field(
        min_length=1, description="Boxes of the catalogue; the first one where none is named."
    )
    teams: tuple[Team, ...] = Field((), description="Agents who take tickets.")
    types: tuple[TicketType, ...] = Field(min_length=1, description="Kinds of ticket.")
    severities: tuple[Severity, ...] = Field((), description="The provider's scale.")
    priorities: tuple[Priority, ...] = Field((), description="The customer's own urgency.")
    services: tuple[Service, ...] = Field((), description="What tickets are about.")
    statuses: tuple[Status, ...] = Field(min_length=2, description="Where a ticket stands.")
    workflow: Workflow = Field(description="Moves that no one asks for by name.")
    transitions: tuple[Transition, ...] = Field((), description="Moves people may make.")
    roles: tuple[Role, ...] = Field(min_length=2, description="What people may do.")
    forms: tuple[Form, ...] = Field(min_length=1, description="Ways to open a ticket.")
    calendars: tuple[Calendar, ...] = Field((), description="Business hours.")
    sla_policies: tuple[SlaPolicy, ...] = Field(
        (), description="Promises; the first one that fits a ticket counts."
    )
    entitlement_templates: tuple[EntitlementTemplate, ...] = Field(
        (), description="Agreements as they are sold."
    )
    approval_policies: tuple[ApprovalPolicy, ...] = Field(
        (), description="Questions asked about tickets."
    )

    @cached_property
    def spoken(self) -> dict[tuple[str, ...], Any]:
        """What was made of it for answers, by what and for whom: a version never changes."""
        return {}

    @cached_property
    def department_of(self) -> dict[str, Department]:
        """Departments by key, in their order, retired ones too."""
        return by_key(self.departments)

    @cached_property
    def team_of(self) -> dict[str, Team]:
        """Teams by key, in their order."""
        return by_key(self.teams)

    @cached_property
    def type_of(self) -> dict[str, TicketType]:
        """Types by key, in their order."""
        return by_key(self.types)

    @cached_property
    def severity_of(self) -> dict[str, Severity]:
        """Severities by key, in their order."""
        return by_key(self.severities)

    @cached_property
    def priority_of(self) -> dict[str, Priority]:
        """Priorities by key, in their order."""
        return by_key(self.priorities)

    @cached_property
    def service_of(self) -> dict[str, Service]:
        """Services by key, in their order."""
        return by_key(self.services)

    @cached_property
    def status_of(self) -> dict[str, Status]:
        """Statuses by key, in their order."""
        return by_key(self.statuses)

    @cached_property
    def transition_of(self) -> dict[str, Transition]:
        """Transitions by key, in their order."""
        return by_key(self.transitions)

    @cached_property
    def role_of(self) -> dict[str, Role]:
        """Roles by key, in their order."""
        return by_key(self.roles)

    @cached_property
    def form_of(self) -> dict[str, Form]:
        """Forms by key, in their order."""
        return by_key(self.forms)

    @cached_property
    def calendar_of(self) -> dict[str, Calendar]:
        """Calendars by key, in their order."""
        return by_key(self.calendars)

    @cached_property
    def approval_policy_of(self) -> dict[str, ApprovalPolicy]:
        """Approval policies by key, in their order."""
        return by_key(self.approval_policies)

    def rank(self, section: str, key: str | None) -> int | None:
        """The place of `key` in a section (`statuses`, `severities` ...): what lists sort by.

        `None` for no key and for one the section has never had."""
        if key is None:
            return None
        items: tuple[Any, ...] = getattr(self, section)
        return next((place for place, item in enumerate(items) if item.key == key), None)

    def initial_status(self, type_key: str) -> str:
        """The status of a new ticket of a type."""
        return self.type_of[type_key].initial_status or self.workflow.initial_status

    def channels(self, department: str) -> frozenset[str]:
        """How tickets may be opened in a department: its own say, else the portal's."""
        own = self.department_of[department].intake_channels
        return frozenset(self.portal.intake_channels if own is None else own)

    def as_document(self) -> dict[str, Any]:
        """The document as JSON values: only what differs from what the format assumes."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
