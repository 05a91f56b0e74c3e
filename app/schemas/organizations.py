"""Customer organizations and who belongs to them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

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

OrganizationState = Literal["active", "inactive"]


class OrganizationNew(Input):
    """An organization to be made."""

    name: Name = Field(examples=["Acme"])
    external_ref: SentExternalReference | None = None


class OrganizationChange(Input):
    """A change of an organization. Absent is unchanged, null is cleared."""

    name: Name = absent(examples=["Acme Oy"])
    state: OrganizationState = absent()
    external_ref: SentExternalReference | None = None


class OrganizationShape(Shape):
    """A customer company."""

    id: UUID
    name: str
    state: OrganizationState = Field(description="Tolerate new values.")
    external_ref: ExternalReference | None
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
