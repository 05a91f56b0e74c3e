"""The API's door: what it is made of, as a table of contents."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.database.session import Database
from app.domain.api_keys.queries import key_for
from app.domain.approvals.queries import approval_for
from app.domain.apps.queries import app_for
from app.domain.attachments.queries import attachment_for
from app.domain.entitlements.queries import entitlement_for
from app.domain.federation.programs import program_for
from app.domain.organizations.queries import organization_for
from app.domain.people.queries import person_for
from app.domain.registrations.queries import registration_for
from app.domain.tickets.queries import ticket_for
from app.gateways.openid import OpenIdProviders
from app.gateways.outgoing import Outgoing
from app.gateways.storage import open_storage
from app.kernel import clock
from app.kernel.secrets import Sealer, Signer, kept_key
from app.kernel.settings import Settings
from app.reactions import reactions
from app.routers import (
    access_report,
    api_keys,
    approvals,
    apps,
    assignments,
    attachments,
    authorizations,
    bulk,
    catalogue,
    changes,
    comments,
    consent_pages,
    dashboards,
    entitlements,
    factors,
    history,
    identities,
    invitation_pages,
    invitations,
    mail_link_pages,
    me,
    oauth2,
    oidc,
    organizations,
    organizations_by_reference,
    participants,
    password_pages,
    people,
    people_by_reference,
    portals,
    programs,
    registration_pages,
    registrations,
    service_levels,
    sign_in,
    sign_in_pages,
    substitutes,
    tickets,
    tickets_by_reference,
)
from app.web import health, openapi, problem_json, reference_page
from app.web.admission import Admission, Door
from app.web.correlation import Correlation
from app.web.directory_tokens import Portals
from app.web.fair_shares import FairShares, Tenants
from app.web.header_limit import HeaderLimit
from app.web.internal_errors import InternalErrors
from app.web.metrics import Metrics
from app.web.pages import style
from app.web.proxies import Proxies
from app.web.rate_limit import RateLimit
from app.web.response_headers import ResponseHeaders
from app.web.turns import Turns

#: What is asked for most stands first: the framework tries one route after the other.
ROUTERS = (
    tickets_by_reference,
    bulk,
    tickets,
    assignments,
    comments,
    dashboards,
    portals,
    sign_in,
    registrations,
    registration_pages,
    oidc,
    invitations,
    identities,
    me,
    factors,
    catalogue,
    attachments,
    participants,
    approvals,
    substitutes,
    service_levels,
    history,
    changes,
    people_by_reference,
    people,
    organizations_by_reference,
    organizations,
    entitlements,
    api_keys,
    programs,
    access_report,
    apps,
    authorizations,
    oauth2,
    sign_in_pages,
    password_pages,
    invitation_pages,
    consent_pages,
    mail_link_pages,
)
#: What a replayed answer may show only to those who still see it, by path parameter.
REPLAY_GUARDS = {
    "api_key": key_for,
    "app": app_for,
    "ticket": ticket_for,
    "organization": organization_for,
    "person": person_for,
    "entitlement": entitlement_for,
    "approval": approval_for,
    "registration": registration_for,
    "program": program_for,
    "attachment": partial(attachment_for, ticket_for=ticket_for),
}
#: Who tries a password stands in line for so many seconds, with so many others of a process.
_LONGEST_IN_LINE, _MOST_IN_LINE = 20.0, 1000
_EXPOSED = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"]


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. Nothing is connected before its lifespan begins."""
    app = FastAPI(
        title="Skranke",
        lifespan=_connected,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.replay_guards = REPLAY_GUARDS
    app.state.stopping = False
    app.state.tenants = Tenants()
    app.state.portals = Portals()
    app.state.shares = FairShares(
        places=settings.database_pool_size, share=settings.requests_at_once_of_tenant
    )
    app.state.door = Door(
        app.state.shares, app.state.tenants, app.state.metrics, Proxies(settings.trusted_proxies)
    )
    app.state.password_turns = Turns(
        at_once=_passwords_at_once(settings),
        longest=_LONGEST_IN_LINE,
        most_waiting=_MOST_IN_LINE,
    )
    for room in ROUTERS:
        # Not included, as the framework looks through what is included twice for each request.
        app.router.routes.extend(room.router.routes)
    problem_json.install(app)
    openapi.install(app)
    reference_page.install(app)
    style.install(app)
    health.install(app)
    _wrap(app, settings)
    return app


def _passwords_at_once(settings: Settings) -> int:
    """Half of a sign-in is Argon2, half is round trips: two keep a core busy. Never so many that
    others have less than half of the connections."""
    return max(1, min(2 * (os.cpu_count() or 1), settings.database_pool_size // 2))


def _wrap(app: FastAPI, settings: Settings) -> None:
    """Add the middleware, the innermost first."""
    app.add_middleware(InternalErrors)
    app.add_middleware(HeaderLimit)
    app.add_middleware(RateLimit, per_minute=settings.requests_per_minute)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[*_EXPOSED, "X-Request-Id", "Idempotent-Replayed"],
        )
    app.add_middleware(ResponseHeaders)
    app.add_middleware(InternalErrors)  # of the middleware between
    app.add_middleware(Correlation, metrics=app.state.metrics)
    app.add_middleware(Admission, door=app.state.door)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    if settings.database_url is None:
        raise RuntimeError("the API needs SKRANKE_DATABASE_URL")
    if settings.clock_file:
        clock.read_from(settings.clock_file)
    app.state.database = Database(
        settings.database_url,
        pool_size=settings.database_pool_size,
        name="api",
        info={"reactions": reactions()},
        prepared_statements=settings.database_prepared_statements,
    )
    app.state.metrics.watch(app.state.database.engine.pool)
    app.state.storage = open_storage(settings.storage_address)
    outgoing = Outgoing(loopback=settings.loopback_providers)
    app.state.providers = OpenIdProviders(outgoing)
    key = settings.secret_key or kept_key(settings.key_file)
    app.state.signer, app.state.sealer = Signer(key), Sealer(key)
    try:
        yield
    finally:
        app.state.stopping = True
        await outgoing.close()
        await app.state.database.close()
