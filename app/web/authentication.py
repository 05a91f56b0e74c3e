"""Who calls: a bearer token, an API key or the session cookie, and what a browser must add to the
last."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.tenancy import (
    ByApp,
    ByAttempt,
    ByPortal,
    ByRegistration,
    BySecret,
    ByToken,
    Wall,
    entered,
    stand_behind,
)
from app.domain.api_keys.actions import note_first_use
from app.domain.api_keys.lifecycle import BEGINNING, environment_of, well_formed
from app.domain.federation.access_tokens import looks_like_one
from app.domain.federation.authentication_request import origins_of
from app.domain.federation.bearers import note_day
from app.domain.sign_in.guesses import network_of
from app.domain.sign_in.tokens import Origin
from app.domain.tenants.problems import PortalNotFound
from app.domain.tenants.queries import definition_of
from app.kernel import clock
from app.kernel.ids import parse_id
from app.kernel.problems import Problem
from app.kernel.secrets import fingerprint
from app.web import directory_tokens
from app.web.credentials import COOKIE
from app.web.declare import Trait
from app.web.problems import (
    CrossSiteRefused,
    PasswordChangeRequired,
    SecondFactorRequired,
    TermsAcceptanceRequired,
    Unauthenticated,
)

#: What a browser cannot send to another site without asking first.
CUSTOM_HEADER = "x-skranke-request"
PortalPath = Annotated[str, Path(max_length=60, description="Slug.", examples=["crm-service"])]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Where they are (RFC 6903, 4).
_TERMS = {"Link": '</v1/me/terms>; rel="terms-of-service"'}
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="skranke"'}


async def authenticate(
    request: Request, session: AsyncSession, traits: frozenset[Trait] = frozenset()
) -> Actor:
    """Begin the transaction as the caller: one call finds him, sets the wall and tells what he
    owes. `traits` are those of the route, which may be open nevertheless.

    Raises `Unauthenticated`, `CrossSiteRefused`, `PasswordChangeRequired`, `SecondFactorRequired`
    or `TermsAcceptanceRequired`, the first that applies."""
    row = await _row(request, session)
    actor = Actor.from_row(row)
    await _refuse_other_portals(request, session, actor)
    if row["first_use"]:
        await _note_first_use(request, session, actor)
    if actor.must_change_password and Trait.PASSWORD_DUE not in traits:
        raise PasswordChangeRequired
    if actor.must_add_factor and Trait.FACTOR_DUE not in traits:
        raise SecondFactorRequired
    if actor.must_accept_terms and Trait.TERMS_DUE not in traits:
        raise TermsAcceptanceRequired(headers=_TERMS)
    return actor


async def _row(request: Request, session: AsyncSession) -> Any:
    token = _bearer_token(request)
    if token is not None and looks_like_one(token):
        return await directory_tokens.enter(request, session, token)
    stand_behind(session, _wall(request, token))
    _ = await session.connection()
    row = entered(session)
    if row is None:
        raise Unauthenticated(headers=_CHALLENGE)
    return row


async def _note_first_use(request: Request, session: AsyncSession, actor: Actor) -> None:
    if actor.identity_id is not None:
        await note_day(session, actor, origin_of(request))
    else:
        await note_first_use(session, actor, origin_of(request).network)


def _bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def _wall(request: Request, token: str | None) -> Wall:
    if token is not None:
        return _by_bearer(request, token)
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise Unauthenticated(headers=_CHALLENGE)
    # A form of a page of ours has shown where it comes from (`web/pages/route.py`).
    if request.method not in _SAFE and not getattr(request.state, "from_our_page", False):
        _refuse_other_sites(request)
    return ByToken("cookie", fingerprint(cookie), clock.now())


def _by_bearer(request: Request, token: str) -> Wall:
    """Raises `Unauthenticated` for a mistyped API key, or one of another kind of installation,
    without asking the database."""
    if not token.startswith(BEGINNING):
        return ByToken("access", fingerprint(token), clock.now())
    if not well_formed(token, environment_of(request.app.state.settings.environment)):
        raise Unauthenticated(headers=_CHALLENGE)
    return ByToken("key", fingerprint(token), clock.now(), origin_of(request).network)


def _refuse_other_sites(request: Request) -> None:
    settings = request.app.state.settings
    allowed = {_origin(settings.base_url), *settings.allowed_origins}
    origin = request.headers.get("origin")
    if CUSTOM_HEADER not in request.headers or (origin is not None and origin not in allowed):
        raise CrossSiteRefused
    if origin is None and request.headers.get("sec-fetch-site", "none") not in {
        "none",
        "same-origin",
    }:
        raise CrossSiteRefused


async def _refuse_other_portals(request: Request, session: AsyncSession, actor: Actor) -> None:
    """Raise `CrossSiteRefused` when a page of another portal calls with a session of this one:
    frontends on one site with the API are sent each other's cookies, and belong to several
    tenants."""
    origin = request.headers.get("origin")
    if (
        origin is None
        or _bearer_token(request) is not None
        or getattr(request.state, "from_our_page", False)
        or origin == _origin(request.app.state.settings.base_url)
    ):
        return
    if origin not in origins_of(await definition_of(session, actor)):
        raise CrossSiteRefused


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


# Coroutines, though they wait for nothing: the framework sends a plain function to another thread.
async def session_of(request: Request) -> AsyncSession:
    """The unit of work's session; see `web/route.py`."""
    session: AsyncSession = request.state.session
    return session


