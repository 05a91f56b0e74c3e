"""The caller's linked accounts at providers, and the caller's acceptance of the portal's terms."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from app.access.require import SignInAgain
from app.domain.federation.actions import unlink
from app.domain.federation.authentication_request import begin_linking, look_up
from app.domain.federation.problems import (
    IdentityNotFound,
    LastWayIn,
    ProviderNotFound,
    ProviderOutOfReach,
    ReturnAddressRefused,
    SignInNotYours,
)
from app.domain.federation.providers import label_of
from app.domain.federation.queries import identities_of
from app.domain.invitations.problems import TermsChanged, TermsNotAccepted
from app.domain.invitations.terms import accept_terms, terms_due
from app.domain.sign_in.problems import PasswordNeeded, PasswordWrong, TooManyAttempts
from app.domain.tenants.queries import definition_of
from app.routers.oidc import ProviderPath
from app.schemas.invitations import (
    Identities,
    IdentityRemoval,
    IdentityShape,
    LinkStart,
    LinkStarted,
    OwnTerms,
    TermsAcceptance,
)
from app.web.authentication import Caller, Session, origin_of
from app.web.declare import Trait, problems, traits
from app.web.oidc_cookie import keep_attempt
from app.web.route import UnitOfWorkRoute
from app.web.shapes import invitations as shapes

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=UnitOfWorkRoute)


@router.get("/identities", response_model=Identities, openapi_extra=traits(Trait.IN_PERSON))
async def list_my_identities(session: Session, actor: Caller) -> Any:
    """The accounts at providers that the caller can sign in with. Needs no permission."""
    definition = await definition_of(session, actor)
    labels = {provider.key: label_of(provider) for provider in definition.sign_in.providers}
    return Identities(
        items=[
            IdentityShape(
                id=held.id,
                provider=held.provider,
                label=labels.get(held.provider, held.provider),
                account=held.account,
                created_at=held.created_at,
                last_used_at=held.last_used_at,
            )
            for held in await identities_of(session, actor, actor.person)
        ]
    )


@router.post(
    "/identities/{provider}/start",
    response_model=LinkStarted,
    responses=problems(
        ProviderNotFound,
        ProviderOutOfReach,
        ReturnAddressRefused,
        SignInNotYours,
        PasswordNeeded,
        PasswordWrong,
        TooManyAttempts,
        SignInAgain,
    ),
    openapi_extra=traits(Trait.SETS_COOKIE, Trait.IN_PERSON),
)
async def add_my_identity(
    request: Request,
    response: Response,
    session: Session,
    actor: Caller,
    provider: ProviderPath,
    body: LinkStart,
) -> Any:
    """Link an account at a provider: send this browser to `continue_at`; once it returns, the
    caller can sign in with that account. Only within a session, which must last until then. Needs
    no permission, but the password; people without a password must have signed in within the last
    minutes."""
    state = request.app.state
    route = await look_up(session, actor, state.providers, provider, return_to=body.return_to)
    async with state.password_turns.one():  # not before, as the provider may be slow
        outgoing = await begin_linking(
            session,
            actor,
            route,
            password=body.password,
            origin=origin_of(request),
            base_url=state.settings.base_url,
        )
    keep_attempt(response, outgoing)
    return LinkStarted(continue_at=outgoing.url)


@router.post(
    "/identities/{identity}/removal",
    status_code=204,
    responses=problems(
        IdentityNotFound,
        LastWayIn,
        PasswordNeeded,
        PasswordWrong,
        TooManyAttempts,
        SignInAgain,
    ),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TRIES_PASSWORD),
)
async def remove_my_identity(
    request: Request,
    session: Session,
    actor: Caller,
    identity: Annotated[str, Path(max_length=60, description="Id of the account.")],
    body: IdentityRemoval,
) -> None:
    """Remove a linked account; the sessions it signed in end. Needs no permission, but the
    password; people without a password must have signed in within the last minutes."""
    await unlink(session, actor, identity, password=body.password, origin=origin_of(request))


@router.get(
    "/terms", response_model=OwnTerms, openapi_extra=traits(Trait.IN_PERSON, Trait.TERMS_DUE)
)
async def get_my_terms(session: Session, actor: Caller) -> Any:
    """The portal's terms, if the caller has yet to accept them in their current version. Needs no
    permission."""
    return OwnTerms(due=shapes.terms(await terms_due(session, actor)))


@router.post(
    "/terms",
    response_model=OwnTerms,
    responses=problems(TermsChanged, TermsNotAccepted),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TERMS_DUE),
)
async def accept_my_terms(session: Session, actor: Caller, body: TermsAcceptance) -> Any:
    """Accept the current version of the portal's terms, with every step (S0-4). Needs no
    permission."""
    await accept_terms(session, actor, version=body.version, accepted=body.accepted)
    return OwnTerms(due=shapes.terms(await terms_due(session, actor)))
