"""Timers that are due: each in a transaction of its own, deleted as it is done."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.system import system_of
from app.database.tenancy import AsSystem, Nowhere
from app.jobs.workbench import OnTime, Workbench
from app.kernel import clock
from app.kernel.logging import logger
from app.models.journal import Timer

_DUE = text("SELECT tenant_id, id FROM wall.due_timers(:moment, :most)")
_AT_ONCE = 100
log = logger("jobs")


async def ring_due(bench: Workbench, actions: Mapping[str, OnTime]) -> int:
    """Do what is due now; answers how many timers were seen to (none where other workers have
    them in hand). One that fails tries again later, waiting twice as long each time (at most an
    hour)."""
    async with bench.database.transaction(Nowhere()) as session:
        due = (await session.execute(_DUE, {"moment": clock.now(), "most": _AT_ONCE})).all()
    seen_to = 0
    for tenant_id, timer_id in due:
        try:
            async with bench.database.transaction(AsSystem(tenant_id)) as session:
                seen_to += await _ring(session, tenant_id, timer_id, actions)
        except Exception:
            log.exception("timer_failed", timer=str(timer_id), tenant=str(tenant_id))
            async with bench.database.transaction(AsSystem(tenant_id)) as session:
                await _put_off(session, tenant_id, timer_id)
            seen_to += 1
    return seen_to


async def _ring(
    session: AsyncSession, tenant_id: UUID, timer_id: UUID, actions: Mapping[str, OnTime]
) -> bool:
    timer = await _locked(session, tenant_id, timer_id)
    if timer is None or timer.due_at > clock.now():
        return False
    actor = await system_of(session, tenant_id)
    await session.delete(timer)
    await session.flush()
    await actions[timer.name](session, actor, timer.subject_id)
    return True


async def _put_off(session: AsyncSession, tenant_id: UUID, timer_id: UUID) -> None:
    timer = await _locked(session, tenant_id, timer_id)
    if timer is not None:
        timer.attempts += 1
        timer.due_at = clock.now() + min(
            timedelta(seconds=15) * 2 ** min(timer.attempts, 10), timedelta(hours=1)
        )


async def _locked(session: AsyncSession, tenant_id: UUID, timer_id: UUID) -> Timer | None:
    found: Timer | None = await session.scalar(
        select(Timer)
        .where(Timer.tenant_id == tenant_id, Timer.id == timer_id)
        .with_for_update(skip_locked=True)
    )
    return found
