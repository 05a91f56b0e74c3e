"""How an approval ends, whatever ends it: once, with its timers and its gate on the ticket."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.approvals.lifecycle import PRESUME, REMIND
from app.domain.approvals.problems import AlreadyDecided
from app.domain.tickets import gating
from app.journal import cancel_timer
from app.kernel import clock
from app.models.approvals import Approval
from app.models.tickets import Ticket


async def end(
    session: AsyncSession,
    actor: Actor,
    approval: Approval,
    ticket: Ticket,
    *,
    state: Literal["granted", "refused", "cancelled"],
    decision: str | None = None,
    because: str | None = None,
) -> None:
    """End a pending approval, cancel its timers and open its gate on the ticket.

    Raises `AlreadyDecided` where somebody else has ended it."""
    outcome = {"state": state, "decision": decision, "cancelled_because": because}
    async with as_system(session, actor) as system:
        await _end_pending(session, system, approval, outcome)
        for timer in (REMIND, PRESUME):
            await cancel_timer(session, system, timer, approval.id)
        heir = await _next_gate(session, system, approval.ticket_id)
    await gating.release(session, actor, ticket, approval.id, heir=heir)


async def _end_pending(
    session: AsyncSession, system: Actor, approval: Approval, outcome: Mapping[str, str | None]
) -> None:
    """One conditional UPDATE, so that of several who end it at the same moment one does."""
    ended = await session.scalar(
        update(Approval)
        .where(
            Approval.tenant_id == system.tenant_id,
            Approval.id == approval.id,
            Approval.state == "pending",
        )
        .values(
            **outcome,
            ended_at=clock.now(),
            remind_at=None,
            presumed_at=None,
            version=Approval.version + 1,
        )
        .returning(Approval.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        raise AlreadyDecided
    await session.refresh(approval)


async def _next_gate(session: AsyncSession, system: Actor, ticket_id: UUID) -> UUID | None:
    """Another pending approval that keeps the ticket from being closed, if there is one."""
    found: UUID | None = await session.scalar(
        select(Approval.id)
        .where(
            Approval.tenant_id == system.tenant_id,
            Approval.ticket_id == ticket_id,
            Approval.state == "pending",
            Approval.gate.is_(True),
        )
        .order_by(Approval.id)
        .limit(1)
    )
    return found
