"""The OAuth 2 authorization server, for apps (RFC 6749 and its companions)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from app.access.actor import Actor
from app.access.permissions import NEVER_DELEGATED, PERMISSIONS
from app.domain.apps.authorizing import AuthorizationRequestInvalid, keep_request
from app.domain.apps.granting import Granted, exchange_code, for_itself, go_on, proven_app
from app.domain.apps.inspecting import inspect, revoke
from app.domain.apps.problems import (
    AppUnknown,
    InvalidClient,
    RedirectNotRegistered,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from app.domain.federation.lifecycle import with_query
from app.domain.tenants.queries import definition_of
from app.kernel.locale import LANGUAGES
from app.kernel.problems import ProtocolRefusal
from app.models.apps import App
from app.schemas.apps import Introspection, ServerMetadata, TokenAnswer, TokenError
from app.web.authentication import Session, app_system, origin_of
from app.web.client_authentication import ClientCall, client_call
from app.web.declare import Trait, problems, traits
from app.web.pages.addresses import consent_address
from app.web.problems import BodyTooLarge, TooManyRequests
from app.web.route import UnitOfWorkRoute

router = APIRouter(tags=["authorization-server"], route_class=UnitOfWorkRoute)
_BEARER: Any = "Bearer"
_PROTOCOL = traits(Trait.PUBLIC, Trait.PROTOCOL)
_CLIENT = {"client_id": "Unless it is sent in the header.", "client_secret": "Likewise."}
_A_TOKEN = {"token": "The token.", "token_type_hint": "Ignored."}
_SENT_ON: dict[int | str, dict[str, Any]] = {
    302: {"description": "To the consent page, or back to the app with an error."}
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "Refused; `error` says why (RFC 6749, 5.2)."},
    401: {
        "model": TokenError,
        "description": "The client could not be authenticated.",
        "headers": {"WWW-Authenticate": {"$ref": "#/components/headers/WWW-Authenticate"}},
    },
    **problems(BodyTooLarge, TooManyRequests),
}


def _form(fields: Mapping[str, str]) -> dict[str, Any]:
    """What an endpoint takes, for the document; it ignores what it does not know."""
    properties = {
        name: {"type": "string", "maxLength": 4096, "description": said}
        for name, said in {**fields, **_CLIENT}.items()
    }
    schema = {"type": "object", "properties": properties, "required": [next(iter(fields))]}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {**_PROTOCOL, "requestBody": {"required": True, "content": content}}


def _query(**fields: str) -> dict[str, Any]:
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": said,
            "schema": {"type": "string", "maxLength": 4096},
        }
        for name, said in fields.items()
    ]
    return {**_PROTOCOL, "parameters": parameters}


@router.get(
    "/.well-known/oauth-authorization-server",
    response_model=ServerMetadata,
    openapi_extra=_PROTOCOL,
)
async def get_authorization_server(request: Request) -> Any:
    """The metadata of the authorization server: its endpoints and what it supports (RFC 8414).
    There is one for the installation; the tenant follows from the client_id."""
    base = request.app.state.settings.base_url
    authentication = ["client_secret_basic", "client_secret_post"]
    return ServerMetadata(
        issuer=base,
        authorization_endpoint=f"{base}/oauth2/authorize",
        token_endpoint=f"{base}/oauth2/token",
        revocation_endpoint=f"{base}/oauth2/revoke",
        introspection_endpoint=f"{base}/oauth2/introspect",
        scopes_supported=sorted(PERMISSIONS.keys() - NEVER_DELEGATED),
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=["authorization_code", "refresh_token", "client_credentials"],
        token_endpoint_auth_methods_supported=["none", *authentication],
        revocation_endpoint_auth_methods_supported=["none", *authentication],
        introspection_endpoint_auth_methods_supported=authentication,
        code_challenge_methods_supported=["S256"],
        authorization_response_iss_parameter_supported=True,
        service_documentation=f"{base}/docs",
        ui_locales_supported=list(LANGUAGES),
    )


@router.get(
    "/oauth2/authorize",
    status_code=302,
    response_class=Response,
    responses=_SENT_ON | problems(AppUnknown, RedirectNotRegistered, TooManyRequests),
    openapi_extra=_query(
        response_type="`code`.",
        client_id="Id of the app.",
        redirect_uri="Exactly one of those registered; on a loopback address with any port.",
        scope="Permissions, separated by spaces; when absent, all that the app is registered for.",
        state="Returned unchanged.",
        code_challenge="S256 of the code_verifier (RFC 7636); required of every app.",
        code_challenge_method="`S256`.",
    ),
)
async def authorize(request: Request, session: Session) -> Any:
    """An app sends a browser here to be allowed to act for its user (RFC 6749, 4.1; RFC 9700).
    Errors are sent back to the app once its client_id and redirect_uri are verified; before that
    they are shown here."""
    pairs = request.query_params.multi_items()
    sent = dict(pairs)
    repeated = frozenset(name for name in sent if sum(name == each for each, _ in pairs) > 1)
    app_id = "" if "client_id" in repeated else sent.get("client_id", "")
    if any("\0" in text for pair in pairs for text in pair):
        raise AppUnknown
    issuer = request.app.state.settings.base_url
    system = await app_system(session, app_id, AppUnknown())
    try:
        secret = await keep_request(session, system, app_id, sent, repeated, issuer=issuer)
    except AuthorizationRequestInvalid as wrong:
        return RedirectResponse(wrong.redirect_to, status_code=302)
    definition = await definition_of(session, system)
    own = f"{issuer}{consent_address(definition.portal.slug, secret)}"
    page = definition.sign_in.consent_page
    there = with_query(page, request=secret) if page else own
    return RedirectResponse(there, status_code=302)


@router.post(
    "/oauth2/token",
    response_model=TokenAnswer,
    response_model_exclude_none=True,
    responses=_REFUSED,
    openapi_extra=_form(
        {
            "grant_type": "`authorization_code`, `refresh_token` or `client_credentials`.",
            "code": "The authorization code.",
            "redirect_uri": "The same as in the authorization request.",
            "code_verifier": "The verifier that code_challenge was computed from.",
            "refresh_token": "A refresh token.",
            "scope": "Permissions, separated by spaces.",
        }
    ),
)
async def issue_token(request: Request, response: Response, session: Session) -> Any:
    """Tokens in exchange for a code or a refresh token, or for the app itself (RFC 6749, 4.1.3, 6,
    4.4). An access token lives ten minutes; the previous refresh token stays valid until the new
    tokens are first used."""
    call = await client_call(request)
    system, app = await _client(request, session, call)
    readable = _readable_by(request, app)
    try:
        granted = await _granted(request, session, system, app, call)
    except ProtocolRefusal as refused:
        refused.headers.update(readable)
        raise
    response.headers.update(readable)
    tokens = granted.tokens
    return TokenAnswer(
        access_token=str(tokens.access),
        token_type=_BEARER,
        expires_in=tokens.access_seconds,
        refresh_token=tokens.refresh,
        scope=" ".join(granted.scopes),
    )


async def _granted(
    request: Request, session: AsyncSession, system: Actor, app: App, call: ClientCall
) -> Granted:
    match call.needed("grant_type"):
        case "authorization_code":
            return await exchange_code(
                session,
                system,
                app,
                code=call.needed("code"),
                redirect_uri=call.needed("redirect_uri"),
                verifier=call.needed("code_verifier"),
                origin=origin_of(request),
            )
        case "refresh_token":
            token, scope = call.needed("refresh_token"), call.fields.get("scope")
            return await go_on(session, system, app, refresh_token=token, scope=scope)
        case "client_credentials":
            scope = call.fields.get("scope")
            return await for_itself(session, system, app, scope=scope, origin=origin_of(request))
        case _:
            raise UnsupportedGrantType("see grant_types_supported")


@router.post(
    "/oauth2/revoke",
    status_code=200,
    response_class=Response,
    responses=_REFUSED,
    openapi_extra=_form(_A_TOKEN),
)
async def revoke_token(request: Request, session: Session) -> Response:
    """Revoke one of the app's tokens, and the session it belongs to (RFC 7009). The answer is the
    same whether the token existed or not."""
    call = await client_call(request)
    system, app = await _client(request, session, call)
    await revoke(session, system, app, call.needed("token"))
    return Response(status_code=200, headers=_readable_by(request, app))


@router.post(
    "/oauth2/introspect",
    response_model=Introspection,
    response_model_exclude_none=True,
    responses=_REFUSED,
    openapi_extra=_form(_A_TOKEN),
)
async def introspect_token(request: Request, session: Session) -> Any:
    """What a token is good for (RFC 7662): for the confidential app that holds it, and for apps
    that are registered as resource servers."""
    call = await client_call(request)
    system, app = await _client(request, session, call)
    if app.kind != "confidential":
        raise UnauthorizedClient("only a confidential client may introspect")
    found = await inspect(session, system, app, call.needed("token"))
    if found is None:
        return Introspection(active=False)
    return Introspection(
        active=True,
        scope=" ".join(found.scopes),
        client_id=found.app_id,
        sub=found.person_id,
        token_type=_BEARER if found.kind == "access" else None,
        iat=int(found.issued_at.timestamp()),
        exp=int(found.expires_at.timestamp()),
        iss=request.app.state.settings.base_url,
    )


async def _client(request: Request, session: AsyncSession, call: ClientCall) -> tuple[Actor, App]:
    system = await app_system(session, call.client_id, InvalidClient("the client is unknown"))
    app = await proven_app(session, system, call.client_id, call.secret)
    request.state.proven_app = app.kind == "confidential"
    return system, app


def _readable_by(request: Request, app: App) -> dict[str, str]:
    """CORS: a page of an app's own origin may read the answer, and no other."""
    origin = request.headers.get("origin")
    if app.kind != "public" or origin not in app.origins:
        return {}
    return {"Access-Control-Allow-Origin": str(origin), "Vary": "Origin"}
