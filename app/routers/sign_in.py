"""Signing in step by step, links from mails, and the current session."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.actions import sign_out_url_of
from app.domain.invitations.terms import terms_due_of
from app.domain.sign_in import actions as sign_in
from app.domain.sign_in import password_changes
from app.domain.sign_in.links import look_at_link, purpose_of
from app.domain.sign_in.passwords import LEAST
from app.domain.sign_in.problems import (
    LinkOfNoUse,
    LocalSignInClosed,
    PasswordTooEasy,
    PasswordTooLong,
    PasswordTooShort,
    RefreshRefused,
    SignInRefused,
    TooManyAttempts,
)
from app.domain.sign_in.second_step import Challenge, SignInResult
from app.domain.tenants.problems import PortalNotFound
from app.domain.tenants.queries import slug_of
from app.schemas.base import PersonReference
from app.schemas.sign_in import (
    LinkInfo,
    NewPassword,
    PasswordReset,
    Refresh,
    SignIn,
    SignInState,
    State,
)
from app.web.authentication import (
    Caller,
    PortalSystem,
    Session,
    end_cookie,
    origin_of,
    secret_system,
    set_cookie,
)
from app.web.credentials import COOKIE
from app.web.declare import WHATEVER_IS_DUE, Trait, problems, traits
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1", tags=["sign-in"], route_class=UnitOfWorkRoute)
_SIGNED_OUT: dict[int | str, dict[str, Any]] = {
    204: {
        "description": "Signed out.",
        "headers": {"Link": {"$ref": "#/components/headers/Link"}},
    }
}
LinkPath = Annotated[str, Path(max_length=200, description="The secret of the link.")]


@router.post(
    "/portals/{portal}/sessions",  # noqa: FAST003 (PortalSystem takes it)
    status_code=201,
    response_model=SignInState,
    responses=problems(PortalNotFound, LocalSignInClosed, SignInRefused, TooManyAttempts),
    openapi_extra=traits(Trait.PUBLIC, Trait.SETS_COOKIE, Trait.TRIES_PASSWORD),
)
async def start_session(
    request: Request,
    response: Response,
    session: Session,
    system: PortalSystem,
    body: SignIn,
) -> Any:
    """Sign in with e-mail address and password. Known and unknown addresses get the same answers;
    after several wrong passwords the next attempt has to wait. When a second factor is needed, the
    answer has a challenge instead of a session."""
    result = await sign_in.sign_in(
        session,
        system,
        email=body.email,
        password=body.password,
        delivery=body.delivery,
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return await state_of(response, session, system, result)


@router.post(
    "/sessions/refresh",
    response_model=SignInState,
    responses=problems(RefreshRefused),
    openapi_extra=traits(Trait.PUBLIC),
)
async def refresh_session(response: Response, session: Session, body: Refresh) -> Any:
    """New tokens in exchange for a refresh token. The old one stays valid until the new ones are
    first used, so that a lost answer signs nobody out; when it is used after that, the session
    ends."""
    system = await secret_system(session, body.refresh_token, RefreshRefused)
    result = await sign_in.refresh(session, system, token=body.refresh_token)
    return await state_of(response, session, system, result)


@router.delete(
    "/sessions/current",
    status_code=204,
    responses=_SIGNED_OUT,
    openapi_extra=traits(Trait.IN_PERSON, *WHATEVER_IS_DUE, Trait.SETS_COOKIE),
)
async def end_session(
    request: Request, response: Response, session: Session, actor: Caller
) -> None:
    """Sign out: the session and its tokens end. When a provider vouched for the session, `Link:
    <…>; rel="end-session"` is where the browser can sign out there too (OpenID Connect RP-Initiated
    Logout 1.0). Needs no permission."""
    elsewhere = await sign_out_url_of(session, actor, actor.session_id)
    if elsewhere:
        response.headers["Link"] = f'<{elsewhere}>; rel="end-session"'
    await sign_in.sign_out(session, actor)
    if COOKIE in request.cookies:
        end_cookie(response)


@router.post(
    "/portals/{portal}/password-resets",  # noqa: FAST003 (PortalSystem takes it)
    status_code=202,
    response_class=Response,
    responses=problems(PortalNotFound, TooManyAttempts),
    openapi_extra=traits(Trait.PUBLIC),
)
async def ask_for_password_reset(
    request: Request,
    session: Session,
    system: PortalSystem,
    body: PasswordReset,
) -> Response:
    """Ask for a link to set a new password to be mailed. The answer is the same whether or not
    somebody has the address (S2-4, S3-10)."""
    await password_changes.ask_for_reset(
        session,
        system,
        email=body.email,
        origin=origin_of(request),
        attempts_per_minute=request.app.state.settings.sign_ins_per_minute,
    )
    return Response(status_code=202)


@router.get(
    "/password-resets/{token}",
    response_model=LinkInfo,
    responses=problems(LinkOfNoUse),
    openapi_extra=traits(Trait.PUBLIC),
)
async def get_password_reset(session: Session, token: LinkPath) -> Any:
    """What a link from a mail is for. Reading does not use the link up."""
    system = await secret_system(session, token, LinkOfNoUse)
    link = await look_at_link(session, system, token)
    return LinkInfo(
        purpose=purpose_of(link),
        portal=await slug_of(session, system),
        expires_at=link.expires_at,
        password_min_length=LEAST,
    )


@router.post(
    "/password-resets/{token}",
    status_code=204,
    responses=problems(LinkOfNoUse, PasswordTooShort, PasswordTooLong, PasswordTooEasy),
    openapi_extra=traits(Trait.PUBLIC, Trait.TRIES_PASSWORD),
)
async def set_password_by_link(
    request: Request, session: Session, token: LinkPath, body: NewPassword
) -> None:
    """Set a password with a link from a mail. The link is used up, and all sessions of the person
    end. An activation link opens the portal."""
    system = await secret_system(session, token, LinkOfNoUse)
    await password_changes.set_password_by_link(
        session, system, token=token, password=body.password, origin=origin_of(request)
    )


async def state_of(
    response: Response, session: AsyncSession, actor: Actor, result: SignInResult | Challenge
) -> SignInState:
    """A sign-in as it is answered; the cookie, where one was asked for, is set."""
    person = PersonReference(id=result.person.id, name=result.person.name)
    if isinstance(result, Challenge):
        return SignInState(
            state=result.step,
            person=person,
            challenge=result.secret,
            challenge_expires_at=result.expires_at,
            ways=["totp", "recovery_code"] if result.step == "second_factor_required" else ["totp"],
        )
    tokens = result.tokens
    if tokens.cookie:
        set_cookie(response, tokens.cookie, tokens.expires_at)
    state: State = "signed_in"
    if result.must_change_password:
        state = "password_change_required"
    elif await terms_due_of(session, actor, result.person.id):
        state = "terms_acceptance_required"
    return SignInState(
        state=state,
        person=person,
        access_token=tokens.access,
        token_type="Bearer" if tokens.access else None,
        expires_in=tokens.access_seconds if tokens.access else None,
        refresh_token=tokens.refresh,
        session_expires_at=tokens.expires_at,
        recovery_codes=list(result.recovery_codes) or None,
    )
