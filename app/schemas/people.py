"""People, and the caller."""

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
    """A person to create. They cannot sign in before the portal is opened for them."""

    name: Name = Field(examples=["Member of Acme"])
    email: Email | None = Field(
        None, description="Required except for service accounts.", examples=["member@acme.example"]
    )
    side: Side = Field(
        "customer",
        description="`customer` for people of a customer organization, `agent` for those of the"
        " provider.",
    )
    language: Language | None = None
    phone: Phone | None = Field(None, description="In E.164 format.", examples=["+358401234567"])
    role: Key | None = Field(
        None,
        description="Key of the role of an agent. Customers have a role in each organization"
        " instead.",
    )
    external_ref: SentExternalReference | None = None
    service: StrictBool = Field(
        False,
        description="Whether this is a service account: programs act as it with API keys. It has"
        " no e-mail address and never signs in.",
    )


class PersonChange(Input):
    """Changes to a person. Fields that are absent stay unchanged; `null` clears."""

    name: Name = absent()
    email: Email = absent()
    language: Language | None = None
    phone: Phone | None = Field(None, description="In E.164 format.", examples=["+358401234567"])
    muted: StrictBool = absent(description="Whether the person gets no mails about tickets.")
    state: Literal["active", "inactive"] = absent()
    role: Key = absent(
        description="Key of the role of an agent. Customers have a role in each organization"
        " instead."
    )
    external_ref: SentExternalReference | None = None


class PersonByReference(Input):
    """A customer contact as another system knows it: created the first time, updated from then on.
    Fields that are absent stay unchanged; `null` clears."""

    name: Name = Field(examples=["Member of Acme"])
    email: Email = Field(examples=["member@acme.example"])
    phone: Phone | None = Field(None, description="In E.164 format.", examples=["+358401234567"])
    language: Language | None = None


class OneselfChange(Input):
    """Changes to the caller. Fields that are absent stay unchanged."""

    name: Name = absent()
    language: Language | None = Field(
        None, description="Null: the language that the client asks for.", examples=["fi"]
    )
    muted: StrictBool = absent(description="Whether the caller gets no mails about tickets.")


class MembershipShape(Shape):
    """A membership in an organization, with the role there."""

    organization: OrganizationReference
    role: str = Field(description="Key of the role; `GET /v1/roles` says what it allows.")


class PersonSummary(Shape):
    """A person in a list."""

    id: UUID
    name: str
    side: Side = Field(description="Tolerate new values.")
    state: State = Field(description="Tolerate new values.")
    shut_out_by: Literal["provider", "customer"] | None = Field(
        description="For inactive people: which side ended the access. When it was the provider,"
        " a company administrator cannot restore it. Tolerate new values."
    )
    email: str | None
    phone: str | None
    language: Language | None = Field(description="Null: the portal's default language.")
    role: str | None = Field(description="Key of the role of an agent; null for customers.")
    service: bool = Field(
        description="Whether this is a service account, which programs use and nobody signs in as."
    )
    external_ref: ExternalReference | None = Field(
        description="The id in another system; null when the caller is a customer."
    )
    created_at: Moment
    updated_at: Moment


class PersonShape(PersonSummary):
    """A person."""

    muted: bool = Field(description="Whether the person gets no mails about tickets.")
    memberships: list[MembershipShape]
    teams: list[str] = Field(description="Keys of the teams of an agent.")


class ActingThrough(Shape):
    """The key, app or directory through which a program acts for the caller."""

    kind: Literal["api_key", "app", "directory"] = Field(
        description="`directory`: a program with an access token of a directory, either for the"
        " person's own account there, or its own, bound to this service account. Tolerate new"
        " values."
    )
    id: UUID
    name: str
    scopes: list[str] = Field(
        description="The permissions it carries, as far as its owner has them."
    )
    organization: UUID | None = Field(
        description="The only organization it works in, if it is limited to one."
    )


class Oneself(PersonShape):
    """The caller, and what the caller may do."""

    acting_through: ActingThrough | None = Field(
        description="What acts for the caller; null when the caller is signed in directly."
    )

    portal: str = Field(description="Slug of the portal.")
    must_change_password: bool = Field(
        description="Whether the password has to be changed first; until then little else is"
        " allowed."
    )
    must_add_factor: bool = Field(
        description="Whether a second factor has to be added first (`POST /v1/me/factors`)."
    )
    must_accept_terms: bool = Field(
        description="Whether the portal's terms have to be accepted first (`GET /v1/me/terms`)."
    )
    permissions: list[str] = Field(
        description="Everything the caller may do in at least one place. Tolerate permissions you"
        " do not know."
    )
    permissions_by_organization: dict[str, list[str]] = Field(
        description="For customers: what they may do in each organization, by its id."
    )


class TeamPlace(Input):
    """The membership of an agent in a team."""

    told_of_new: StrictBool = Field(
        True, description="Whether the agent gets mails about new tickets of the team (S1-17)."
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
