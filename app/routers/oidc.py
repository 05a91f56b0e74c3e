"""Signing in with an account at a provider (OpenID Connect): to the provider and back."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import RedirectResponse

from app.domain.federation.actions import sign_out_there
from app.domain.federation.authentication_request import begin_authentication, look_up
from app.domain.federation.callback import read_callback, read_logout_token, take_attempt
from app.domain.federation.problems import (
    AccessEnded,
    IdentityNotProven,
    IdentityTaken,
    InvitationNeeded,
    InvitationOpen,
    LogoutTokenRefused,
    ProviderNotFound,
    ProviderOutOfReach,
    ReturnAddressRefused,
    SignInDeclined,
    SignInNotYours,
)
from app.domain.invitations.callback import finish
from app.domain.sign_in.guesses import limit_rate
from app.domain.sign_in.problems import TooManyAttempts
from app.domain.tenants.problems import PortalNotFound
from app.kernel.problems import Problem
from app.web.authentication import (
    PortalSystem,
    Session,
    attempt_system,
    origin_of,
    set_cookie,
)
from app.web.declare import Trait, problems, traits
from app.web.failed_sign_in import answer_failed_sign_in
from app.web.oidc_cookie import forget_attempt, keep_attempt, secret_of_attempt
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1", tags=["sign-in"], route_class=UnitOfWorkRoute)
ProviderPath = Annotated[
    str, Path(max_length=60, description="Key of the provider.", examples=["microsoft"])
]
_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["logout_token"],
                "properties": {"logout_token": {"type": "string", "maxLength": 20_000}},
            }
        }
    },
}
_FOUND = 302
_REDIRECT: dict[int | str, dict[str, Any]] = {302: {"description": "Redirect."}}


@router.get(
    "/portals/{portal}/oidc/{provider}/start",  # noqa: FAST003 (PortalSystem takes it)
    status_code=302,
    response_class=Response,
    responses=_REDIRECT
    | problems(
        PortalNotFound, ProviderNotFound, ReturnAddressRefused, ProviderOutOfReach, TooManyAttempts
    ),
    openapi_extra=traits(Trait.PUBLIC, Trait.SETS_COOKIE),
)
async def start_oidc(
    request: Request,
    session: Session,
    system: PortalSystem,
    provider: ProviderPath,
    return_to: Annotated[
        str | None,
        Query(
            max_length=2000, description="Where to return to: a path, or an address of the portal."
        ),
    ] = None,
    delivery: Annotated[  # noqa: ARG001 (there is one)
        Literal["cookie"], Query(description="How the session is delivered.")
    ] = "cookie",
) -> Response:
    """To be opened by a browser: redirects to a provider to sign in there (authorization code with
    PKCE). The browser returns to `return_to` with the session cookie, or with `error=<code>`."""
    settings = request.app.state.settings
    route = await look_up(
        session, system, request.app.state.providers, provider, return_to=return_to
    )
    bucket = f"network:{origin_of(request).network}"
    await limit_rate(session, system, bucket, most=settings.sign_ins_per_minute)
    outgoing = await begin_authentication(session, system, route, base_url=settings.base_url)
    response = RedirectResponse(outgoing.url, status_code=302)
    keep_attempt(response, outgoing)
    return response


@router.get(
    "/oidc/callback",
    status_code=302,
    response_class=Response,
    responses=_REDIRECT
    | problems(
        SignInNotYours,
        SignInDeclined,
        IdentityNotProven,
        InvitationNeeded,
        InvitationOpen,
        AccessEnded,
        IdentityTaken,
        ProviderNotFound,
        ProviderOutOfReach,
    ),
    openapi_extra=traits(Trait.PUBLIC, Trait.SETS_COOKIE, Trait.PROTOCOL),
)
async def finish_oidc(
    request: Request,
    session: Session,
    state: Annotated[
        str, Query(max_length=200, description="The state of the authentication request.")
    ] = "",
    code: Annotated[str, Query(max_length=5000, description="The authorization code.")] = "",
    iss: Annotated[str | None, Query(max_length=2000, description="Issuer (RFC 9207).")] = None,
    error: Annotated[
        str | None, Query(max_length=500, description="Error code (RFC 6749, 4.1.2.1).")
    ] = None,
    error_description: Annotated[str | None, Query(max_length=8000, description="Ignored.")] = None,  # noqa: ARG001
    session_state: Annotated[str | None, Query(max_length=8000, description="Ignored.")] = None,  # noqa: ARG001
) -> Response:
    """The redirect URI for all providers. Parameters that are not listed are ignored."""
    said = {
        name: value
        for name, value in {"code": code, "iss": iss, "error": error}.items()
        if value is not None
    }
    response = await _finish(request, session, state, said)
    if response.status_code == _FOUND:
        forget_attempt(response, state)
    return response


async def _finish(request: Request, session: Session, state: str, said: dict[str, str]) -> Response:
    settings = request.app.state.settings
    secret = secret_of_attempt(request, state)
    back: str | None = None
    try:
        if secret is None:
            raise SignInNotYours
        system = await attempt_system(session, state, SignInNotYours)
        attempt = await take_attempt(session, system, state=state, browser_secret=secret)
        back = attempt.return_to
        callback = await read_callback(
            session,
            system,
            request.app.state.providers,
            attempt,
            said=said,
            browser_secret=secret,
            base_url=settings.base_url,
            secrets_dir=settings.secrets_dir,
        )
        tokens = await finish(session, system, callback, origin=origin_of(request))
    except Problem as problem:
        if not problem.keeps_writes:
            await session.rollback()
        return answer_failed_sign_in(request, problem, back)
    response = RedirectResponse(back, status_code=302)
    if tokens and tokens.cookie:
        set_cookie(response, tokens.cookie, tokens.expires_at)
    return response


@router.post(
    "/portals/{portal}/oidc/{provider}/logout",  # noqa: FAST003 (PortalSystem takes it)
    status_code=204,
    responses=problems(PortalNotFound, ProviderNotFound, LogoutTokenRefused, ProviderOutOfReach),
    openapi_extra={**traits(Trait.PUBLIC, Trait.PROTOCOL), "requestBody": _FORM},
)
async def end_sessions_by_provider(
    request: Request, session: Session, system: PortalSystem, provider: ProviderPath
) -> None:
    """A provider calls this when somebody has signed out there (OpenID Connect Back-Channel Logout
    1.0): the sessions that it vouched for end here too. A logout token is accepted once."""
    try:
        form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
    except ValueError as error:
        raise LogoutTokenRefused from error
    token = form.get("logout_token", [""])[0]
    demand = await read_logout_token(session, system, request.app.state.providers, provider, token)
    await sign_out_there(session, system, provider, demand)
