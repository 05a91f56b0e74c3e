"""The report of who came in, when, how and from where."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import (
    Cursor,
    Input,
    Moment,
    OrganizationReference,
    PageLimit,
    PersonReference,
    SentMoment,
    Shape,
)

Kind = Literal["sign_in", "refusal", "sign_out", "key_use", "credential", "right"]


class AccessReportEntry(Shape):
    """One thing that happened."""

    id: UUID
    kind: Kind = Field(description="Tolerate new values.")
    event: str = Field(description="Exactly what, such as `session.started`. Tolerate new ones.")
    occurred_at: Moment
    success: bool = Field(description="Whether he got what he asked for.")
    person: PersonReference | None = Field(
        description="Whom it concerns; null where nobody has the address that was tried."
    )
    organizations: list[OrganizationReference] = Field(description="Where he belongs now.")
    by: PersonReference | None = Field(description="Who did it, where it was somebody else.")
    way: str | None = Field(
        description="How he came in or was let in, such as `local`. Tolerate new values."
    )
    reason: str | None = Field(description="Why, as a code. Tolerate new values.")
    network: str | None = Field(description="From where: an IPv4 /24 or an IPv6 /48.")
    device: str | None = Field(description="With what, such as `firefox/linux`.")
    role: str | None = Field(description="The role that was given or taken.")
    organization: UUID | None = Field(description="Where a right was given or taken.")
    team: str | None = Field(description="The team somebody was put into or taken from.")
    taken: bool = Field(description="Whether a right was taken, not given.")
    session: UUID | None
    api_key: UUID | None
    app: UUID | None


class AccessReportQuery(Input):
    """A report."""

    person: Annotated[list[UUID], Field(max_length=50)] = Field([])
    kind: Annotated[list[Kind], Field(max_length=10)] = Field([])
    occurred_from: SentMoment | None = Field(None, description="This moment and later.")
    occurred_to: SentMoment | None = Field(None, description="Before this moment.")
    format: Literal["json", "csv"] = Field(
        "json", description="`csv`, or `Accept: text/csv`: all of it, as a table."
    )
    sort: Literal["occurred_at", "-occurred_at"] = "-occurred_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None
