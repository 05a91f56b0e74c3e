"""What signing in does when something happened elsewhere."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.links import void_links_of
from app.domain.sign_in.tokens import end_sessions_of
from app.journal import Recorded


async def end_sessions_of_leaver(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `person.deactivated`: end all sessions, and invalidate the links that were mailed, for
    good."""
    if event.subject_id is not None:
        await end_sessions_of(session, system, event.subject_id, reason="deactivated")
        await void_links_of(session, system, event.subject_id)


async def void_links_to_old_address(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `person.changed` with another address: links mailed to the old one no longer work."""
    if event.subject_id is not None and "email" in event.data.get("changed", ()):
        await void_links_of(session, system, event.subject_id)
