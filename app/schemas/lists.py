"""How the lists of people and organizations are narrowed, sorted and paged."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.schemas.base import Cursor, Email, Input, PageLimit, Phone
from app.schemas.organizations import OrganizationState
from app.schemas.people import Side, State

_WrittenReference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}:[\x21-\x7e]{1,200}$", max_length=261)
]
_REFERENCE = "As `source:key`: the one that another system calls so, like `crm:A-1042`."
NamedSort = Literal["name", "-name", "created_at", "-created_at"]


class PeopleQuery(Input):
    """A list of people."""

    side: Side | None = None
    state: State | None = None
    email: Email | None = Field(None, description="Exactly this address.")
    phone: Phone | None = Field(None, description="Exactly this number (S1-32).")
    external_ref: _WrittenReference | None = Field(None, description=_REFERENCE)
    sort: NamedSort = "name"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class OrganizationQuery(Input):
    """A list of organizations."""

    state: OrganizationState | None = None
    external_ref: _WrittenReference | None = Field(None, description=_REFERENCE)
    sort: NamedSort = "name"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class MemberQuery(Input):
    """A list of members."""

    limit: PageLimit = 25
    cursor: Cursor | None = None
    sort: NamedSort = "name"
