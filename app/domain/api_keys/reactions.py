"""What API keys do when something happened elsewhere."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.api_keys.actions import revoke_keys_of
from app.journal import Recorded


async def revoke_keys_of_leaver(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """Somebody was deactivated: his keys are of no use any more, should he come back too."""
    if event.subject_id is not None:
        await revoke_keys_of(session, system, event.subject_id, reason="owner-deactivated")
