"""The access report: who signed in, when, how and from where, and whose rights changed."""

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
    """A sign-in, a refused sign-in, a sign-out, or a change of credentials or rights."""

    id: UUID
    kind: Kind = Field(description="Tolerate new values.")
    event: str = Field(
        description="Name of the event, such as `session.started`. Tolerate new values."
    )
    occurred_at: Moment
    success: bool = Field(description="Whether the attempt succeeded.")
    person: PersonReference | None = Field(
        description="The person concerned; null when nobody has the address that was tried."
    )
    organizations: list[OrganizationReference] = Field(
        description="The organizations the person belongs to now."
    )
    by: PersonReference | None = Field(
        description="Who did it, when it was not the person concerned."
    )
    way: str | None = Field(
        description="How the person signed in or was let in, such as `local`. Tolerate new values."
    )
    reason: str | None = Field(
        description="Why, as a code: for instance why a sign-in was refused. Tolerate new values."
    )
    network: str | None = Field(description="The network it came from: an IPv4 /24 or an IPv6 /48.")
    device: str | None = Field(description="Browser and operating system, such as `firefox/linux`.")
    role: str | None = Field(description="Key of the role that was granted or withdrawn.")
    organization: UUID | None = Field(
        description="The organization in which a right was granted or withdrawn."
    )
    team: str | None = Field(description="Key of the team the person was added to or removed from.")
    taken: bool = Field(description="True when a right was withdrawn, false when it was granted.")
    session: UUID | None = Field(description="The session concerned, if any.")
    api_key: UUID | None = Field(description="The API key concerned, if any.")
    app: UUID | None = Field(description="The app concerned, if any.")


class AccessReportQuery(Input):
    """How the access report is filtered, sorted and paged."""

    person: Annotated[list[UUID], Field(max_length=50)] = Field(
        [], description="Only entries about these people; repeat the parameter for several."
    )
    kind: Annotated[list[Kind], Field(max_length=10)] = Field(
        [], description="Only these kinds; repeat the parameter for several."
    )
    occurred_from: SentMoment | None = Field(None, description="Only entries from this time on.")
    occurred_to: SentMoment | None = Field(None, description="Only entries before this time.")
    format: Literal["json", "csv"] = Field(
        "json", description="`csv` answers the whole report as a table, as `Accept: text/csv` does."
    )
    sort: Literal["occurred_at", "-occurred_at"] = Field(
        "-occurred_at", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None
