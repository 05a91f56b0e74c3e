"""Apps, and what people let them do."""

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
    "Where the app is answered: https addresses, the loopback interface by its address, such as"
    " `http://[::1]/back`, with any port, and in public apps private schemes such as"
    " `com.example.app:/back`."
)


class AppShape(Shape):
    """An app that people may let act for them."""

    id: UUID = Field(description="Its `client_id`.")
    name: str
    kind: AppKind = Field(
        description="`public` runs on people's own devices and keeps no secret; `confidential` on a"
        " server. Tolerate new values."
    )
    redirect_uris: list[str] = Field(description=_REDIRECTS)
    scopes: list[str] = Field(
        description="The permissions it may ask for. Tolerate permissions you do not know."
    )
    origins: list[str] = Field(
        description="Web pages that may call the token endpoint from a browser, by origin."
    )
    service_account: PersonReference | None = Field(
        description="What a confidential app acts as by itself (client credentials)."
    )
    introspects: bool = Field(
        description="Whether it may look at the tokens of every app here: a server of resources."
    )
    created_at: Moment
    updated_at: Moment


class AppRegistered(AppShape):
    """An app with its new secret, which is shown this once."""

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
    origins: _Uris = Field([], examples=[["https://app.acme.example"]])
    service_account: UUID | None = None
    introspects: StrictBool = False


class AppChange(Input):
    """A change of an app. Absent is unchanged."""

    name: Name = absent()
    redirect_uris: _Uris = absent()
    scopes: _Scopes = absent()
    origins: _Uris = absent()
    introspects: StrictBool = absent()


class AppQuery(Input):
    """A list of apps."""

    sort: Literal["name", "-name", "created_at", "-created_at"] = "name"
    limit: PageLimit = 25
    cursor: Cursor | None = None


class ScopeInWords(Shape):
    """A permission, and what it lets its holder do, in the caller's language."""

    key: str = Field(description="Tolerate permissions you do not know.")
    label: str


class AppReference(Shape):
    """An app, by name."""

    id: UUID
    name: str


class Authorization(Shape):
    """What an app asks of the caller."""

    app: AppReference
    redirect_uri: str = Field(description="Where the answer goes.")
    scopes: list[ScopeInWords] = Field(
        description="What it would be allowed: of what it asks, what the caller has to give."
    )
    person: PersonReference = Field(description="For whom it would act: the caller.")
    allowed_before: bool = Field(
        description="Whether he has allowed it all of this before. Ask him again nonetheless where"
        " the answer does not go to an https address: any program could have asked."
    )
    expires_at: Moment


class AuthorizationDecision(Input):
    """An answer to an app."""

    allow: StrictBool = Field(examples=[True])


class AuthorizationAnswered(Shape):
    """Where to go on."""

    redirect_to: str = Field(description="Send the browser there: the app waits for it.")


class AllowedApp(Shape):
    """An app that one lets act for oneself."""

    app: AppReference
    scopes: list[ScopeInWords]
    allowed_at: Moment


class AllowedApps(Shape):
    """The apps one lets act for oneself."""

    items: list[AllowedApp]


class TokenAnswer(Shape):
    """Tokens for an app (RFC 6749, 5.1)."""

    model_config = ConfigDict(json_schema_extra={"x-left-out": ["refresh_token"]})

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds the access token lives.")
    refresh_token: str | None = Field(
        description="Good for new tokens; its predecessor stays good until they are first used."
    )
    scope: str = Field(description="What was granted, parted by spaces.")


class TokenError(Shape):
    """A refusal (RFC 6749, 5.2)."""

    error: str
    error_description: str


_OF_A_GOOD_TOKEN = ("scope", "client_id", "sub", "token_type", "iat", "exp", "iss")


class Introspection(Shape):
    """What a token is good for (RFC 7662, 2.2); of one that is good for nothing only `active`."""

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
