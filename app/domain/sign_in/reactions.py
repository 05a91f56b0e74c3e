"""What signing in does when something happened elsewhere."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.tokens import end_sessions_of
from app.journal import Recorded


async def end_sessions_of_leaver(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """Somebody was deactivated: everything he is signed in with ends at once."""
    if event.subject_id is not None:
        await end_sessions_of(session, system, event.subject_id, reason="deactivated")
