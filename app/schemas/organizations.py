"""Customer organizations and their members."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    ExternalReference,
    Input,
    Key,
    Moment,
    Name,
    PersonReference,
    SentExternalReference,
    Shape,
    absent,
)

_DOMAINS = (
    "E-mail domains in which only its own people have mailboxes. A domain belongs to one"
    " organization."
)
_Domain = Annotated[str, StringConstraints(min_length=3, max_length=253, strip_whitespace=True)]
_Domains = Annotated[list[_Domain], Field(max_length=100)]
OrganizationState = Literal["active", "inactive"]


class OrganizationNew(Input):
    """An organization to create."""

    name: Name = Field(examples=["Acme"])
    external_ref: SentExternalReference | None = None
    email_domains: _Domains = Field([], description=_DOMAINS, examples=[["acme.example"]])


class OrganizationChange(Input):
    """Changes to an organization. Fields that are absent stay unchanged; `null` clears."""

    name: Name = absent(examples=["Acme Oy"])
    state: OrganizationState = absent()
    external_ref: SentExternalReference | None = None
    email_domains: _Domains = absent(description=_DOMAINS, examples=[["acme.example"]])


class OrganizationByReference(Input):
    """An organization as another system knows it: created the first time, updated from then on.
    Fields that are absent stay unchanged."""

    name: Name = Field(examples=["Acme"])
    state: OrganizationState = absent()
    email_domains: _Domains = absent(description=_DOMAINS, examples=[["acme.example"]])


class OrganizationShape(Shape):
    """A customer organization."""

    id: UUID
    name: str
    state: OrganizationState = Field(description="Tolerate new values.")
    external_ref: ExternalReference | None
    email_domains: list[str] = Field(description=_DOMAINS)
    created_at: Moment
    updated_at: Moment


class MemberNew(Input):
    """The role that a member gets."""

    role: Key = Field(
        description="Key of a customer role; `GET /v1/roles` lists them.", examples=["paakayttaja"]
    )


class Member(Shape):
    """A member of an organization."""

    person: PersonReference
    role: str = Field(description="Key of the role in this organization.")
    since: Moment
