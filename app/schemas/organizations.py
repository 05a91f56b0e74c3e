"""Customer organizations and who belongs to them."""

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

_DOMAINS = "E-mail domains under which only its own people have mailboxes; no other has them."
_Domain = Annotated[str, StringConstraints(min_length=3, max_length=253, strip_whitespace=True)]
_Domains = Annotated[list[_Domain], Field(max_length=100)]
OrganizationState = Literal["active", "inactive"]


class OrganizationNew(Input):
    """An organization to be made."""

    name: Name = Field(examples=["Acme"])
    external_ref: SentExternalReference | None = None
    email_domains: _Domains = Field([], description=_DOMAINS, examples=[["acme.example"]])


class OrganizationChange(Input):
    """A change of an organization. Absent is unchanged, null is cleared."""

    name: Name = absent(examples=["Acme Oy"])
    state: OrganizationState = absent()
    external_ref: SentExternalReference | None = None
    email_domains: _Domains = absent(description=_DOMAINS, examples=[["acme.example"]])


class OrganizationByReference(Input):
    """An organization as another system knows it: made the first time, changed every other time.
    Absent is unchanged."""

    name: Name = Field(examples=["Acme"])
    state: OrganizationState = absent()
    email_domains: _Domains = absent(description=_DOMAINS, examples=[["acme.example"]])


class OrganizationShape(Shape):
    """A customer company."""

    id: UUID
    name: str
    state: OrganizationState = Field(description="Tolerate new values.")
    external_ref: ExternalReference | None
    email_domains: list[str] = Field(description=_DOMAINS)
    created_at: Moment
    updated_at: Moment


class MemberNew(Input):
    """The role a member is to have."""

    role: Key = Field(examples=["paakayttaja"])


class Member(Shape):
    """Somebody who belongs to an organization."""

    person: PersonReference
    role: str
    since: Moment
