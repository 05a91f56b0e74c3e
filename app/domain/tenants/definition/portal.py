"""The portal itself: its name, words, languages, looks, links, and the ways in."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import EmailStr, Field, StringConstraints

from app.domain.tenants.definition.base import (
    Address,
    Channel,
    Color,
    Days,
    Key,
    Labels,
    Language,
    Line,
    Named,
    Number,
    Part,
    PerLanguage,
    Texts,
    Zone,
)
from app.domain.tenants.definition.identity import (
    AccessTokens,
    LinkTemplate,
    OfDirectory,
    Origin,
    Provider,
    Terms,
)

Word = Literal[
    "ticket",
    "tickets",
    "customer",
    "agent",
    "organization",
    "comment",
    "private_note",
    "type",
    "severity",
    "priority",
    "service",
    "entitlement",
    "department",
    "status",
]


class Branding(Part):
    """How the portal looks (S1-3)."""

    logo_text: Line = Field(description="The name as it stands in the head of pages and mails.")
    logo_url: Address | None = Field(None, description="Address of a picture of the logo.")
    primary_color: Color = Field(description="Colour of the head and of main buttons, #rrggbb.")
    accent_color: Color = Field(description="Colour of links and marks, #rrggbb.")
    background_color: Color = Field("#ffffff", description="Colour behind everything, #rrggbb.")
    font_family: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ,'-]{1,120}$")] | None = (
        Field(None, description="Typefaces as in CSS, the wanted one first.")
    )


class Link(Named):
    """An address the portal publishes (S1-11)."""

    url: Address = Field(description="Where it leads; https only.")
    description: Texts = Field(default_factory=dict, description="What is found there.")


class Portal(Part):
    """The customers' door of a tenant."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,39}$")] = Field(
        description="Name of the portal in addresses; unique in the installation."
    )
    name: Line = Field(description="Name of the portal, the same in every language.")
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}$")] = Field(
        description="What ticket numbers begin with: CRM makes CRM-1042."
    )
    languages: tuple[Language, ...] = Field(
        min_length=1, description="Languages offered to people; the default one is among them."
    )
    default_language: Language = Field(
        description="Language of whoever asks for none, and of the full-text search."
    )
    time_zone: Zone = Field(description="IANA zone in which times are told, like Europe/Helsinki.")
    welcome: Texts = Field(default_factory=dict, description="What the front page says.")
    words: Annotated[dict[Word, Labels], PerLanguage()] = Field(
        default_factory=dict,
        description="Words of this portal in place of the product's own (S1-4), each in the"
        " languages where it differs.",
    )
    address: Address | None = Field(
        None,
        description="Where people open the portal. Links in mails begin with it and go on as the"
        " API's own paths do: /tickets/{id}, /password-resets/{token}. Without it they lead to"
        " pages of ours: where there is something to fill in, else where to look for it.",
    )
    branding: Branding = Field(description="How the portal looks.")
    links: tuple[Link, ...] = Field((), description="Addresses the portal publishes.")
    intake_channels: tuple[Channel, ...] = Field(
        min_length=1,
        description="How tickets may be opened: by customers in the portal, by mail, by an agent"
        " on behalf of a customer, by a script. A department may override it.",
    )


class Comments(Part):
    """The conversation on a ticket."""

    order: Literal["newest_first", "oldest_first"] = Field(
        "oldest_first", description="Order of a thread where the caller asks for none (S3-18)."
    )
    edit_minutes: Number = Field(
        0, description="For how many minutes an author may change or withdraw his comment."
    )


class SelfRegistration(Part):
    """People ask to be let in themselves. Whoever confirms his address waits with a password of
    his own until somebody lets him in."""

    let_in_by: tuple[Literal["agent", "company_admin", "email_domain"], ...] = Field(
        min_length=1,
        description="Who lets them in: agents; those who manage their colleagues, people with an"
        " address of their organization's verified domains; or such an address itself, at once.",
    )
    role: Key = Field(
        description="Role of the customer's side that an address lets them in with, and that"
        " others are offered to give; it manages no colleagues."
    )


class LocalSignIn(Part):
    """E-mail address and password."""

    enabled: bool = Field(description="Whether people sign in with address and password.")
    demo_only: bool = Field(
        False, description="Whether it is there for trying the portal out, not for real people."
    )
    self_registration: SelfRegistration | None = Field(
        None, description="How people may ask to be let in; without it only others let them in."
    )


class SecondFactor(Part):
    """The code of an authenticator app beside the password. Everybody may have one."""

    required_of: tuple[Literal["agents", "admins"], ...] = Field(
        (),
        description="Who must have one: agents; admins, who are tenant admins and customers who"
        " manage their colleagues. Whoever has none adds it before anything else, those who are"
        " signed in too; whom a provider vouches for is the provider's to ask.",
    )


class SignIn(Part):
    """The ways to sign in."""

    local: LocalSignIn = Field(description="E-mail address and password.")
    providers: tuple[Provider, ...] = Field(
        (), max_length=50, description="Those who say who somebody is, in the order offered."
    )
    return_origins: tuple[Origin, ...] = Field(
        (),
        description="Where people may be sent after they signed in, beside the portal's own"
        " address: origins like https://www.acme.example.",
    )
    invitation_link: LinkTemplate | None = Field(
        None,
        description="Where the link in an invitation leads, with `{token}` in it, like"
        " https://www.acme.example/join?token={token}. Without it, {address}/invitations/{token}.",
    )
    consent_page: Address | None = Field(
        None,
        description="Where people answer apps that ask to act for them; `request` is added to its"
        " query. Without it, the installation's own page.",
    )
    terms: Terms | None = Field(
        None,
        description="What people accept when they are let in, and when it has changed: until then"
        " those who are signed in can do little else.",
    )
    second_factor: SecondFactor = Field(
        default_factory=SecondFactor, description="What is asked beside the password."
    )

    @property
    def directory_access(self) -> Iterator[tuple[Provider, AccessTokens]]:
        """The providers whose directories' access tokens are taken, and which."""
        for provider in self.providers:
            if isinstance(provider, OfDirectory) and provider.offered and provider.access_tokens:
                yield provider, provider.access_tokens


class Mail(Part):
    """Mails the portal sends."""

    from_name: Line = Field(description="Name of the sender.")
    from_address: EmailStr = Field(description="Address of the sender.")
    signature: Texts = Field(default_factory=dict, description="Last lines of every mail.")


class Attachments(Part):
    """What may hang on tickets and comments."""

    limit_bytes: Annotated[int, Field(strict=True, ge=1, le=1 << 40)] | None = Field(
        None, description="Largest file; without it the installation's own limit holds."
    )
    types: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$")], ...] = Field(
        (), description="Media types allowed, in place of the installation's own list."
    )
    allow_unscanned_download: bool = Field(
        True,
        description="Whether customers may fetch files no scanner has looked at. With a scanner"
        " at work they get clean ones only, whatever stands here.",
    )


class Retention(Part):
    """For how long things are kept. What is left out is kept until somebody removes it."""

    closed_tickets_days: Days | None = Field(None, description="After a ticket was closed.")
    by_type_days: dict[str, Days] = Field(
        default_factory=dict, description="The same per type of ticket, by its key."
    )
    raw_mails_days: Days | None = Field(None, description="After a mail came in, as it came.")
    sign_ins_days: Days | None = Field(None, description="After a sign-in (S4-18).")
