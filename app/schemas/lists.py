"""How the lists of people and organizations are filtered, sorted and paged."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.schemas.base import Cursor, Email, Input, PageLimit, Phone
from app.schemas.organizations import OrganizationState
from app.schemas.people import Side, State

_WrittenReference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}:[\x21-\x7e]{1,200}$", max_length=261)
]
_REFERENCE = "Only the one with this id in another system, as `source:key`, such as `crm:A-1042`."
NamedSort = Literal["name", "-name", "created_at", "-created_at"]


class PeopleQuery(Input):
    """How the list of people is filtered, sorted and paged."""

    side: Side | None = None
    state: State | None = None
    email: Email | None = Field(None, description="Only the person with exactly this address.")
    phone: Phone | None = Field(
        None, description="Only people with exactly this number, in E.164 format (S1-32)."
    )
    external_ref: _WrittenReference | None = Field(None, description=_REFERENCE)
    sort: NamedSort = Field("name", description="A leading `-` sorts in descending order.")
    limit: PageLimit = 25
    cursor: Cursor = None


class OrganizationQuery(Input):
    """How the list of organizations is filtered, sorted and paged."""

    state: OrganizationState | None = None
    external_ref: _WrittenReference | None = Field(None, description=_REFERENCE)
    sort: NamedSort = Field("name", description="A leading `-` sorts in descending order.")
    limit: PageLimit = 25
    cursor: Cursor = None


class MemberQuery(Input):
    """How the list of members is sorted and paged."""

    limit: PageLimit = 25
    cursor: Cursor = None
    sort: NamedSort = Field("name", description="A leading `-` sorts in descending order.")
