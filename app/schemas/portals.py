"""The portal, as anybody may see it before signing in."""

from typing import Literal

from pydantic import Field

from app.schemas.base import Labelled, Language, Shape


class Branding(Shape):
    """How the portal looks (S1-3)."""

    logo_text: str
    logo_url: str | None
    primary_color: str
    accent_color: str
    background_color: str
    font_family: str | None


class PublishedLink(Labelled):
    """A link that the portal publishes (S1-11)."""

    url: str
    description: str | None


class WayToSignIn(Shape):
    """A way to sign in."""

    kind: Literal["local", "entra", "entra_multi", "entra_external_id", "google", "oidc"] = Field(
        description="`local`: e-mail address and password. All others: an OpenID Connect"
        " provider. Tolerate kinds you do not know."
    )
    key: str | None = Field(None, description="Key of the provider.")
    label: str | None = Field(None, description="The text of its button, in the caller's language.")
    start_url: str | None = Field(
        None, description="Send the browser here to sign in at the provider; add `return_to`."
    )
    demo_only: bool = Field(
        False, description="Meant for trying the portal out, not for real users."
    )


class Portal(Shape):
    """A tenant's portal."""

    slug: str
    name: str
    languages: list[Language]
    default_language: Language
    time_zone: str
    welcome: str | None = Field(description="A welcome text, in the caller's language.")
    words: dict[str, str] = Field(
        description="The portal's own words for usual ones, such as `ticket`, in the caller's"
        " language (S1-4)."
    )
    branding: Branding
    sign_in: list[WayToSignIn] = Field(description="The ways to sign in.")
    self_registration: bool = Field(
        description="Whether people may ask for access themselves: `POST"
        " /v1/portals/{portal}/registrations`."
    )
    intake_channels: list[str] = Field(
        description="How tickets can be opened: `portal`, `mail`, `agent`, `api`. Tolerate new"
        " values."
    )
    links: list[PublishedLink]
    comment_order: Literal["newest_first", "oldest_first"] = Field(
        description="The order in which comments are listed. Tolerate new values."
    )
    password_min_length: int
