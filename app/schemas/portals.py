"""The portal as anybody may see it before signing in."""

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
    """An address the portal publishes (S1-11)."""

    url: str
    description: str | None


class WayToSignIn(Shape):
    """A way to sign in."""

    kind: Literal["local", "entra", "entra_multi", "entra_external_id", "google", "oidc"] = Field(
        description="`local` is address and password, others are providers of OpenID Connect."
        " Tolerate kinds you do not know."
    )
    key: str | None = Field(None, description="Key of the provider.")
    label: str | None = Field(None, description="What its button says, in the caller's language.")
    start_url: str | None = Field(
        None, description="Where a browser goes to sign in there; add `return_to`."
    )
    demo_only: bool = Field(False, description="For trying out, not for real people.")


class Portal(Shape):
    """A tenant's door."""

    slug: str
    name: str
    languages: list[Language]
    default_language: Language
    time_zone: str
    welcome: str | None
    words: dict[str, str] = Field(description="Words of this portal for the usual ones (S1-4).")
    branding: Branding
    sign_in: list[WayToSignIn]
    self_registration: bool = Field(
        description="Whether people may ask to be let in: `POST /v1/portals/{portal}/registrations`"
    )
    intake_channels: list[str] = Field(
        description="How tickets may be opened: portal, mail, agent, api. Tolerate new ones."
    )
    links: list[PublishedLink]
    comment_order: Literal["newest_first", "oldest_first"]
    password_min_length: int
