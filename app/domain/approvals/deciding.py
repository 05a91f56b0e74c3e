"""Deciding approvals: by the person asked, by a substitute, or by silence. Exactly one decision is
final.

Whoever decides locks the ticket, then the approval, and checks again: of six people and a timer in
the same second one decides, and the others are refused."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.approvals.certificates import digest_of
from app.domain.approvals.ending import end
from app.domain.approvals.events import ApprovalDecided
from app.domain.approvals.lifecycle import (
    Answer,
    Outcome,
    answers_to,
    presumption_of,
    settled,
)
from app.domain.approvals.problems import (
    AlreadyDecided,
    ApprovalNotFound,
    NotAnApprover,
    NotPending,
    TicketMovedOn,
)
from app.domain.approvals.queries import approval_for
from app.domain.approvals.sights import ApprovalInSight
from app.domain.comments.actions import write_down
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets import gating
from app.domain.tickets.problems import CommentNeeded
from app.journal import record
from app.kernel import clock, ids
from app.kernel.problems import Invalid, Problem, not_a_choice
from app.kernel.versions import expect
from app.models.approvals import Decision


def refusal(sight: ApprovalInSight, actor: Actor) -> type[Problem] | None:
    """Why `actor` may not decide an approval that is visible to them; `None` if they may."""
    if not sight.seats_of(actor) or not actor.carries("tickets:comment"):
        return NotAnApprover
    match sight.approval.state:
        case "granted" | "refused":
            return AlreadyDecided
        case "cancelled":
            return NotPending if sight.approval.cancelled_because == "withdrawn" else TicketMovedOn
        case _:
            return None if sight.empty_seats_of(actor) else AlreadyDecided


async def decide(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    decision: str,
    comment: str | None = None,
    expected_version: int | None = None,
) -> tuple[ApprovalInSight, Decision]:
    """Give an answer to an approval. A comment is said on the ticket too, to everyone.

    Raises `ApprovalNotFound`, `NotAnApprover`, `AlreadyDecided`, `NotPending`, `TicketMovedOn`,
    `Stale`, `CommentNeeded`, and `Invalid` for an answer that is not offered."""
    sight = await approval_for(session, actor, reference, lock=True)
    if refused := refusal(sight, actor):
        raise refused
    approval = sight.approval
    expect(approval.version, expected_version)
    definition = await definition_of(session, actor, approval.definition_version)
    answer = _offered(definition, sight, decision, comment)
    if not gating.can_settle(definition, sight.ticket, answer.transition):
        raise TicketMovedOn
    for_person = sight.empty_seats_of(actor)[0]
    kind = "explicit" if for_person == actor.person_id else "delegated"
    made = await _decide(
        session, actor, sight, answer, kind=kind, comment=comment, for_person=for_person
    )
    return await approval_for(session, actor, approval.id), made


def _offered(
    definition: Definition, sight: ApprovalInSight, decision: str, comment: str | None
) -> Answer:
    offered = {answer.key: answer for answer in answers_to(definition, sight.approval)}
    answer = offered.get(decision)
    if answer is None:
        raise Invalid(faults=(not_a_choice("/decision"),))
    if answer.needs_comment and not comment:
        raise CommentNeeded.at("/comment")
    return answer


async def presume(session: AsyncSession, system: Actor, approval_id: UUID) -> None:
    """Timer: when silence has lasted long enough, decide as the system (S2-18). Does nothing when
    somebody has answered, commented or withdrawn the approval meanwhile."""
    try:
        sight = await approval_for(session, system, approval_id, lock=True)
    except ApprovalNotFound:
        return
    approval = sight.approval
    if approval.state != "pending" or approval.presumed_at is None:
        return
    definition = await definition_of(session, system, approval.definition_version)
    rule = presumption_of(definition, approval)
    if rule is None or approval.presumed_at > clock.now():
        return
    answer = next(each for each in answers_to(definition, approval) if each.key == rule.verb)
    if gating.can_settle(definition, sight.ticket, answer.transition):
        _ = await _decide(session, system, sight, answer, kind="presumed")


async def _decide(
    session: AsyncSession,
    actor: Actor,
    sight: ApprovalInSight,
    answer: Answer,
    *,
    kind: str,
    comment: str | None = None,
    for_person: UUID | None = None,
) -> Decision:
    """Add a decision to a locked approval; where it settles the approval, end it, and move the
    ticket along `answer`."""
    approval, ticket = sight.approval, sight.ticket
    result = _result_with(sight, answer, kind)
    async with as_system(session, actor) as system:
        decision = Decision(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            approval_id=approval.id,
            kind=kind,
            decision=answer.key,
            outcome=answer.outcome,
            final=result is not None,
            comment=comment or None,
            person_id=actor.person_id,
            for_person_id=for_person,
            ticket_version=ticket.version,
            definition_version=approval.definition_version,
            text_digest=await digest_of(session, system, approval, ticket),
            decided_at=clock.now(),
        )
        session.add(decision)
        await session.flush()
    await _settle(session, actor, sight, answer, decision, result)
    return decision


def _result_with(sight: ApprovalInSight, answer: Answer, kind: str) -> Outcome | None:
    """What the approval comes to with one more answer; `None` while more are needed."""
    yeses = sum(each.decision.outcome == "granted" for each in sight.decisions)
    yeses += answer.outcome == "granted"
    # Silence speaks for all who were asked.
    needed = 1 if kind == "presumed" else sight.approval.needed
    return settled(answer.outcome, yeses=yeses, needed=needed)


async def _settle(
    session: AsyncSession,
    actor: Actor,
    sight: ApprovalInSight,
    answer: Answer,
    decision: Decision,
    result: Outcome | None,
) -> None:
    """Everything that follows from a decision: the approval ends, its event is recorded, the ticket
    moves, the comment is written on it."""
    approval, ticket = sight.approval, sight.ticket
    if result is not None:
        await end(session, actor, approval, ticket, state=result, decision=answer.key)
    decided = ApprovalDecided.of(
        approval,
        ticket,
        decision=answer.key,
        outcome=answer.outcome,
        kind=decision.kind,
        state=approval.state,
        ticket_version=decision.ticket_version,
        on_behalf_of=decision.for_person_id if decision.kind == "delegated" else None,
    )
    await record(session, actor, decided)
    before = ticket.status
    if result is not None:
        now = await definition_of(session, actor)
        await gating.settle(session, actor, now, ticket, answer.transition)
    if decision.comment:
        _ = await write_down(session, actor, ticket, body=decision.comment, before=before)
