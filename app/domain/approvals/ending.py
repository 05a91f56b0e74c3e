"""How an approval ends, whatever ends it: once, by compare-and-set, with its gate and timers."""

from typing import Literal

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
    """Bring a pending approval to its end and let go of the ticket.

    Raises `AlreadyDecided` where somebody else has ended it."""
    async with as_system(session, actor) as system:
        ended = await session.scalar(
            update(Approval)
            .where(
                Approval.tenant_id == system.tenant_id,
                Approval.id == approval.id,
                Approval.state == "pending",
            )
            .values(
                state=state,
                decision=decision,
                cancelled_because=because,
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
        for timer in (REMIND, PRESUME):
            await cancel_timer(session, system, timer, approval.id)
        heir = await session.scalar(
            select(Approval.id)
            .where(
                Approval.tenant_id == system.tenant_id,
                Approval.ticket_id == approval.ticket_id,
                Approval.state == "pending",
                Approval.gate.is_(True),
            )
            .order_by(Approval.id)
            .limit(1)
        )
    await gating.release(session, actor, ticket, approval.id, heir=heir)
