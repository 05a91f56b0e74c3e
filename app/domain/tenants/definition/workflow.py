"""How tickets move: transitions, what a comment causes, reopening; and who people are, by role."""

from typing import Literal

from pydantic import Field

from app.domain.tenants.definition.base import Days, Key, Named, OwnLabels, Part, Side, Texts


class CommentRule(Part):
    """A customer's comment that moves the ticket by itself."""

    statuses: tuple[Key, ...] = Field(min_length=1, description="Statuses the rule holds in.")
    to: Key = Field(description="Status the ticket takes.")


class Reopening(Part):
    """What happens to a closed ticket when somebody writes."""

    days: Days = Field(
        description="For how many days after closing a comment reopens it; later it starts a"
        " linked follow-up."
    )
    to: Key = Field(description="Status of a reopened ticket.")


class Workflow(Part):
    """Moves that no one asks for by name."""

    initial_status: Key = Field(description="Status of a new ticket; of category new.")
    taken_status: Key = Field(
        description="Status a new ticket takes with the first reply of an agent or when it is"
        " assigned to one; of category open."
    )
    customer_comments: tuple[CommentRule, ...] = Field(
        (), description="Where a customer's comment brings a ticket back to the provider."
    )
    reopening: Reopening | None = Field(
        None, description="How a closed ticket opens again; without it, it never does."
    )


class Transition(Named):
    """A move somebody may make: offered in `allowed_actions`, asked for by its key."""

    customer_labels: OwnLabels = Field(
        default_factory=dict, description="What customers read in place of `labels`."
    )
    statuses: tuple[Key, ...] = Field(
        alias="from", min_length=1, description="Statuses it can be made in."
    )
    to: Key = Field(description="Status it leads to.")
    by: Literal["people", "approval"] = Field(
        "people", description="Whether people ask for it, or an approval's decision makes it."
    )
    who: tuple[Key, ...] = Field(
        (), description="Roles that may make it; only for transitions made by people."
    )
    on_comment: bool = Field(
        True, description="Whether it is offered together with a comment (S3-17)."
    )
    needs_comment: bool = Field(False, description="Whether it cannot be made without a comment.")
    needs_fields: tuple[Key, ...] = Field(
        (), description="Fields that must have a value, given with it or before."
    )
    types: tuple[Key, ...] = Field(
        (), description="Types of ticket it is for; all of them where none is named."
    )


class Role(Named):
    """What a person may do. Set per person, following from nothing else (S3-7)."""

    description: Texts = Field(default_factory=dict, description="Who should have it.")
    side: Side = Field(description="Side of the counter.")
    like: Key | None = Field(
        None,
        description="A shipped role whose permissions it has: member, user, company_reader,"
        " company_admin, agent, department_agent, lead, tenant_admin.",
    )
    permissions: tuple[str, ...] = Field(
        (), description="Permissions it has (besides those of `like`)."
    )
