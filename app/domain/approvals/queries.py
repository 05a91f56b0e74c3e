"""Every look at approvals. Fetching is checking: what comes back may be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.system import as_system
from app.database.asking import Question
from app.database.paging import AnySelect, Page, Position, SortKey, count, fetch_page
from app.domain.approvals import policy
from app.domain.approvals.problems import ApprovalNotFound
from app.domain.approvals.sights import ApprovalInSight, shown
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.kernel import clock
from app.kernel.ids import parse_id
from app.models.approvals import Approval

SORTS = {
    "asked_at": SortKey(Approval.asked_at, datetime),
    "due_at": SortKey(Approval.due_at, datetime, nullable=True),
    "ended_at": SortKey(Approval.ended_at, datetime, nullable=True),
}


# Built once, as every look at a ticket and every word on it asks these.
_ASKED = (
    Approval.tenant_id == bindparam("tenant"),
    Approval.ticket_id == bindparam("ticket"),
    Approval.state == "pending",
)
_PENDING_IDS = Question(select(Approval.id).where(*_ASKED).order_by(Approval.asked_at, Approval.id))
_PENDING = (
    select(Approval)
    .where(*_ASKED)
    .order_by(Approval.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """The filters of a list of approvals. `mine`: those in which the actor is asked; of pending
    ones, those that wait for the actor's answer."""

    state: Sequence[str] = ("pending",)
    mine: bool = True
    ticket_id: UUID | None = None


async def approval_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> ApprovalInSight:
    """The approval with this id; locked, and its ticket before it, where it is to be changed.

    Raises `ApprovalNotFound`, for those of tickets that the actor may not read too."""
    approval_id = parse_id(str(reference))
    if approval_id is None:
        raise ApprovalNotFound
    ticket_id = await session.scalar(
        select(Approval.ticket_id).where(
            Approval.tenant_id == actor.tenant_id, Approval.id == approval_id
        )
    )
    if ticket_id is None:
        raise ApprovalNotFound
    try:
        _ = await ticket_for(session, actor, ticket_id, lock=lock)
    except TicketNotFound as error:
        raise ApprovalNotFound from error
    if lock:
        # Whoever reads an approval may not lock it: only the system writes to it.
        async with as_system(session, actor) as system:
            _ = await locked(session, system, approval_id)
    found = await shown(session, actor, [approval_id])
    if not found:
        raise ApprovalNotFound
    return found[0]


async def locked(session: AsyncSession, system: Actor, approval_id: UUID) -> Approval | None:
    """An approval for the system to change, read afresh."""
    found: Approval | None = await session.scalar(
        select(Approval)
        .where(Approval.tenant_id == system.tenant_id, Approval.id == approval_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def lock_pending_approvals(
    session: AsyncSession, system: Actor, ticket_id: UUID
) -> Sequence[Approval]:
    """The pending approvals of a ticket, locked, in one order for all who lock."""
    found = await session.scalars(_PENDING, {"tenant": system.tenant_id, "ticket": ticket_id})
    return found.all()


async def has_pending_approvals(session: AsyncSession, actor: Actor, ticket_id: UUID) -> bool:
    """Whether a ticket that the actor may read has a pending approval."""
    asked = {"tenant": actor.tenant_id, "ticket": ticket_id}
    return bool(await _PENDING_IDS.rows(session, asked))


async def pending_approvals(
    session: AsyncSession, actor: Actor, ticket_id: UUID
) -> Sequence[ApprovalInSight]:
    """The pending approvals of a ticket that the actor may read."""
    asked = {"tenant": actor.tenant_id, "ticket": ticket_id}
    found = await _PENDING_IDS.rows(session, asked)
    return await shown(session, actor, [row.id for row in found])


async def approvals_page(
    session: AsyncSession,
    actor: Actor,
    narrowed: ApprovalFilter,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[ApprovalInSight]:
    """A page of the approvals that the actor may read."""

    def rows(hits: Subquery) -> AnySelect:
        return select(hits.c.id)

    page = await fetch_page(
        session,
        branches=_ways(actor, narrowed),
        source=Approval,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )
    return Page(await shown(session, actor, [row.id for row in page.rows]), page.next)


async def approvals_counted(session: AsyncSession, actor: Actor, narrowed: ApprovalFilter) -> int:
    """How many approvals such a list has in all."""
    return await count(session, branches=_ways(actor, narrowed), source=Approval)


def _ways(actor: Actor, narrowed: ApprovalFilter) -> list[ColumnElement[bool]]:
    always = [Approval.tenant_id == actor.tenant_id, Approval.state.in_(narrowed.state)]
    if narrowed.ticket_id is not None:
        always.append(Approval.ticket_id == narrowed.ticket_id)
    if narrowed.mine:
        now = clock.now()
        open_to_him = policy.waiting_for(actor, now)
        always.append(policy.asked_of(actor, now))
        always.append((Approval.state != "pending") | open_to_him)
        return [and_(*always, policy.visible_to(actor))]
    return [and_(*always, way) for way in policy.branches(actor)]
