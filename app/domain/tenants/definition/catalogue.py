"""What a ticket is sorted by. The order in the document is the order people see and sort by."""

from typing import Literal

from pydantic import EmailStr, Field

from app.domain.tenants.definition.base import Channel, Color, Key, Named, OwnLabels, Side, Texts

Category = Literal["new", "open", "waiting_customer", "waiting_third_party", "resolved", "closed"]


class Department(Named):
    """A box in the catalogue, with its own forms, mailbox and default team (S1-21)."""

    description: Texts = Field(default_factory=dict, description="What it is there for.")
    confidential: bool = Field(
        False, description="Whether agents outside it see nothing of it, as with HR."
    )
    intake_channels: tuple[Channel, ...] | None = Field(
        None, description="How tickets may be opened here, in place of the portal's own."
    )
    default_team: Key | None = Field(
        None, description="Team that new tickets go to (S1-15); without it nobody has them."
    )
    mail_address: EmailStr | None = Field(
        None, description="Address whose mails become tickets here (S1-26)."
    )
    link_only_mails: bool = Field(
        False, description="Whether mails hold a link in place of the text (sensitive desks)."
    )


class Team(Named):
    """Agents who take tickets."""

    department: Key = Field(description="Department the team belongs to.")


class TicketType(Named):
    """A kind of ticket (S0-17, S2-5, S3-12)."""

    description: Texts = Field(
        default_factory=dict, description="When to choose it; shown to customers (S2-21)."
    )
    departments: tuple[Key, ...] = Field(
        min_length=1, description="Departments that take it; the first one where none is named."
    )
    form: Key | None = Field(
        None,
        description="Form that opens it where a type alone is named; without it the first form"
        " that offers the type.",
    )
    offered_to: tuple[Side, ...] = Field(
        ("customer", "agent"), min_length=1, description="Who may open tickets of this type."
    )
    billable: bool = Field(False, description="Whether it is charged for (S2-6).")
    billable_notice: Texts = Field(
        default_factory=dict, description="What is said about the charge before sending."
    )
    default_severity: Key | None = Field(
        None, description="Severity where none was given; without it it stays open (S0-22)."
    )
    default_priority: Key | None = Field(None, description="Priority where none was given.")
    initial_status: Key | None = Field(
        None, description="Status of a new ticket, in place of the workflow's own."
    )


class Severity(Named):
    """A step of the provider's scale (S0-22, S3-13)."""

    description: Texts = Field(default_factory=dict, description="What it means.")
    color: Color = Field(description="Its colour, #rrggbb.")


class Priority(Named):
    """How urgent it is from the customer's own point of view (S3-14)."""

    description: Texts = Field(default_factory=dict, description="What it means.")
    color: Color = Field(description="Its colour, #rrggbb.")


class Status(Named):
    """The tenant's own word for where a ticket stands, inside a fixed category (S0-32)."""

    customer_labels: OwnLabels = Field(
        default_factory=dict, description="What customers read in place of `labels`."
    )
    color: Color = Field(description="Its colour, #rrggbb (S4-9).")
    category: Category = Field(
        description="What it means to the product: new (nobody has taken it), open (the"
        " provider's turn), waiting_customer, waiting_third_party, resolved, closed."
    )


class Service(Named):
    """What a ticket is about (S0-23)."""

    description: Texts = Field(default_factory=dict, description="What belongs to it.")
    departments: tuple[Key, ...] = Field(
        (), description="Departments that offer it; all of them where none is named."
    )
