"""Access tokens of a portal's directory as bearer tokens (RFC 6750): believed first, entered then.

Such a token names no tenant of ours, so the request names the portal. What a portal takes is kept
by the process and held against the version of the definition that entering answers: one round
trip, as for a token of our own.
"""

from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.tenancy import AsSystem, ByDirectory, ByPortal, entered, stand_behind
from app.domain.federation.access_tokens import Bearer, RoleMissing, ScopeMissing, audience_of
from app.domain.federation.bearers import accepted, bearer_of
from app.domain.federation.id_tokens import TokenRefused
from app.domain.federation.problems import ProviderOutOfReach
from app.domain.tenants.queries import definition_of
from app.gateways.openid import ProviderUnavailable
from app.kernel import clock
from app.kernel.logging import logger
from app.kernel.problems import Unavailable
from app.web.problems import DirectoryRoleMissing, DirectoryScopeMissing, Unauthenticated

log = logger("directory_tokens")
PORTAL = "x-skranke-portal"
_MOST_KEPT = 1000
_INVALID = {
    "WWW-Authenticate": 'Bearer realm="skranke", error="invalid_token",'
    ' error_description="not taken at the portal that X-Skranke-Portal names"'
}
_INSUFFICIENT = {"WWW-Authenticate": 'Bearer realm="skranke", error="insufficient_scope"'}


class Portals:
    """The tenant and the definition of each portal, as this process last saw them."""

    def __init__(self) -> None:
        self._kept: dict[str, Actor] = {}

    def knows(self, portal: str) -> bool:
        """Whether a portal was seen already."""
        return portal in self._kept

    def forget(self, portal: str) -> None:
        """Look anew the next time."""
        self._kept.pop(portal, None)

    async def system_of(self, session: AsyncSession, portal: str) -> Actor | None:
        """The system of a portal's tenant."""
        if portal not in self._kept:
            stand_behind(session, ByPortal(portal))
            _ = await session.connection()
            row = entered(session)
            if row is None:
                return None
            if len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[portal] = Actor.system(UUID(row["tenant"]), row["definition_version"])
        return self._kept[portal]


async def enter(request: Request, session: AsyncSession, token: str) -> Any:
    """Begin the transaction as whom a directory's access token names, or as the service account
    that a program is bound to; answers the row.

    Raises `Unauthenticated`, `DirectoryScopeMissing`, `DirectoryRoleMissing`, `Unavailable`."""
    portal = request.headers.get(PORTAL, "")
    portals: Portals = request.app.state.portals
    for once_more in (True, False):
        remembered = portals.knows(portal)
        try:
            system = await _system(session, portals, portal)
            row = await _entered(request, session, system, portal, token)
            if row["definition_version"] == system.definition_version:
                return row
        except (Unauthenticated, DirectoryRoleMissing, DirectoryScopeMissing, Unavailable):
            # Perhaps by a definition that has another version by now.
            if not (remembered and once_more):
                raise
        portals.forget(portal)
        await session.rollback()
    raise Unavailable(headers={"Retry-After": "1"})


async def _system(session: AsyncSession, portals: Portals, portal: str) -> Actor:
    named = portal and "\0" not in portal
    system = await portals.system_of(session, portal) if named else None
    if system is None:
        raise Unauthenticated(headers=_INVALID)
    return system


async def _entered(
    request: Request, session: AsyncSession, system: Actor, portal: str, token: str
) -> Any:
    try:
        audience = audience_of(token)
        bearer = await _believed(request, session, system, audience, token)
    except TokenRefused as error:
        log.info("access_token_refused", portal=portal, reason=error.reason)
        raise Unauthenticated(headers=_INVALID) from error
    named = (bearer.issuer, bearer.subject, bearer.client)
    stand_behind(session, ByDirectory(portal, audience, *named, clock.now()))
    _ = await session.connection()
    row = entered(session)
    if row is None:
        unknown = "program-unknown" if bearer.client else "identity-unknown"
        log.info("access_token_refused", portal=portal, reason=unknown)
        raise Unauthenticated(headers=_INVALID)
    return row


async def _believed(
    request: Request, session: AsyncSession, system: Actor, audience: str, token: str
) -> Bearer:
    stand_behind(session, AsSystem(system.tenant_id))
    accepts = accepted(await definition_of(session, system), audience)
    # No connection waits for a directory whose keys are not at hand.
    await session.rollback()
    if accepts is None:
        raise TokenRefused("audience")
    try:
        return await bearer_of(request.app.state.providers, accepts, token)
    except ScopeMissing as error:
        raise DirectoryScopeMissing(
            scope=accepts.access.scope,
            headers={
                "WWW-Authenticate": 'Bearer realm="skranke", error="insufficient_scope",'
                f' scope="{accepts.access.scope}"'
            },
        ) from error
    except RoleMissing as error:
        raise DirectoryRoleMissing(role=error.role, headers=_INSUFFICIENT) from error
    except (ProviderUnavailable, ProviderOutOfReach) as error:
        raise Unavailable(headers={"Retry-After": "30"}) from error
