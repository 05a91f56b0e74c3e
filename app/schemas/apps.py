"""Apps (OAuth clients), and what people allow them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, StringConstraints

from app.schemas.api_keys import Scope
from app.schemas.base import Cursor, Input, Moment, Name, PageLimit, PersonReference, Shape, absent

AppKind = Literal["public", "confidential"]
_Uri = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
_Uris = Annotated[list[_Uri], Field(max_length=20)]
_Scopes = Annotated[list[Scope], Field(max_length=60)]
_REDIRECTS = (
    "Where the browser returns to the app: https addresses, or a loopback address with any port,"
    " such as `http://[::1]/back`; for public apps also private schemes, such as"
    " `com.example.app:/back`."
)


class AppShape(Shape):
    """An app (OAuth client) that can act for people who allow it."""

    id: UUID = Field(description="Its `client_id`.")
    name: str
    kind: AppKind = Field(
        description="`public`: runs on people's own devices and has no secret. `confidential`:"
        " runs on a server and has one. Tolerate new values."
    )
    redirect_uris: list[str] = Field(description=_REDIRECTS)
    scopes: list[str] = Field(
        description="The permissions it may ask people for. Tolerate permissions you do not know."
    )
    origins: list[str] = Field(
        description="Origins of web pages that may call the token endpoint from a browser."
    )
    service_account: PersonReference | None = Field(
        description="The service account that a confidential app acts as by itself (grant"
        " `client_credentials`)."
    )
    introspects: bool = Field(
        description="Whether it may introspect the tokens of every app here: it is a resource"
        " server."
    )
    created_at: Moment
    updated_at: Moment


class AppRegistered(AppShape):
    """An app with its new secret. The secret is shown only in this answer."""

    client_secret: str | None = Field(
        description="Null for a public app. It is never shown again.",
        examples=["sks_5hHk1mWq0ZyTn8vRbXc2dLpEo7sGf4uJ6aIi9tKwMzQ"],
    )


class AppNew(Input):
    """An app to be registered."""

    name: Name = Field(examples=["Acme in your pocket"])
    kind: AppKind = Field(examples=["public"])
    redirect_uris: _Uris = Field(
        [], description=_REDIRECTS, examples=[["http://[::1]/back", "com.example.app:/back"]]
    )
    scopes: _Scopes = Field(examples=[["tickets:create", "tickets:read:own"]])
    origins: _Uris = Field(
        [],
        description="Origins of web pages that call the token endpoint from a browser.",
        examples=[["https://app.acme.example"]],
    )
    service_account: UUID | None = Field(
        None, description="For confidential apps: the service account it acts as by itself."
    )
    introspects: StrictBool = Field(
        False,
        description="For confidential apps: whether it may introspect the tokens of every app.",
    )


class AppChange(Input):
    """Changes to an app. Fields that are absent stay unchanged."""

    name: Name = absent()
    redirect_uris: _Uris = absent()
    scopes: _Scopes = absent()
    origins: _Uris = absent()
    introspects: StrictBool = absent()


class AppQuery(Input):
    """How the list of apps is sorted and paged."""

    sort: Literal["name", "-name", "created_at", "-created_at"] = Field(
        "name", description="A leading `-` sorts in descending order."
    )
    limit: PageLimit = 25
    cursor: Cursor = None


class ScopeInWords(Shape):
    """A permission, described in the caller's language."""

    key: str = Field(description="Tolerate permissions you do not know.")
    label: str


class AppReference(Shape):
    """An app by id and name."""

    id: UUID
    name: str


class Authorization(Shape):
    """What an app asks the caller to allow."""

    app: AppReference
    redirect_uri: str = Field(description="Where the browser is sent with the answer.")
    scopes: list[ScopeInWords] = Field(
        description="What would be allowed: of the permissions asked for, those the caller has."
    )
    person: PersonReference = Field(description="The caller, for whom the app would act.")
    allowed_before: bool = Field(
        description="Whether the caller has allowed all of this before. Ask again nonetheless"
        " when `redirect_uri` is not an https address: any program on the device could"
        " have asked."
    )
    expires_at: Moment


class AuthorizationDecision(Input):
    """The caller's answer to an app."""

    allow: StrictBool = Field(
        description="Whether the app may act for the caller.", examples=[True]
    )


class AuthorizationAnswered(Shape):
    """Where the browser continues."""

    redirect_to: str = Field(
        description="Send the browser to this address; the app waits for it there."
    )


class AllowedApp(Shape):
    """An app that may act for the caller."""

    app: AppReference
    scopes: list[ScopeInWords]
    allowed_at: Moment


class AllowedApps(Shape):
    """The apps that may act for the caller."""

    items: list[AllowedApp]


class TokenAnswer(Shape):
    """Tokens for an app (RFC 6749, 5.1)."""

    model_config = ConfigDict(json_schema_extra={"x-left-out": ["refresh_token"]})

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Lifetime of the access token in seconds.")
    refresh_token: str | None = Field(
        description="Exchange it for new tokens. The previous refresh token stays valid until the"
        " new tokens are first used."
    )
    scope: str = Field(description="The permissions that were granted, separated by spaces.")


class TokenError(Shape):
    """A refusal (RFC 6749, 5.2)."""

    error: str
    error_description: str


_OF_A_GOOD_TOKEN = ("scope", "client_id", "sub", "token_type", "iat", "exp", "iss")


class Introspection(Shape):
    """What a token is good for (RFC 7662, 2.2). For a token that is not valid there is only
    `active`."""

    model_config = ConfigDict(json_schema_extra={"x-left-out": list(_OF_A_GOOD_TOKEN)})

    active: bool
    scope: str | None = None
    client_id: UUID | None = None
    sub: UUID | None = None
    token_type: Literal["Bearer"] | None = None
    iat: int | None = None
    exp: int | None = None
    iss: str | None = None


class ServerMetadata(Shape):
    """Our authorization server, for programs (RFC 8414)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    service_documentation: str
    ui_locales_supported: list[str]
