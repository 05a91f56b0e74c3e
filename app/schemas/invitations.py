"""Invitations, terms that are accepted with one, and linked accounts of other providers."""

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
    """Who is invited: a new person by name and e-mail address, or an existing person who has never
    had access."""

    email: Email | None = Field(None, examples=["colleague@acme.example"])
    name: Name | None = Field(None, examples=["Colleague of Acme"])
    person: str | None = Field(
        None, max_length=60, description="Id of an existing person who cannot sign in yet."
    )
    side: Side = Field(
        "customer",
        description="`customer` for people of a customer organization, `agent` for those of the"
        " provider.",
    )
    organization: str | None = Field(
        None,
        max_length=60,
        description="For customers: the organization. A company administrator who has only one"
        " may leave it out.",
    )
    role: Key | None = Field(
        None, description="Key of the role in the organization, or of the role as an agent."
    )
    language: Language | None = None
    phone: Phone | None = Field(None, description="In E.164 format.", examples=["+358401234567"])
    way: Key | None = Field(
        None,
        description="The only way of signing in that may be used: key of a provider, or `local`.",
    )


class InvitationShape(Shape):
    """An invitation, as whoever may send invitations sees it."""

    id: UUID
    state: InvitationState = Field(
        description="`preparing`: the mail has not been sent yet. `failed`: see `failure`."
        " Tolerate new values."
    )
    person: PersonReference
    email: str | None
    organization: OrganizationReference | None
    role: str | None
    way: str | None = Field(
        description="The only way of signing in that may be used; null when any may."
    )
    invited_by: PersonReference | None
    created_at: Moment
    expires_at: Moment
    sent_at: Moment | None
    failure: str | None = Field(
        description="Why it could not be sent: `directory-refused` or `account-taken`. Tolerate"
        " new values."
    )
    accepted_at: Moment | None
    accepted_by: str | None = Field(
        description="How it was accepted: key of a provider, or `local`."
    )


class InvitationQuery(Input):
    """How the list of invitations is filtered, sorted and paged."""

    state: InvitationState | None = None
    sort: Literal["created_at", "-created_at"] = Field(
        "-created_at", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None


class TermsStepShape(Shape):
    """One step of the terms. Each has to be accepted."""

    key: str = Field(description="Send it in `accepted`.")
    label: str
    text: str | None
    url: str | None


class TermsShape(Shape):
    """The terms to accept: every step of this version (S0-4)."""

    version: str
    steps: list[TermsStepShape]


class InvitationSeen(Shape):
    """An invitation, as the invited person sees it through the link."""

    portal: str = Field(description="Slug of the portal.")
    portal_name: str
    name: str = Field(description="Name of the invited person.")
    email: str | None
    organization: str | None
    invited_by: str | None
    expires_at: Moment
    terms: TermsShape | None = Field(description="Null when the portal has no terms.")
    ways: list[WayToSignIn] = Field(
        description="The ways of signing in that the invitation can be accepted with."
    )
    password_min_length: int


class InvitationAcceptance(Input):
    """How an invitation is accepted."""

    way: Key = Field(
        description="`local` to choose a password, or the key of a provider.", examples=["local"]
    )
    password: Password | None = Field(
        None, description="Needed with `local`.", examples=["seven lemons on a blue boat"]
    )
    terms_version: Version | None = Field(
        None, description="Version of the terms that was shown.", examples=["2026-11"]
    )
    accepted: Accepted = Field(
        default_factory=list, description="Keys of the accepted steps of the terms: all of them."
    )
    delivery: Delivery = Field(
        "tokens", description="With `local`: `cookie` for browsers, `tokens` for apps and scripts."
    )
    return_to: ReturnTo | None = Field(
        None, description="With a provider: where the browser goes after signing in there."
    )


class InvitationAccepted(Shape):
    """The result of accepting an invitation."""

    state: Literal["signed_in", "continue_at_provider"] = Field(
        description="`signed_in`: see `signed_in`. `continue_at_provider`: send the browser to"
        " `continue_at`. Tolerate new values."
    )
    signed_in: SignInState | None
    continue_at: str | None


class TermsAcceptance(Input):
    """Acceptance of the portal's terms."""

    version: Version = Field(
        description="Version of the terms that was shown.", examples=["2026-11"]
    )
    accepted: Accepted = Field(
        description="Keys of the accepted steps: all of them.", examples=[["trust", "access"]]
    )


class OwnTerms(Shape):
    """The terms that the caller has yet to accept, if any."""

    due: TermsShape | None = Field(
        description="Show these and send `POST /v1/me/terms`; null when everything is accepted."
    )


class IdentityShape(Shape):
    """An account at a provider that the caller can sign in with."""

    id: UUID
    provider: str = Field(description="Key of the provider.")
    label: str = Field(description="The text of the provider's button.")
    account: str | None = Field(
        description="Name of the account at the provider, for display only."
    )
    created_at: Moment
    last_used_at: Moment | None


class Identities(Shape):
    """The accounts at providers that the caller can sign in with."""

    items: list[IdentityShape]


PRESENT_PASSWORD = Field(
    None,
    description="The current password. People without one must have signed in recently instead.",
    examples=["a long sentence is a good password"],
)


class IdentityRemoval(Input):
    """Proof that the caller may remove an account."""

    password: Password | None = PRESENT_PASSWORD


class LinkStart(Input):
    """Proof that the caller may add an account, and where to return to."""

    password: Password | None = PRESENT_PASSWORD
    return_to: ReturnTo | None = Field(
        None,
        description="Where the browser goes once the account is added.",
        examples=["/settings"],
    )


class LinkStarted(Shape):
    """Where the browser goes to add an account."""

    continue_at: str = Field(description="Send the browser to this address.")
