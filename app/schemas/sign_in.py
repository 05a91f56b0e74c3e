"""Signing in, step by step; passwords; one's own sessions."""

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
    """Address and password of a local user."""

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
    """Where a sign-in stands."""

    state: State = Field(
        description="`signed_in`: all is open. `second_factor_required`: go on at"
        " `POST /v1/sessions/{challenge}/factor` with a code. `second_factor_setup_required`: the"
        " portal asks for a second factor and there is none; begin one at"
        " `POST /v1/sessions/{challenge}/factor-setup`, then go on with its first code."
        " `password_change_required`: only `GET /v1/me`, `POST /v1/me/password` and"
        " `DELETE /v1/sessions/current` are open. `terms_acceptance_required`: the same, with"
        " `GET` and `POST /v1/me/terms`. Tolerate new states."
    )
    person: PersonReference
    challenge: str | None = Field(
        None, description="What the sign-in is gone on with, where a second factor stands between."
    )
    challenge_expires_at: Moment | None = None
    ways: list[Literal["totp", "recovery_code"]] = Field(
        default_factory=list, description="What the challenge takes. Tolerate ways you do not know."
    )
    access_token: str | None = Field(None, description="Null where a cookie was asked for.")
    token_type: Literal["Bearer"] | None = None
    expires_in: int | None = Field(None, description="Seconds the access token lives.")
    refresh_token: str | None = Field(
        None,
        description="Good for one new pair of tokens; its predecessor stays good until the new"
        " pair is first used.",
    )
    session_expires_at: Moment | None = Field(None, description="Null before there is a session.")
    recovery_codes: list[str] | None = Field(
        None,
        description="Codes for the day the app is lost, each good once: shown when a first second"
        " factor was added on the way in, and never again.",
    )


class PasswordReset(Input):
    """Whose password is to be set anew."""

    email: Email = Field(examples=["member@acme.example"])


class NewPassword(Input):
    """A new password."""

    password: Password = Field(
        description="15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class PasswordChange(Input):
    """A change of one's own password."""

    present: Password = Field(examples=["a long sentence is a good password"])
    password: Password = Field(
        description="15 to 128 characters, not easy to guess.",
        examples=["seven lemons on a blue boat"],
    )


class LinkInfo(Shape):
    """What a link from a mail is good for."""

    purpose: Literal["activation", "password_reset"] = Field(
        description="Tolerate purposes you do not know."
    )
    portal: str = Field(description="Slug of the portal it belongs to.")
    expires_at: Moment
    password_min_length: int


class OwnSession(Shape):
    """A sign-in of one's own that lasts."""

    id: UUID
    current: bool = Field(description="Whether this request was made with it.")
    app: AppReference | None = Field(description="The app whose it is; null is one's own.")
    delivery: Delivery
    device: str | None = Field(description="What the client said of itself.")
    network: str | None
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment


class OwnSessions(Shape):
    """Where one is signed in."""

    items: list[OwnSession]
