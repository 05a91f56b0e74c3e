"""Withdrawing the consent for an app."""

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.apps.events import AppDisallowed
from app.domain.apps.problems import ConsentNotFound
from app.domain.sign_in.tokens import end_sessions_through
from app.journal import record
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.apps import AppConsent, AuthorizationRequest


async def disallow(session: AsyncSession, actor: Actor, reference: str) -> None:
    """Withdraw the actor's consent for an app: its sessions for the actor end at once, and a code
    that was not exchanged yet expires. Raises `ConsentNotFound`."""
    app_id = parse_id(reference)
    if app_id is None:
        raise ConsentNotFound
    async with as_system(session, actor) as system:
        gone = await session.scalar(
            delete(AppConsent)
            .where(
                AppConsent.tenant_id == actor.tenant_id,
                AppConsent.person_id == actor.person,
                AppConsent.app_id == app_id,
            )
            .returning(AppConsent.app_id),
            execution_options={"synchronize_session": False},
        )
        if gone is None:
            raise ConsentNotFound
        await session.execute(
            update(AuthorizationRequest)
            .where(
                AuthorizationRequest.tenant_id == actor.tenant_id,
                AuthorizationRequest.person_id == actor.person,
                AuthorizationRequest.app_id == app_id,
            )
            .values(code_expires_at=clock.now()),
            execution_options={"synchronize_session": False},
        )
        await end_sessions_through(
            session, system, app_id, person_id=actor.person, reason="app-disallowed"
        )
    await record(
        session, actor, AppDisallowed(subject_id=actor.person, app=app_id, reason="taken-back")
    )
