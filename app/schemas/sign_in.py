"""Signing in, passwords, and the sessions of the caller."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.schemas.apps import AppReference
from app.schemas.base import Email, Input, Moment, Password, PersonReference, Shape

Delivery = Literal["cookie", "tokens"]
State = Literal[
    "signed_in",
    "second_factor_required",
    "second_factor_setup_required",
    "password_change_required",
    "terms_acceptance_required",
]


class SignIn(Input):
    """E-mail address and password."""

    email: Email = Field(examples=["member@acme.example"])
    password: Password = Field(examples=["a long sentence is a good password"])
    delivery: Delivery = Field(
        "tokens", description="`cookie` for browsers, `tokens` for apps and scripts."
    )


class Refresh(Input):
    """A refresh token."""

    refresh_token: str = Field(
        min_length=1, max_length=200, examples=["skf_pXhQ2vLr6nB0eVdYt8sWcG4mZkJ1aUo7fRi3xNyTbE"]
    )


class SignInState(Shape):
    """The state of a sign-in, and what to do next."""

    state: State = Field(
        description="`signed_in`: everything is open. `second_factor_required`: continue with a"
        " code at `POST /v1/sessions/{challenge}/factor`."
        " `second_factor_setup_required`: the portal requires a second factor and"
        " there is none; add one at `POST /v1/sessions/{challenge}/factor-setup`, then"
        " continue with its first code. `password_change_required`: only `GET /v1/me`,"
        " `POST /v1/me/password` and `DELETE /v1/sessions/current` are open."
        " `terms_acceptance_required`: the same, with `GET` and `POST /v1/me/terms`."
        " Tolerate new states."
    )
    person: PersonReference
    challenge: str | None = Field(
        None,
        description="Identifies this sign-in in the next step, when a second factor is needed.",
    )
    challenge_expires_at: Moment | None = None
    ways: list[Literal["totp", "recovery_code"]] = Field(
        default_factory=list,
        description="What the challenge accepts. Tolerate ways you do not know.",
    )
    access_token: str | None = Field(None, description="Null with `delivery: cookie`.")
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(None, description="Lifetime of the access token in seconds.")
    refresh_token: str | None = Field(
        None,
        description="Exchange it for new tokens at `POST /v1/sessions/refresh`. The previous"
        " refresh token stays valid until the new tokens are first used.",
    )
    session_expires_at: Moment | None = Field(None, description="Null until there is a session.")
    recovery_codes: list[str] | None = Field(
        None,
        description="Recovery codes for when the app is lost, each good once. Shown only when the"
        " first second factor was added during this sign-in.",
    )


class PasswordReset(Input):
    """The address whose owner gets a link to set a new password."""

    email: Email = Field(examples=["member@acme.example"])


class NewPassword(Input):
    """A new password."""

    password: Password = Field(
        description="15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class PasswordChange(Input):
    """A change of the caller's own password."""

    present: Password = Field(
        description="The current password.", examples=["a long sentence is a good password"]
    )
    password: Password = Field(
        description="The new password: 15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class LinkInfo(Shape):
    """What a link from a mail is for."""

    purpose: Literal["activation", "password_reset"] = Field(
        description="Tolerate purposes you do not know."
    )
    portal: str = Field(description="Slug of the portal it belongs to.")
    expires_at: Moment
    password_min_length: int


class OwnSession(Shape):
    """A session of the caller."""

    id: UUID
    current: bool = Field(description="Whether this request uses it.")
    app: AppReference | None = Field(
        description="The app it belongs to; null when the caller signed in directly."
    )
    delivery: Delivery
    device: str | None = Field(description="What the client called itself when signing in.")
    network: str | None = Field(description="The network it was started from.")
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment


class OwnSessions(Shape):
    """All sessions of the caller."""

    items: list[OwnSession]
