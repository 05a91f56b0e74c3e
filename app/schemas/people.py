"""People and oneself."""

from typing import Literal
from uuid import UUID

from pydantic import Field, StrictBool

from app.schemas.base import (
    Email,
    ExternalReference,
    Input,
    Key,
    Language,
    Moment,
    Name,
    OrganizationReference,
    Phone,
    SentExternalReference,
    Shape,
    absent,
)

Side = Literal["customer", "agent"]
State = Literal["invited", "active", "inactive"]


class PersonNew(Input):
    """A person to be made. He cannot sign in before the portal is opened for him."""

    name: Name = Field(examples=["Member of Acme"])
    email: Email | None = Field(
        None, description="Needed of people.", examples=["member@acme.example"]
    )
    side: Side = Field("customer", description="Side of the counter.")
    language: Language | None = None
    phone: Phone | None = Field(None, description="E.164.", examples=["+358401234567"])
    role: Key | None = Field(None, description="Role of an agent; customers' stand in memberships.")
    external_ref: SentExternalReference | None = None
    service: StrictBool = Field(
        False,
        description="Whether this is a service account: programs act with it, by its API keys. It"
        " has no address and never signs in.",
    )


class PersonChange(Input):
    """A change of a person. Absent is unchanged, null is cleared."""

    name: Name = absent()
    email: Email = absent()
    language: Language | None = None
    phone: Phone | None = Field(None, examples=["+358401234567"])
    muted: StrictBool = absent(description="Whether he gets no mails about tickets.")
    state: Literal["active", "inactive"] = absent()
    role: Key = absent(description="Role of an agent; customers' stand in memberships.")
    external_ref: SentExternalReference | None = None


class PersonByReference(Input):
    """A customer's contact as another system knows him: made the first time, changed every other
    time. Absent is unchanged, null is cleared."""

    name: Name = Field(examples=["Member of Acme"])
    email: Email = Field(examples=["member@acme.example"])
    phone: Phone | None = Field(None, description="E.164.", examples=["+358401234567"])
    language: Language | None = None


class OneselfChange(Input):
    """A change of oneself."""

    name: Name = absent()
    language: Language | None = Field(
        None, description="Null: as the client asks for.", examples=["fi"]
    )
    muted: StrictBool = absent()


class MembershipShape(Shape):
    """A place in an organization, with the role there."""

    organization: OrganizationReference
    role: str = Field(description="Key of the role; GET /v1/roles tells what it allows.")


class PersonSummary(Shape):
    """A person, in a list."""

    id: UUID
    name: str
    side: Side = Field(description="Tolerate new values.")
    state: State = Field(description="Tolerate new values.")
    shut_out_by: Literal["provider", "customer"] | None = Field(
        description="Of somebody inactive: which side ended his access. Whom the provider shut out"
        " no company admin lets in again. Tolerate new values."
    )
    email: str | None
    phone: str | None
    language: Language | None
    role: str | None
    service: bool = Field(description="Whether programs act with it, and nobody signs in.")
    external_ref: ExternalReference | None = Field(
        description="How another system calls him; null to customers."
    )
    created_at: Moment
    updated_at: Moment


class PersonShape(PersonSummary):
    """A person."""

    muted: bool
    memberships: list[MembershipShape]
    teams: list[str]


class ActingThrough(Shape):
    """What acts for the caller."""

    kind: Literal["api_key", "app", "directory"] = Field(
        description="`directory`: a program with an access token of his directory. Tolerate new"
        " values."
    )
    id: UUID
    name: str
    scopes: list[str] = Field(description="What it carries, as far as its owner has it.")
    organization: UUID | None = Field(description="The one organization it works in, if any.")


class Oneself(PersonShape):
    """The caller, and what he may do."""

    acting_through: ActingThrough | None = Field(
        description="What acts for him; null where he has signed in himself."
    )

    portal: str = Field(description="Slug of the portal.")
    must_change_password: bool = Field(
        description="Whether another password comes first; until then little else is open."
    )
    must_add_factor: bool = Field(
        description="Whether a second factor comes first (`POST /v1/me/factors`)."
    )
    must_accept_terms: bool = Field(
        description="Whether the portal's terms come first (`GET /v1/me/terms`)."
    )
    permissions: list[str] = Field(
        description="What the caller may do somewhere. Tolerate permissions you do not know."
    )
    permissions_by_organization: dict[str, list[str]] = Field(
        description="For customers: what they may do, by organization id."
    )


class TeamPlace(Input):
    """A place in a team."""

    told_of_new: StrictBool = Field(
        True, description="Whether he is mailed about new tickets (S1-17)."
    )


class RoleShape(Shape):
    """A role."""

    key: str
    label: str
    description: str | None
    side: Side
    permissions: list[str]


class Roles(Shape):
    """The roles that can be given."""

    items: list[RoleShape]
