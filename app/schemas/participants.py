"""Who takes part in a ticket, and who sees it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Email, Input, Moment, PersonReference, Shape


class ParticipantNew(Input):
    """Somebody who is to take part: by id, or by address."""

    person: UUID | None = None
    email: Email | None = Field(None, examples=["member2@acme.example"])


class ParticipantShape(Shape):
    """Somebody who takes part in a ticket beside its requester."""

    person: PersonReference
    since: Moment


class Participants(Shape):
    """Everybody who takes part, the longest first (at most 50)."""

    items: list[ParticipantShape]


class AccessEntry(Shape):
    """Somebody who may read the ticket, and why."""

    person: PersonReference
    side: Literal["customer", "agent"] = Field(description="Tolerate new values.")
    rule: Literal["requester", "participant", "organization", "department", "tenant"] = Field(
        description="By which rule: he asked for it, takes part in it, reads his organization's,"
        " his department's, or the tenant's tickets. Tolerate new values."
    )
    role: str | None = Field(description="Key of the role that allows it; null for participants.")
    may_comment: bool
    may_update: bool


class Access(Shape):
    """Who sees a ticket, customers first (at most 500)."""

    private: bool
    confidential: bool = Field(description="Whether its department is marked confidential.")
    items: list[AccessEntry]
