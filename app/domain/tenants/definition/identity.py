"""Who else may say who somebody is: OpenID providers, and the terms people accept.

No secret stands here, only the name of one: the installation keeps it, under the portal's own slug.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.tenants.definition.base import Address, Keyed, Line, Named, OwnLabels, Part, Texts

#: https, or http on this machine (which the installation must allow besides).
_ISSUER = r"^(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost)(:\d{1,5})?)(/[^\s?#]*)?$"
Issuer = Annotated[str, StringConstraints(pattern=_ISSUER, max_length=500)]
Origin = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost)(:\d{1,5})?)$", max_length=300
    ),
]
LinkTemplate = Annotated[
    str,
    StringConstraints(pattern=r"^https://[^\s/?#@{}]+/[^\s{}]*\{token\}[^\s{}]*$", max_length=500),
]
SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,39}$")]
Directory = Annotated[
    str,
    StringConstraints(
        to_lower=True, pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
    ),
]
#: As RFC 6749 (3.3) has it.
ScopeName = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,120}$")]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[!-~]+$")]


class _Provider(Keyed):
    """What every provider has."""

    enabled: bool = Field(True, description="Whether it is offered.")
    labels: OwnLabels = Field(
        default_factory=dict,
        description="What its button says, per language; without it `Sign in with Microsoft` or"
        " `Sign in with Google`.",
    )
    client_id: ClientId = Field(description="What the provider knows this portal as.")
    client_secret: SecretName | None = Field(
        None,
        description="Name of the secret, never the secret: with `microsoft` and the portal"
        " `skill`, the variable SKRANKE_SECRET__SKILL__MICROSOFT or the file skill/microsoft in"
        " SKRANKE_SECRETS_DIR. Without it the portal is a public client.",
    )
    after_sign_out: Address | None = Field(
        None,
        description="Where the provider sends people after they signed out there too; it must"
        " know this address.",
    )

    @property
    def offered(self) -> bool:
        """Whether people sign in with it."""
        return self.enabled and not self.retired


class Programs(Part):
    """Programs that call by themselves (client credentials): each as the service account that an
    administrator has bound it to, and none besides."""

    role: ScopeName | None = Field(
        None, description="App role of the API that a program must have (`roles`)."
    )
    permissions: tuple[str, ...] = Field(
        min_length=1,
        max_length=100,
        description="The most that such a token carries of the rights of its service account; each"
        " program is bound with as many of them as it needs.",
    )


class AccessTokens(Part):
    """Access tokens that the directory gives out for this portal's API, taken as they are."""

    audience: Directory = Field(
        description="Application id of the API in the directory: what its tokens are for (`aud`)."
    )
    scope: ScopeName = Field(
        "access_as_user", description="Scope of the API that a token must have (`scp`)."
    )
    role: ScopeName | None = Field(
        None, description="App role of the API that its person must have besides (`roles`)."
    )
    clients: tuple[Directory, ...] = Field(
        (),
        max_length=100,
        description="Application ids of those who may call for people (`azp`); no other may.",
    )
    permissions: tuple[str, ...] = Field(
        (),
        max_length=100,
        description="What a person's token carries of his rights, as an app's scopes do.",
    )
    programs: Programs | None = Field(
        None,
        description="Whether programs may call by themselves, without a person; without it only"
        " people's tokens are taken.",
    )


class OfDirectory(_Provider):
    """A directory of Microsoft's."""

    access_tokens: AccessTokens | None = Field(
        None,
        description="Whether programs of people may call with access tokens of the directory;"
        " without it they sign in here.",
    )


class Entra(OfDirectory):
    """Microsoft Entra ID, one directory: its members and its guests."""

    kind: Literal["entra"]
    directory: Directory = Field(description="Id of the directory (its tenant id).")
    authority: Issuer = Field(
        "https://login.microsoftonline.com", description="Other in national clouds."
    )
    invites_guests: bool = Field(
        False,
        description="Whether an invitation makes a guest of the directory through Microsoft Graph"
        " (User.Invite.All and User.Read.All of the application). Guests who are removed there"
        " lose access here.",
    )
    graph: Issuer = Field("https://graph.microsoft.com", description="Other in national clouds.")


class EntraMulti(OfDirectory):
    """Microsoft Entra ID, several directories, those that are named."""

    kind: Literal["entra_multi"]
    directories: tuple[Directory, ...] = Field(
        min_length=1, max_length=1000, description="Ids of the directories; no other is let in."
    )
    personal_accounts: bool = Field(
        False, description="Whether personal Microsoft accounts may be used."
    )
    authority: Issuer = Field(
        "https://login.microsoftonline.com", description="Other in national clouds."
    )


class EntraExternalId(OfDirectory):
    """Microsoft Entra External ID: a directory for customers."""

    kind: Literal["entra_external_id"]
    directory: Directory = Field(description="Id of the directory (its tenant id).")
    authority: Issuer = Field(description="Like https://acme.ciamlogin.com.")
    issuer: Issuer | None = Field(
        None, description="Without it https://{directory}.ciamlogin.com/{directory}/v2.0."
    )


class Google(_Provider):
    """Google accounts."""

    kind: Literal["google"]
    issuer: Issuer = Field("https://accounts.google.com", description="Google's own.")


class OpenId(_Provider):
    """Any other provider of OpenID Connect that says where everything is (discovery)."""

    kind: Literal["oidc"]
    issuer: Issuer = Field(
        description="As the provider's own discovery document has it, to the letter."
    )


Provider = Annotated[
    Entra | EntraMulti | EntraExternalId | Google | OpenId, Field(discriminator="kind")
]


class TermsStep(Named):
    """One thing people say yes to (S0-4); its name says what, in a few words."""

    text: Texts = Field(default_factory=dict, description="What is agreed to, in full.")
    url: Address | None = Field(None, description="Where it can be read.")


class Terms(Part):
    """What people accept before they are let in, and once more when it has changed."""

    version: Line = Field(description="Another word for each version, like 2026-11.")
    steps: tuple[TermsStep, ...] = Field(
        min_length=1, max_length=20, description="All of them must be accepted."
    )

    @property
    def asked(self) -> tuple[TermsStep, ...]:
        """The steps people are asked to accept."""
        return tuple(step for step in self.steps if not step.retired)