async def actor_of(request: Request) -> Actor:
    """The caller, whom the route class has found."""
    actor: Actor = request.state.actor
    return actor


async def portal_system(request: Request, portal: PortalPath) -> Actor:
    """On a public route: the system of the tenant whose portal the path names."""
    if "\0" in portal:  # which PostgreSQL cannot even be asked about
        raise PortalNotFound
    return await _system(await session_of(request), ByPortal(portal), PortalNotFound)


async def attempt_system(session: AsyncSession, state: str, refused: type[Problem]) -> Actor:
    """On a public route: the system of the tenant that sent somebody to a provider with this
    state; else `refused`."""
    return await _system(session, ByAttempt(fingerprint(state)), refused)


async def secret_system(session: AsyncSession, secret: str, refused: type[Problem]) -> Actor:
    """On a public route: the system of the tenant that issued a secret; raises `refused` for
    none."""
    return await _system(session, BySecret(fingerprint(secret)), refused)


async def registration_system(session: AsyncSession, secret: str, refused: type[Problem]) -> Actor:
    """On a public route: the system of the tenant that mailed somebody a secret to confirm his
    address; else `refused`."""
    return await _system(session, ByRegistration(fingerprint(secret)), refused)


async def _system(session: AsyncSession, wall: Wall, refused: Problem | type[Problem]) -> Actor:
    stand_behind(session, wall)
    _ = await session.connection()
    row = entered(session)
    if row is None:
        raise refused
    return Actor.system(UUID(row["tenant"]), row["definition_version"])


async def app_system(session: AsyncSession, client_id: str, refused: Problem) -> Actor:
    """On a public route: the system of the tenant that an app is registered with; else
    `refused`."""
    app_id = parse_id(client_id)
    if app_id is None:
        raise refused
    return await _system(session, ByApp(app_id), refused)


def origin_of(request: Request) -> Origin:
    """Where a request came from, for counting guesses and for the list of sessions."""
    host = request.client.host if request.client else None
    return Origin(network=network_of(host), device=request.headers.get("user-agent"))


def set_cookie(response: Response, value: str, expires_at: datetime) -> None:
    """Set the session cookie: unreadable for scripts, other sites and plain http."""
    response.set_cookie(
        COOKIE, value, expires=expires_at, path="/", secure=True, httponly=True, samesite="lax"
    )


def end_cookie(response: Response) -> None:
    """Delete the session cookie."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


Session = Annotated[AsyncSession, Depends(session_of)]
Caller = Annotated[Actor, Depends(actor_of)]
PortalSystem = Annotated[Actor, Depends(portal_system)]
