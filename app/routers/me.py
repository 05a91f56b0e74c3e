"""The caller: profile, permissions, password and sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.api_keys.queries import key_in_use
from app.domain.apps.queries import names_of
from app.domain.federation.queries import own_identity_for
from app.domain.people.actions import change_oneself
from app.domain.people.queries import profile_of
from app.domain.sign_in import actions as sign_in
from app.domain.sign_in.password_changes import change_password as change
from app.domain.sign_in.problems import (
    PasswordTooEasy,
    PasswordTooLong,
    PasswordTooShort,
    PasswordUnchanged,
    PasswordWrong,
    SessionNotFound,
    TooManyAttempts,
)
from app.domain.sign_in.queries import own_session_for, own_sessions
from app.domain.tenants.queries import slug_of
from app.routers.sign_in import state_of
from app.schemas.people import ActingThrough, Oneself, OneselfChange
from app.schemas.sign_in import OwnSession, OwnSessions, PasswordChange, SignInState
from app.web import etag
from app.web.authentication import Caller, Session, origin_of
from app.web.declare import WHATEVER_IS_DUE, Trait, problems, traits
from app.web.etag import RequiredVersion
from app.web.route import UnitOfWorkRoute
from app.web.shapes import people as shapes

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=UnitOfWorkRoute)


@router.get("", response_model=Oneself, openapi_extra=traits(Trait.TAGGED, *WHATEVER_IS_DUE))
async def get_me(request: Request, session: Session, actor: Caller) -> Any:
    """The caller's profile, and what the caller may do. Needs no permission."""
    return await _shown(request, session, actor)


@router.patch(
    "",
    response_model=Oneself,
    openapi_extra=traits(Trait.IN_PERSON, Trait.TAGGED, Trait.VERSIONED),
)
async def change_me(
    request: Request,
    session: Session,
    actor: Caller,
    version: RequiredVersion,
    body: OneselfChange,
) -> Any:
    """Change one's own name, language, or whether one gets mails about tickets (S1-31). Needs no
    permission."""
    changes = body.given("name", "language", "muted")
    await change_oneself(session, actor, expected_version=version, changes=changes)
    return await _shown(request, session, actor)


@router.post(
    "/password",
    response_model=SignInState,
    responses=problems(
        PasswordWrong,
        PasswordTooShort,
        PasswordTooLong,
        PasswordTooEasy,
        PasswordUnchanged,
        TooManyAttempts,
    ),
    openapi_extra=traits(
        Trait.IN_PERSON, *WHATEVER_IS_DUE, Trait.SETS_COOKIE, Trait.TRIES_PASSWORD
    ),
)
async def change_password(
    request: Request, response: Response, session: Session, actor: Caller, body: PasswordChange
) -> Any:
    """Set a new password (S4-7). All of the caller's sessions end; the answer contains a new
    session, delivered as the current one was. Needs no permission."""
    result = await change(
        session, actor, present=body.present, new=body.password, origin=origin_of(request)
    )
    return await state_of(response, session, actor, result)


@router.get(
    "/sessions", response_model=OwnSessions, openapi_extra=traits(Trait.IN_PERSON, Trait.TERMS_DUE)
)
async def list_my_sessions(session: Session, actor: Caller) -> Any:
    """The caller's sessions, including those of apps, most recently used first. Needs no
    permission."""
    held_sessions = await own_sessions(session, actor)
    names = await names_of(session, actor, [each.app_id for each in held_sessions if each.app_id])
    return OwnSessions(
        items=[
            OwnSession.model_validate(
                {
                    "id": held.id,
                    "current": held.id == actor.session_id,
                    "app": {"id": held.app_id, "name": names[held.app_id]} if held.app_id else None,
                    "delivery": held.delivery,
                    "device": held.device,
                    "network": held.network,
                    "created_at": held.created_at,
                    "last_used_at": held.last_used_at,
                    "expires_at": held.expires_at,
                }
            )
            for held in held_sessions
        ]
    )


@router.delete("/sessions", status_code=204, openapi_extra=traits(Trait.IN_PERSON, Trait.TERMS_DUE))
async def end_my_other_sessions(session: Session, actor: Caller) -> None:
    """End all other sessions of the caller, including those of apps; the current one stays. Needs
    no permission."""
    await sign_in.sign_out_elsewhere(session, actor)


@router.delete(
    "/sessions/{own_session}",
    status_code=204,
    responses=problems(SessionNotFound),
    openapi_extra=traits(Trait.IN_PERSON, Trait.TERMS_DUE),
)
async def end_my_session(
    session: Session,
    actor: Caller,
    own_session: Annotated[str, Path(max_length=60, description="Id of the session.")],
) -> None:
    """End one of the caller's sessions. Needs no permission."""
    held = await own_session_for(session, actor, own_session)
    await sign_in.sign_out(session, actor, held.id)


async def _shown(request: Request, session: Session, actor: Caller) -> Any:
    profile = await profile_of(session, actor, actor.person)
    etag.set_version(request, profile.person.version)
    portal = await slug_of(session, actor)
    return shapes.oneself(actor, profile, portal, await _through(session, actor))


async def _through(session: AsyncSession, actor: Actor) -> ActingThrough | None:
    if actor.app_id is not None:
        names = await names_of(session, actor, [actor.app_id])
        return ActingThrough(
            kind="app",
            id=actor.app_id,
            name=names[actor.app_id],
            scopes=sorted(actor.scopes or ()),
            organization=None,
        )
    if actor.identity_id is not None:
        return await _directory(session, actor, actor.identity_id)
    if actor.api_key_id is None:
        return None
    key = await key_in_use(session, actor, actor.api_key_id)
    return ActingThrough(
        kind="api_key",
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        organization=key.organization_id,
    )


async def _directory(session: AsyncSession, actor: Actor, identity_id: UUID) -> ActingThrough:
    held = await own_identity_for(session, actor, str(identity_id))
    return ActingThrough(
        kind="directory",
        id=held.id,
        name=(held.client_id and held.account) or held.provider,
        scopes=sorted(actor.scopes or ()),
        organization=None,
    )
