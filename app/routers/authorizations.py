"""OAuth consent: what an app asks of the caller, the caller's answer, and what was allowed."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from app.domain.apps.authorizing import consent_request_for, decide
from app.domain.apps.consenting import disallow
from app.domain.apps.problems import AuthorizationNotFound, ConsentNotFound
from app.domain.apps.queries import own_consents
from app.domain.people.queries import person_for
from app.schemas.apps import (
    AllowedApps,
    Authorization,
    AuthorizationAnswered,
    AuthorizationDecision,
)
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute
from app.web.shapes import apps as shapes

router = APIRouter(prefix="/v1", tags=["apps"], route_class=UnitOfWorkRoute)
RequestPath = Annotated[
    str, Path(max_length=100, description="The parameter `request` of the consent page's address.")
]


@router.get(
    "/authorizations/{authorization}",
    response_model=Authorization,
    responses=problems(AuthorizationNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def get_authorization(
    request: Request, session: Session, actor: Caller, authorization: RequestPath
) -> Any:
    """What an app asks the caller to allow, for the page that `/oauth2/authorize` leads to. Needs
    no permission."""
    asked = await consent_request_for(session, actor, authorization)
    person = await person_for(session, actor, actor.person)
    return shapes.authorization(asked, person, request.state.language)


@router.post(
    "/authorizations/{authorization}/decision",
    response_model=AuthorizationAnswered,
    responses=problems(AuthorizationNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def decide_authorization(
    request: Request,
    session: Session,
    actor: Caller,
    authorization: RequestPath,
    body: AuthorizationDecision,
) -> Any:
    """Allow an app to act for the caller, or refuse; this can be answered once. Needs no
    permission."""
    issuer = request.app.state.settings.base_url
    redirect_to = await decide(session, actor, authorization, allow=body.allow, issuer=issuer)
    return AuthorizationAnswered(redirect_to=redirect_to)


@router.get("/me/apps", response_model=AllowedApps, openapi_extra=traits(Trait.IN_PERSON))
async def list_my_apps(request: Request, session: Session, actor: Caller) -> Any:
    """The apps that the caller allows to act for them, and what they may do. Needs no
    permission."""
    return AllowedApps(
        items=[
            shapes.allowed(consent, app, request.state.language)
            for consent, app in await own_consents(session, actor)
        ]
    )


@router.delete(
    "/me/apps/{app}",
    status_code=204,
    responses=problems(ConsentNotFound),
    openapi_extra=traits(Trait.IN_PERSON),
)
async def disallow_my_app(
    session: Session,
    actor: Caller,
    app: Annotated[str, Path(max_length=60, description="Id of the app.")],
) -> None:
    """Withdraw the consent for an app: its sessions and tokens for the caller end at once. Needs no
    permission."""
    await disallow(session, actor, app)
