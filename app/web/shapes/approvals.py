"""Approvals as they are shown."""

from typing import Any
from uuid import UUID

from app.access.actor import Actor
from app.domain.approvals.certificates import COVERS
from app.domain.approvals.deciding import refusal
from app.domain.approvals.lifecycle import Answer, answers_to, presumption_of
from app.domain.approvals.sights import ApprovalInSight, DecisionInSight
from app.domain.tenants.definition.document import Definition
from app.kernel import clock
from app.kernel.locale import label, translate
from app.models.approvals import Approval as Row
from app.schemas.approvals import (
    AnswerShape,
    Approval,
    ApprovalDecision,
    ApproverShape,
    Certificate,
    Decision,
    ReminderOfCertificate,
    RuleOfCertificate,
    TicketOfApproval,
)
from app.schemas.base import Labelled, PersonReference
from app.schemas.tickets import AllowedAction, StatusShape
from app.web.shapes.labels import status_shape
from app.web.shapes.tickets import number_of


def whole(
    actor: Actor, definition: Definition, asked_under: Definition, sight: ApprovalInSight
) -> Approval:
    """An approval by itself. `definition` is the one in force, `asked_under` the one of the
    version under which it was asked."""
    held = sight.approval
    answers = answers_to(asked_under, held)
    values = {
        **_question(actor, definition, asked_under, sight),
        "policy": held.policy,
        "cancelled_because": held.cancelled_because,
        "gate": held.gate,
        "approvers": _approvers(sight),
        "answers": [
            AnswerShape(
                key=answer.key,
                label=_name_of(answer),
                outcome=answer.outcome,
                needs_comment=answer.needs_comment,
                leads_to=_leads_to(actor, definition, asked_under, answer),
            )
            for answer in answers
        ],
        "due_at": held.due_at,
        "remind_at": held.remind_at,
        "reminded_at": held.reminded_at,
        "presumed_at": held.presumed_at,
        "allowed_actions": decisions_allowed(actor, definition, asked_under, sight),
    }
    return Approval(**values)


def made(approval: Approval, decision_id: UUID) -> Decision:
    """A decision that was just made, with the approval it belongs to."""
    row = next(each for each in approval.decisions if each.id == decision_id)
    return Decision(**row.model_dump(), approval=approval)


def decisions_allowed(
    actor: Actor, definition: Definition, asked_under: Definition, sight: ApprovalInSight
) -> list[AllowedAction]:
    """The answers the caller may give, only while he may give them (S2-16)."""
    if refusal(sight, actor):
        return []
    held = sight.approval
    return [
        AllowedAction(
            action="decide",
            label=_name_of(answer),
            operation_id="decide_approval",
            method="POST",
            href=f"/v1/approvals/{held.id}/decisions",
            input={"decision": answer.key},
            needs_comment=answer.needs_comment,
            leads_to=_leads_to(actor, definition, asked_under, answer),
            allowed=True,
            refused_because=None,
        )
        for answer in answers_to(asked_under, held)
    ]


def certificate(
    actor: Actor,
    definition: Definition,
    asked_under: Definition,
    sight: ApprovalInSight,
    *,
    organization: str | None,
    digest_now: str,
) -> Certificate:
    """What proves a decision."""
    values = {
        **_question(actor, definition, asked_under, sight),
        "approval": sight.approval.id,
        "portal": definition.portal.name,
        "organization": organization,
        "asked": [each.person for each in _approvers(sight)],
        "reminders": [
            ReminderOfCertificate(person=each.person, accepted_at=each.reminded_at)
            for each in _approvers(sight)
            if each.reminded_at is not None
        ],
        "rule": _rule(asked_under, sight.approval),
        "digest_covers": COVERS,
        "text_digest_now": digest_now,
        "issued_at": clock.now(),
    }
    return Certificate(**values)


def _question(
    actor: Actor, definition: Definition, asked_under: Definition, sight: ApprovalInSight
) -> dict[str, Any]:
    """What an approval and its certificate both say."""
    held, ticket = sight.approval, sight.ticket
    settled_by = [answer for answer in answers_to(asked_under, held) if answer.key == held.decision]
    return {
        "id": held.id,
        "ticket": TicketOfApproval(
            id=ticket.id,
            number=number_of(definition, ticket),
            subject=ticket.subject,
            status=status_shape(actor, definition, ticket.status),
        ),
        "kind": held.kind,
        "question": question_of(asked_under, held),
        "state": held.state,
        "decision": _labelled(settled_by[0]) if settled_by else None,
        "needed": held.needed,
        "decisions": [_decision(asked_under, held, each) for each in sight.decisions],
        "asked_at": held.asked_at,
        "asked_by": _person(held.asked_by, sight.asked_by_name),
        "ended_at": held.ended_at,
        "definition_version": held.definition_version,
        "ticket_version": held.ticket_version,
    }


def question_of(asked_under: Definition, held: Row) -> str:
    """What is asked, in the caller's language."""
    if held.policy is None:
        return held.question or ""
    return label(asked_under.approval_policy_of[held.policy].labels)


def _approvers(sight: ApprovalInSight) -> list[ApproverShape]:
    given = {each.decision.for_person_id for each in sight.decisions}
    return [
        ApproverShape(
            person=PersonReference(id=approver.person_id, name=name),
            answered=approver.person_id in given,
            reminded_at=approver.reminded_at,
        )
        for approver, name in sight.approvers
    ]


def _decision(asked_under: Definition, held: Row, sight: DecisionInSight) -> ApprovalDecision:
    row = sight.decision
    answers = {answer.key: answer for answer in answers_to(asked_under, held)}
    delegated = row.kind == "delegated"
    values: dict[str, Any] = {
        "id": row.id,
        "decision": _labelled(answers[row.decision]),
        "outcome": row.outcome,
        "kind": row.kind,
        "final": row.final,
        "decided_by": _person(row.person_id, sight.person_name),
        "on_behalf_of": _person(row.for_person_id, sight.for_name) if delegated else None,
        "comment": row.comment,
        "ticket_version": row.ticket_version,
        "definition_version": row.definition_version,
        "text_digest": row.text_digest,
        "decided_at": row.decided_at,
    }
    return ApprovalDecision(**values)


def _rule(asked_under: Definition, held: Row) -> RuleOfCertificate | None:
    rule = presumption_of(asked_under, held)
    if rule is None:
        return None
    answers = {answer.key: answer for answer in answers_to(asked_under, held)}
    return RuleOfCertificate(
        decision=_labelled(answers[rule.verb]),
        remind_after_business_days=rule.remind_after_business_days,
        hours_after_reminder=rule.hours_after_reminder,
        calendar=rule.calendar,
    )


def _leads_to(
    actor: Actor, definition: Definition, asked_under: Definition, answer: Answer
) -> StatusShape | None:
    if answer.transition is None:
        return None
    return status_shape(actor, definition, asked_under.transition_of[answer.transition].to)


def _labelled(answer: Answer) -> Labelled:
    return Labelled(key=answer.key, label=_name_of(answer))


def _name_of(answer: Answer) -> str:
    if answer.labels is not None:
        return label(answer.labels)
    return translate("Approved") if answer.outcome == "granted" else translate("Not approved")


def _person(person_id: UUID | None, name: str | None) -> PersonReference | None:
    return PersonReference(id=person_id, name=name or "") if person_id else None
