"""Timers: what is to be done later, set in the transaction that makes it necessary.

They are polled with the application's own time as a parameter, because a queue that compares with
the database's `now()` cannot be tested with a clock that is set. A timer that rings locks, checks
whether it is still due, else does nothing; see `app/jobs/timers.py`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.kernel import ids
from app.models.journal import Timer


async def set_timer(
    session: AsyncSession, actor: Actor, name: str, subject_id: UUID, due_at: datetime
) -> None:
    """Do `name` (a key of `app/reactions.py`'s timers) about `subject_id` at `due_at`.

    One timer per name and subject: setting it again moves it."""
    await session.execute(
        insert(Timer)
        .values(
            tenant_id=actor.tenant_id,
            id=ids.new_id(),
            name=name,
            subject_id=subject_id,
            due_at=due_at,
            attempts=0,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "name", "subject_id"],
            set_={"due_at": due_at, "attempts": 0},
        )
    )


async def cancel_timer(session: AsyncSession, actor: Actor, name: str, subject_id: UUID) -> None:
    """Delete a timer; nothing happens where there is none.

    One that is ringing just now is left alone: it holds its row and may wait for what this
    transaction has locked. It checks again before it does anything."""
    quiet = (
        select(Timer.id)
        .where(
            Timer.tenant_id == actor.tenant_id,
            Timer.name == name,
            Timer.subject_id == subject_id,
        )
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        delete(Timer)
        .where(Timer.tenant_id == actor.tenant_id, Timer.id.in_(quiet))
        .execution_options(synchronize_session=False)
    )
