"""Asking for approval, because a policy does for a ticket's status or because an agent does; and
withdrawing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.approvals import policy as law
from app.domain.approvals.approvers import Asked, fitting, named_by
from app.domain.approvals.ending import end
from app.domain.approvals.events import ApprovalAsked, ApprovalCancelled, ApprovalNotAsked
from app.domain.approvals.lifecycle import REMIND, due, needed_of, reminder_due
from app.domain.approvals.problems import (
    AlreadyDecided,
    ApproversAmbiguous,
    ApproversNotFitting,
    NotPending,
)
from app.domain.approvals.queries import approval_for
from app.domain.approvals.sights import ApprovalInSight
from app.domain.approvals.substitutes import substitutes_for
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.policies import ApprovalPolicy
from app.domain.tickets import gating
from app.domain.tickets.problems import TicketClosed
from app.domain.tickets.queries import ticket_for
from app.journal import record, set_timer
from app.kernel import clock, ids
from app.kernel.problems import Forbidden
from app.kernel.versions import expect
from app.models.approvals import Approval, Approver
from app.models.tickets import Ticket

Because = Literal["moved_on", "closed", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an agent asks: of whom, how many of them must approve, and until when."""

    text: str
    asked: Asked
    needed: int = 1
    exclude_requester: bool = False
    due_at: datetime | None = None
    gate: bool = True
    refusal_needs_comment: bool = False


async def ask(
    session: AsyncSession, actor: Actor, reference: str, question: Question
) -> ApprovalInSight:
    """Ask somebody about a ticket, as an agent (S1-14). Customers among those asked who could not
    read it take part in it from now on.

    Raises `TicketNotFound`, `Forbidden`, `TicketClosed`, `ApproversAmbiguous`,
    `ApproversNotFitting`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    ticket = sight.ticket
    if not law.may_ask(actor, sight):
        raise Forbidden(permission="approvals:ask")
    if ticket.status_category == "closed":
        raise TicketClosed
    if not question.asked.is_said_in_one_way:
        raise ApproversAmbiguous.at("/approvers")
    people = await fitting(session, actor, ticket, question.asked)
    if question.exclude_requester:
        people = [person for person in people if person != ticket.requester_id]
    if len(people) < question.needed:
        raise ApproversNotFitting.at("/approvers", ApproversNotFitting.title)
    approval = _new(actor, ticket, asked_by=actor.person_id)
    approval.kind = "request"
    approval.question = question.text
    approval.needed = question.needed
    approval.gate = question.gate
    approval.due_at = question.due_at
    approval.refusal_needs_comment = question.refusal_needs_comment
    await _put(session, actor, ticket, approval, people)
    return await approval_for(session, actor, approval.id)


async def ask_by_policy(
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    ticket: Ticket,
    policy: ApprovalPolicy,
    *,
    asked_by: UUID | None,
) -> None:
    """Ask what a policy asks for the ticket's status. When too few people could answer, nobody is
    asked and the ticket is not gated; agents see that in the history."""
    people = await fitting(session, system, ticket, named_by(policy.approvers, ticket))
    if policy.exclude_requester:
        people = [person for person in people if person != ticket.requester_id]
    needed = needed_of(policy, len(people))
    if len(people) < needed:
        await record(
            session,
            system,
            ApprovalNotAsked(
                ticket=ticket,
                definition_version=system.definition_version,
                policy=policy.key,
                found=len(people),
                needed=needed,
            ),
        )
        return
    approval = _new(system, ticket, asked_by=asked_by)
    approval.kind = policy.kind
    approval.policy = policy.key
    approval.needed = needed
    approval.gate = policy.gate
    approval.due_at = due(definition, policy, approval.asked_at)
    if policy.presumption:
        approval.remind_at = reminder_due(definition, policy.presumption, approval.asked_at)
    await _put(session, system, ticket, approval, people)


def _new(actor: Actor, ticket: Ticket, *, asked_by: UUID | None) -> Approval:
    return Approval(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        ticket_id=ticket.id,
        organization_id=ticket.organization_id,
        department=ticket.department,
        requester_id=ticket.requester_id,
        refusal_needs_comment=False,
        state="pending",
        definition_version=actor.definition_version,
        ticket_version=ticket.version,
        asked_in=ticket.status,
        asked_at=clock.now(),
        asked_by=asked_by,
        awaits_agent=False,
    )


async def _put(
    session: AsyncSession, actor: Actor, ticket: Ticket, approval: Approval, people: Sequence[UUID]
) -> None:
    async with as_system(session, actor) as system:
        session.add(approval)
        await session.flush()
        session.add_all(
            Approver(tenant_id=system.tenant_id, approval_id=approval.id, person_id=person)
            for person in people
        )
        if approval.remind_at is not None:
            await set_timer(session, system, REMIND, approval.id, approval.remind_at)
        deputies = await substitutes_for(session, system, people)
        deputies = await fitting(session, system, ticket, Asked(people=tuple(deputies)))
    if approval.gate:
        await gating.shut(session, actor, ticket, approval.id)
    asked = ApprovalAsked.of(
        approval,
        ticket,
        kind=approval.kind,
        ticket_version=approval.ticket_version,
        approvers=tuple(people),
        needed=approval.needed,
        substitutes=tuple(deputies),
    )
    await record(session, actor, asked)


async def withdraw(
    session: AsyncSession, actor: Actor, reference: str, *, expected_version: int | None = None
) -> ApprovalInSight:
    """Take a question back, as an agent who might have asked it.

    Raises `ApprovalNotFound`, `Forbidden`, `Stale`, `AlreadyDecided`, `NotPending`."""
    sight = await approval_for(session, actor, reference, lock=True)
    approval, ticket = sight.approval, sight.ticket
    about = await ticket_for(session, actor, ticket.id)
    if not law.may_ask(actor, about):
        raise Forbidden(permission="approvals:ask")
    expect(approval.version, expected_version)
    if approval.state != "pending":
        raise NotPending if approval.state == "cancelled" else AlreadyDecided
    await cancel(session, actor, approval, ticket, because="withdrawn")
    return await approval_for(session, actor, approval.id)


async def cancel(
    session: AsyncSession,
    actor: Actor,
    approval: Approval,
    ticket: Ticket,
    *,
    because: Because,
) -> None:
    """End a pending approval (locked, and its ticket) without a decision."""
    await end(session, actor, approval, ticket, state="cancelled", because=because)
    await record(session, actor, ApprovalCancelled.of(approval, ticket, because=because))
