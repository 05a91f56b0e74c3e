"""Introspecting and revoking tokens, as the apps that hold them (RFC 7662, RFC 7009)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.domain.apps.problems import UnauthorizedClient
from app.domain.people.actors import actor_for
from app.domain.sign_in.tokens import end_session
from app.kernel import clock
from app.kernel.secrets import fingerprint
from app.models.apps import App
from app.models.people import Person
from app.models.sign_in import SessionToken, SignedInSession


@dataclass(frozen=True, slots=True)
class TokenInSight:
    """A token that is good now: whose, of which app, what it carries."""

    kind: str
    app_id: UUID
    person_id: UUID
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime


async def inspect(
    session: AsyncSession, system: Actor, app: App, token: str
) -> TokenInSight | None:
    """What a token is good for; `None` for one that is not valid, or that this app may not see: it
    sees its own, and with `introspects` those of every app of the tenant.

    Raises `UnauthorizedClient` for a public app, which cannot be authenticated."""
    if app.kind != "confidential":
        raise UnauthorizedClient("only a confidential client may introspect")
    found = await _found(session, system, token)
    if found is None:
        return None
    held, of, holder, person = found
    mine = holder.id == app.id or app.introspects
    if not mine or held.succeeded_at is not None or not _alive(held, of, holder, person):
        return None
    standing = await actor_for(session, system, person)
    carried = set(of.scopes or ()) & set(holder.scopes) & standing.permissions
    return TokenInSight(
        kind=held.kind,
        app_id=holder.id,
        person_id=person.id,
        scopes=sorted(carried),
        issued_at=of.created_at,
        expires_at=held.expires_at,
    )


async def revoke(session: AsyncSession, system: Actor, app: App, token: str) -> None:
    """End the session of one of this app's tokens. Nothing happens for a token that is unknown or
    another app's: the answer does not tell them apart."""
    found = await _found(session, system, token)
    if found is not None and found[2].id == app.id:
        await end_session(session, system, found[1], reason="revoked-by-app")


async def _found(
    session: AsyncSession, system: Actor, token: str
) -> tuple[SessionToken, SignedInSession, App, Person] | None:
    row = (
        await session.execute(
            select(SessionToken, SignedInSession, App, Person)
            .join(SignedInSession, equal_in_tenant(SignedInSession.id, SessionToken.session_id))
            .join(App, equal_in_tenant(App.id, SignedInSession.app_id))
            .join(Person, equal_in_tenant(Person.id, SignedInSession.person_id))
            .where(
                SessionToken.tenant_id == system.tenant_id,
                SessionToken.fingerprint == fingerprint(token),
            )
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2], row[3])


def _alive(held: SessionToken, of: SignedInSession, app: App, person: Person) -> bool:
    """Whether the token opens anything now, by the rules of the database function `wall.enter`."""
    now = clock.now()
    return (
        held.expires_at > now
        and of.ended_at is None
        and of.expires_at > now
        and of.last_used_at + timedelta(seconds=of.idle_seconds) > now
        and app.removed_at is None
        and (not person.service or app.person_id == person.id)
        and person.state == "active"
    )
