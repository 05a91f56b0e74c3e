"""Invitations, what is accepted with one, and accounts elsewhere."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.schemas.base import (
    Cursor,
    Email,
    Input,
    Key,
    Language,
    Moment,
    Name,
    OrganizationReference,
    PageLimit,
    Password,
    PersonReference,
    Phone,
    Shape,
)
from app.schemas.people import Side
from app.schemas.portals import WayToSignIn
from app.schemas.sign_in import Delivery, SignInState

InvitationState = Literal["preparing", "open", "failed", "expired", "accepted", "withdrawn"]
ReturnTo = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Accepted = Annotated[list[Key], Field(max_length=20)]


class InvitationNew(Input):
    """Who is invited: a new person by name and address, or one who was made and never let in."""

    email: Email | None = Field(None, examples=["colleague@acme.example"])
    name: Name | None = Field(None, examples=["Colleague of Acme"])
    person: str | None = Field(
        None, max_length=60, description="Id of somebody who is there and cannot sign in yet."
    )
    side: Side = Field("customer", description="Side of the counter.")
    organization: str | None = Field(
        None,
        max_length=60,
        description="Where a customer belongs; a company's administrator may leave it out.",
    )
    role: Key | None = Field(None, description="His role there, or as an agent.")
    language: Language | None = None
    phone: Phone | None = Field(None, description="E.164.", examples=["+358401234567"])
    way: Key | None = Field(
        None, description="Only this way of signing in: key of a provider, or `local`."
    )


class InvitationShape(Shape):
    """An invitation, for whoever sent it."""

    id: UUID
    state: InvitationState = Field(
        description="`preparing`: the mail is not out yet. `failed`: see `failure`. Tolerate new"
        " values."
    )
    person: PersonReference
    email: str | None
    organization: OrganizationReference | None
    role: str | None
    way: str | None
    invited_by: PersonReference | None
    created_at: Moment
    expires_at: Moment
    sent_at: Moment | None
    failure: str | None = Field(
        description="Why it cannot be sent: `directory-refused`, `account-taken`. Tolerate others."
    )
    accepted_at: Moment | None
    accepted_by: str | None = Field(description="Key of a provider, or `local`.")


class InvitationQuery(Input):
    """A list of invitations."""

    state: InvitationState | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class TermsStepShape(Shape):
    """One thing to say yes to."""

    key: str = Field(description="Send it in `accepted`.")
    label: str
    text: str | None
    url: str | None


class TermsShape(Shape):
    """What must be accepted: every step, in this version (S0-4)."""

    version: str
    steps: list[TermsStepShape]


class InvitationSeen(Shape):
    """An invitation, as whoever holds its link sees it."""

    portal: str = Field(description="Slug of the portal.")
    portal_name: str
    name: str
    email: str | None
    organization: str | None
    invited_by: str | None
    expires_at: Moment
    terms: TermsShape | None = Field(description="Null where the portal has none.")
    ways: list[WayToSignIn] = Field(description="How it can be accepted.")
    password_min_length: int


class InvitationAcceptance(Input):
    """How an invitation is accepted."""

    way: Key = Field(description="`local`, or the key of a provider.", examples=["local"])
    password: Password | None = Field(
        None, description="With `local`.", examples=["seven lemons on a blue boat"]
    )
    terms_version: Version | None = Field(None, examples=["2026-11"])
    accepted: Accepted = Field(
        default_factory=list, description="Keys of the steps of the terms, all of them."
    )
    delivery: Delivery = Field("tokens", description="With `local`: how the session is delivered.")
    return_to: ReturnTo | None = Field(None, description="With a provider: where to go then.")


class InvitationAccepted(Shape):
    """What came of accepting."""

    state: Literal["signed_in", "continue_at_provider"] = Field(
        description="`continue_at_provider`: send the browser to `continue_at`. Tolerate new ones."
    )
    signed_in: SignInState | None
    continue_at: str | None


class TermsAcceptance(Input):
    """A yes to the portal's terms."""

    version: Version = Field(examples=["2026-11"])
    accepted: Accepted = Field(description="Keys of all steps.", examples=[["trust", "access"]])


class OwnTerms(Shape):
    """Whether there are terms one has yet to accept."""

    due: TermsShape | None = Field(
        description="Show these and send `POST /v1/me/terms`; null when all is accepted."
    )


class IdentityShape(Shape):
    """An account elsewhere that signs one in."""

    id: UUID
    provider: str
    label: str = Field(description="What the provider's button says.")
    account: str | None = Field(description="What the account is called there; for showing.")
    created_at: Moment
    last_used_at: Moment | None


class Identities(Shape):
    """The accounts elsewhere that sign one in."""

    items: list[IdentityShape]


PRESENT_PASSWORD = Field(
    None,
    description="The present one, of whoever has one; others must have signed in a moment ago.",
    examples=["a long sentence is a good password"],
)


class IdentityRemoval(Input):
    """Proof that one may remove an account."""

    password: Password | None = PRESENT_PASSWORD


class LinkStart(Input):
    """An account to be added, and where to go then."""

    password: Password | None = PRESENT_PASSWORD
    return_to: ReturnTo | None = Field(None, examples=["/settings"])


class LinkStarted(Shape):
    """Where the browser goes to add an account."""

    continue_at: str
