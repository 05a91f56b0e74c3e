"""Who takes part in a ticket, and who can see it."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.schemas.base import Email, Input, Moment, PersonReference, Shape


class ParticipantNew(Input):
    """The person to add: give an id or an e-mail address."""

    person: UUID | None = None
    email: Email | None = Field(None, examples=["member2@acme.example"])


class ParticipantShape(Shape):
    """A participant of a ticket. The requester is not among them."""

    person: PersonReference
    since: Moment


class Participants(Shape):
    """All participants, those who joined first at the top (at most 50)."""

    items: list[ParticipantShape]


class AccessEntry(Shape):
    """A person who can read the ticket, and why."""

    person: PersonReference
    side: Literal["customer", "agent"] = Field(description="Tolerate new values.")
    rule: Literal["requester", "participant", "organization", "department", "tenant"] = Field(
        description="Why: as its requester, as a participant, or because the role lets the person"
        " read tickets of the organization, the department or the whole tenant."
        " Tolerate new values."
    )
    role: str | None = Field(description="Key of the role that allows it; null for participants.")
    may_comment: bool
    may_update: bool


class Access(Shape):
    """Everybody who can read a ticket, customers first (at most 500)."""

    private: bool = Field(
        description="Whether the ticket is private: colleagues of the requester do not see it."
    )
    confidential: bool = Field(description="Whether its department is marked confidential.")
    items: list[AccessEntry]
