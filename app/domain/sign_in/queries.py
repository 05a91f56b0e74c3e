"""Every look at sessions."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.problems import SessionNotFound
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.auth import SignedInSession

_MOST = 100


def _own(actor: Actor) -> Select[tuple[SignedInSession]]:
    return select(SignedInSession).where(
        SignedInSession.tenant_id == actor.tenant_id,
        SignedInSession.person_id == actor.person,
        SignedInSession.ended_at.is_(None),
        SignedInSession.expires_at > clock.now(),
    )


async def own_sessions(session: AsyncSession, actor: Actor) -> Sequence[SignedInSession]:
    """Where the actor is signed in, the latest used first (at most a hundred)."""
    statement = _own(actor).order_by(SignedInSession.last_used_at.desc(), SignedInSession.id)
    return (await session.scalars(statement.limit(_MOST))).all()


async def own_session_for(session: AsyncSession, actor: Actor, reference: str) -> SignedInSession:
    """One of the actor's own sessions. Raises `SessionNotFound`."""
    session_id = parse_id(reference)
    found: SignedInSession | None = session_id and await session.scalar(
        _own(actor).where(SignedInSession.id == session_id)
    )
    if found is None:
        raise SessionNotFound
    return found
