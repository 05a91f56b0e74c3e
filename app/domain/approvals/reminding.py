"""Reminders and presumed approval (S2-17, S2-18). After so many business days each approver gets
one reminder for everything that is due; some hours after the mail server has accepted the last one,
approval is presumed. A comment of the customer's side stops the countdown.

Locks are taken in one order: ticket, approval, approvers. A reminder locks approvers alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.approvals.events import (
    CountdownStarted,
    CountdownStopped,
    ReminderArmed,
    ReminderDue,
    ReminderFailed,
    ReminderSent,
)
from app.domain.approvals.lifecycle import (
    PRESUME,
    REMIND,
    presumed_after,
    presumption_of,
    reminder_due,
)
from app.domain.approvals.policy import has_answered
from app.domain.approvals.queries import locked
from app.domain.tenants.definition.policies import Presumption
from app.domain.tenants.queries import definition_of
from app.journal import cancel_timer, record, set_timer
from app.kernel import clock
from app.models.approvals import Approval, Approver
from app.models.tickets import Ticket


async def remind(session: AsyncSession, system: Actor, approval_id: UUID) -> None:
    """Timer: have everybody reminded who has not answered, each once for everything that is due.
    Does nothing where nothing is due any more."""
    waiting = await session.scalars(
        select(Approver.person_id)
        .where(Approver.approval_id == approval_id, *_due(system))
        .order_by(Approver.person_id)
    )
    for person_id in waiting.all():
        due = await session.scalars(
            select(Approver)
            .where(Approver.person_id == person_id, *_due(system))
            .order_by(Approver.approval_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        approvers = due.all()
        if approvers:
            asked = tuple(approver.approval_id for approver in approvers)
            event = await record(
                session, system, ReminderDue(subject_id=person_id, approvals=asked)
            )
            for approver in approvers:
                approver.reminder, approver.reminded_by = "asked", event.id


def _due(system: Actor) -> Sequence[ColumnElement[bool]]:
    """Approvers whose reminder is due, and not under way."""
    ripe = exists().where(
        Approval.tenant_id == Approver.tenant_id,
        Approval.id == Approver.approval_id,
        Approval.state == "pending",
        Approval.remind_at <= clock.now(),
    )
    return (
        Approver.tenant_id == system.tenant_id,
        Approver.reminder.is_(None),
        ripe.correlate(Approver),
        ~has_answered(),
    )


async def note_reminder(
    session: AsyncSession,
    system: Actor,
    approval_id: UUID,
    person_id: UUID,
    *,
    event_id: UUID,
    accepted_at: datetime | None,
) -> None:
    """Note the fate of an event's reminder: accepted by the mail server at `accepted_at`, or
    refused (`None`). Safe to repeat; a reminder that was replaced by a later one is ignored.

    Once everybody who has not answered was reminded, the countdown starts."""
    approval = await locked(session, system, approval_id)
    approver = await session.get(
        Approver, (system.tenant_id, approval_id, person_id), populate_existing=True
    )
    if approval is None or approver is None or approval.state != "pending":
        return
    if approver.reminded_by != event_id or approver.reminder != "asked":
        return
    ticket = await session.get_one(Ticket, (approval.tenant_id, approval.ticket_id))
    if accepted_at is None:
        approver.reminder = "failed"
        await record(session, system, ReminderFailed.of(approval, ticket, person=person_id))
        return
    approver.reminder, approver.reminded_at = "accepted", accepted_at
    approval.reminded_at = accepted_at
    await record(session, system, ReminderSent.of(approval, ticket, person=person_id))
    await _start_countdown(session, system, approval, ticket)


async def _start_countdown(
    session: AsyncSession, system: Actor, approval: Approval, ticket: Ticket
) -> None:
    rule = await _rule_of(session, system, approval)
    rows = await session.scalars(
        select(Approver).where(
            Approver.tenant_id == system.tenant_id,
            Approver.approval_id == approval.id,
            ~has_answered(),
        )
    )
    reminded = [approver.reminded_at for approver in rows]
    times = [moment for moment in reminded if moment is not None]
    if rule is None or len(times) < len(reminded):
        return
    presumed_at = presumed_after(rule, max(times))
    approval.presumed_at = presumed_at
    await set_timer(session, system, PRESUME, approval.id, presumed_at)
    await record(session, system, CountdownStarted.of(approval, ticket, presumed_at=presumed_at))


async def hear_customer(
    session: AsyncSession, system: Actor, approval: Approval, ticket: Ticket, comment_id: UUID
) -> None:
    """A comment of the customer's side: nothing is presumed until an agent has answered in public
    and the wait has started again. `approval` is pending and locked."""
    if approval.awaits_agent or await _rule_of(session, system, approval) is None:
        return
    approval.awaits_agent = True
    approval.remind_at = approval.presumed_at = None
    await session.execute(
        update(Approver)
        .where(Approver.tenant_id == system.tenant_id, Approver.approval_id == approval.id)
        .values(reminder=None, reminded_by=None, reminded_at=None)
    )
    for timer in (REMIND, PRESUME):
        await cancel_timer(session, system, timer, approval.id)
    await record(session, system, CountdownStopped.of(approval, ticket, comment=comment_id))


async def hear_agent(
    session: AsyncSession, system: Actor, approval: Approval, ticket: Ticket
) -> None:
    """A public comment of an agent: the wait starts again. `approval` is pending and locked."""
    if not approval.awaits_agent:
        return
    approval.awaits_agent = False
    rule = await _rule_of(session, system, approval)
    if rule is None:
        return
    definition = await definition_of(session, system, approval.definition_version)
    remind_at = reminder_due(definition, rule, clock.now())
    if remind_at is None:
        return
    approval.remind_at = remind_at
    await set_timer(session, system, REMIND, approval.id, remind_at)
    await record(session, system, ReminderArmed.of(approval, ticket, remind_at=remind_at))


async def _rule_of(session: AsyncSession, system: Actor, approval: Approval) -> Presumption | None:
    """By which rule silence counts: that of the version under which it was asked."""
    definition = await definition_of(session, system, approval.definition_version)
    return presumption_of(definition, approval)
