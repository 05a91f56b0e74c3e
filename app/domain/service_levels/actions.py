"""Storing what was added to the log of a ticket's clocks, with the columns for lists, the events
and the timer that follow from it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.service_levels.events import (
    OfClock,
    ServiceLevelBreached,
    ServiceLevelTargetChanged,
    ServiceLevelWarned,
)
from app.domain.service_levels.lifecycle import (
    LOOK,
    Clock,
    Happening,
    Log,
    next_due,
    next_look,
    standing_of,
)
from app.domain.service_levels.queries import log_of
from app.domain.service_levels.rules import catch_up
from app.journal import record, set_timer
from app.kernel import clock
from app.models.service_levels import ClockEvent
from app.models.tickets import Ticket

_MINUTE = timedelta(minutes=1)
#: When somebody is at work on the ticket just now.
_A_LITTLE_LATER = timedelta(seconds=5)


async def look_at_clocks(session: AsyncSession, system: Actor, ticket_id: UUID) -> None:
    """Timer: warn, or record a breach, and set the timer anew. Does nothing where nothing is due
    any more."""
    here = (Ticket.tenant_id == system.tenant_id, Ticket.id == ticket_id)
    # A timer holds its row and must wait for nobody who may wait for that row.
    ticket = await session.scalar(select(Ticket).where(*here).with_for_update(skip_locked=True))
    if ticket is None:
        if await session.scalar(select(Ticket.id).where(*here)):
            later = clock.now() + _A_LITTLE_LATER
            await set_timer(session, system, LOOK, ticket_id, later)
        return
    log = await log_of(session, system, ticket)
    catch_up(log, clock.now())
    await keep(session, system, ticket, log, always_look_again=True)


async def keep(
    session: AsyncSession,
    system: Actor,
    ticket: Ticket,
    log: Log,
    *,
    always_look_again: bool = False,
) -> None:
    """Store what was added to the log of a locked ticket, and what follows from it. A timer that
    would ring too early is left as it is: it looks again."""
    before = Log(log.happenings[: log.known])
    if log.added:
        catch_up(log, clock.now())
        rows = [
            _row(ticket, log.known + place, happening) for place, happening in enumerate(log.added)
        ]
        await session.execute(insert(ClockEvent.__table__), rows)  # type: ignore[arg-type]
        ticket.sla = standing_of(log.clocks)
        ticket.due_at = next_due(log.clocks)
    due, set_for = next_look(log.clocks), next_look(before.clocks)
    if due is not None and (always_look_again or set_for is None or due < set_for):
        await set_timer(session, system, LOOK, ticket.id, due)
    await _tell(session, system, ticket, log, before.clocks)


def _row(ticket: Ticket, position: int, happening: Happening) -> dict[str, object]:
    terms = happening.terms
    return {
        "tenant_id": ticket.tenant_id,
        "ticket_id": ticket.id,
        "position": position,
        "organization_id": ticket.organization_id,
        "department": ticket.department,
        "requester_id": ticket.requester_id,
        "clock": happening.clock,
        "metric": happening.metric,
        "kind": happening.kind,
        "at": happening.at,
        "noted_at": clock.now(),
        "policy": terms.policy if terms else None,
        "definition_version": terms.version if terms else None,
        "target_minutes": terms.target // _MINUTE if terms else None,
        "status": happening.status,
        "comment_id": happening.comment_id,
    }


async def _tell(
    session: AsyncSession, system: Actor, ticket: Ticket, log: Log, before: Sequence[Clock]
) -> None:
    """Record events for those of the added lines that belong in the ticket's history."""
    now = {each.number: each for each in log.clocks}
    was = {each.number: each for each in before}
    for happening in log.added:
        held, former = now[happening.clock], was.get(happening.clock)
        if happening.kind == "warned":
            await record(session, system, _of(held, ticket, ServiceLevelWarned, due_at=held.due_at))
        elif happening.kind == "breached":
            broken = _of(held, ticket, ServiceLevelBreached, due_at=happening.at)
            await record(session, system, broken)
        elif happening.kind == "target_changed" and former is not None:
            await _tell_of_change(session, system, ticket, held, former)


async def _tell_of_change(
    session: AsyncSession, system: Actor, ticket: Ticket, held: Clock, former: Clock
) -> None:
    """Record that a policy or a target changed; a changed pause or warning is not recorded."""
    then, now = former.terms, held.terms
    if (then.policy, then.target) != (now.policy, now.target):
        changed = _of(
            held,
            ticket,
            ServiceLevelTargetChanged,
            policy_before=then.policy,
            target_minutes_before=then.target // _MINUTE,
        )
        await record(session, system, changed)


def _of(held: Clock, ticket: Ticket, event: type[OfClock], **more: Any) -> OfClock:
    return event(
        ticket=ticket,
        clock=held.number,
        metric=held.metric,
        policy=held.terms.policy,
        target_minutes=held.terms.target // _MINUTE,
        **more,
    )
