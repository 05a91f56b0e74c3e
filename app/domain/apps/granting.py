"""Tokens for apps: for a code, a refresh token, or an app's own name (RFC 6749, 4.1.3, 6, 4.4).

Only where an app has proven itself (`proven_app`): a confidential one by its secret, a public one
by the verifier of its code or the refresh token it holds.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.apps.lifecycle import asked_scopes, verifies
from app.domain.apps.problems import (
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    UnauthorizedClient,
)
from app.domain.apps.queries import living_app
from app.domain.sign_in.actions import refresh
from app.domain.sign_in.problems import RefreshRefused
from app.domain.sign_in.queries import credential_of, person_held
from app.domain.sign_in.tokens import AppAccess, Origin, Tokens, end_session, start_session
from app.kernel import clock, ids
from app.kernel.secrets import fingerprint
from app.models.apps import App, AuthorizationRequest
from app.models.people import Person
from app.models.sign_in import SignedInSession

_NO_CODE = "the code is unknown, was used, has run out, or was given for something else"


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens, and what they carry."""

    tokens: Tokens
    scopes: Sequence[str]


async def proven_app(session: AsyncSession, system: Actor, app_id: str, secret: str | None) -> App:
    """The app that calls, authenticated by its secret if it has one. Raises `InvalidClient`."""
    parsed = ids.parse_id(app_id)
    app = await living_app(session, system, parsed) if parsed else None
    if app is None:
        raise InvalidClient("the client is unknown")
    if app.secret_fingerprint is None:
        if secret:
            raise InvalidClient("a public client has no secret")
        return app
    if not hmac.compare_digest(app.secret_fingerprint, fingerprint(secret or "")):
        raise InvalidClient("the client has not proven itself")
    return app


async def exchange_code(
    session: AsyncSession,
    system: Actor,
    app: App,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
    origin: Origin,
) -> Granted:
    """Exchange a code for tokens, once: for the app, the redirect URI and the PKCE verifier of its
    request. A code that is used again ends what it was exchanged for: one of the two who showed it
    has stolen it (RFC 9700, 4.5).

    Raises `InvalidGrant`."""
    request = await _request_of_code(session, system, app, code)
    proven = request.redirect_uri == redirect_uri and verifies(verifier, request.challenge)
    if not proven or request.code_expires_at is None or request.code_expires_at <= clock.now():
        raise InvalidGrant(_NO_CODE)
    person = await _who_allowed(session, system, request)
    scopes = [scope for scope in request.scopes if scope in app.scopes]
    tokens = await start_session(
        session,
        system,
        person,
        delivery="tokens",
        origin=origin,
        way="app",
        app=AppAccess(app.id, scopes),
        vouched_for=request.vouched_for,
    )
    request.exchanged_at = clock.now()
    request.session_id = tokens.session_id
    return Granted(tokens, scopes)


async def _request_of_code(
    session: AsyncSession, system: Actor, app: App, code: str
) -> AuthorizationRequest:
    """The request that a code answers, locked. A code that was used before is a stolen one: what
    it was exchanged for ends."""
    request: AuthorizationRequest | None = await session.scalar(
        select(AuthorizationRequest)
        .where(
            AuthorizationRequest.tenant_id == system.tenant_id,
            AuthorizationRequest.code_fingerprint == fingerprint(code),
            AuthorizationRequest.app_id == app.id,
        )
        .with_for_update()
    )
    if request is None:
        raise InvalidGrant(_NO_CODE)
    if request.exchanged_at is not None:
        await _end_stolen(session, system, request)
        raise InvalidGrant(_NO_CODE)
    return request


async def _who_allowed(
    session: AsyncSession, system: Actor, request: AuthorizationRequest
) -> Person:
    """The person who answered the request, if still active and with the same password."""
    person = await person_held(session, system, request.person_id or ids.new_id(), read=True)
    if person is None or person.state != "active":
        raise InvalidGrant(_NO_CODE)
    credential = await credential_of(session, system, person.id)
    if credential and request.decided_at and credential.changed_at > request.decided_at:
        raise InvalidGrant(_NO_CODE)
    return person


async def _end_stolen(session: AsyncSession, system: Actor, request: AuthorizationRequest) -> None:
    held = await session.get(SignedInSession, (system.tenant_id, request.session_id))
    if held is not None:
        await end_session(session, system, held, reason="code-used-again")


async def go_on(
    session: AsyncSession, system: Actor, app: App, *, refresh_token: str, scope: str | None
) -> Granted:
    """Exchange a refresh token of this app for new tokens; the previous token stays valid until
    they are first used, and its use after that ends the session. Raises `InvalidGrant`,
    `InvalidScope`."""
    if scope is not None and asked_scopes(scope, app.scopes) is None:
        raise InvalidScope("the app is not registered for all of these scopes")
    try:
        result = await refresh(session, system, token=refresh_token, app_id=app.id)
    except RefreshRefused as error:
        raise InvalidGrant("the refresh token is of no use any more") from error
    held = await session.get(SignedInSession, (system.tenant_id, result.tokens.session_id))
    granted = list(held.scopes or ()) if held else []
    if scope is not None and asked_scopes(scope, granted) is None:
        raise InvalidScope("more than was granted")
    return Granted(result.tokens, [each for each in granted if each in app.scopes])


async def for_itself(
    session: AsyncSession, system: Actor, app: App, *, scope: str | None, origin: Origin
) -> Granted:
    """An access token with which an app acts as its service account, and no refresh token: it asks
    again. Raises `UnauthorizedClient`, `InvalidScope`, `InvalidGrant`."""
    if app.person_id is None:
        raise UnauthorizedClient("the client has no service account to act as")
    scopes = asked_scopes(scope, app.scopes)
    if scopes is None:
        raise InvalidScope("the app is not registered for all of these scopes")
    person = await person_held(session, system, app.person_id, read=True)
    if person is None or person.state != "active":
        raise InvalidGrant("the service account is not active")
    tokens = await start_session(
        session,
        system,
        person,
        delivery="tokens",
        origin=origin,
        way="client_credentials",
        app=AppAccess(app.id, scopes, renewed=False),
    )
    return Granted(tokens, scopes)
