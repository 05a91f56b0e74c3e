"""The pure rules of approvals: the answers offered, the result of answers, when silence counts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from app.domain.calendars.arithmetic import NeverOpen, closing_after_days, opening_after_days
from app.domain.calendars.hours import Hours, hours_of
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.policies import ApprovalPolicy, Calendar, Presumption
from app.models.approvals import Approval
from app.models.tickets import Ticket

#: Timers, with the approval as their subject.
REMIND = "approval.remind"
PRESUME = "approval.presume"
#: The timer of an absence, with whoever is away as its subject.
STAND_IN = "substitute.stand_in"

Outcome = Literal["granted", "refused"]
_WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that an approver can give. Without `labels` its name is one of the product's
    own."""

    key: str
    outcome: Outcome
    transition: str | None = None
    needs_comment: bool = False
    labels: Mapping[Any, str] | None = None


def answers_to(definition: Definition, approval: Approval) -> tuple[Answer, ...]:
    """The answers offered: the verbs of the approval's policy, in their order, else approve and
    reject.

    `definition` is the version under which it was asked."""
    if approval.policy is None:
        return (
            Answer("approved", "granted"),
            Answer("rejected", "refused", needs_comment=approval.refusal_needs_comment),
        )
    return tuple(
        Answer(verb.key, verb.outcome, verb.transition, verb.needs_comment, verb.labels)
        for verb in definition.approval_policy_of[approval.policy].verbs
        if not verb.retired
    )


def policies_for(definition: Definition, ticket: Ticket) -> list[ApprovalPolicy]:
    """The approval policies that apply to a ticket in its present status."""
    return [
        policy
        for policy in definition.approval_policies
        if not policy.retired
        and ticket.status in policy.asked_in
        and (not policy.types or ticket.type in policy.types)
    ]


def still_asks(definition: Definition, approval: Approval, ticket: Ticket) -> bool:
    """Whether a ticket is still where `approval` was asked (`definition` as for `answers_to`)."""
    if ticket.status_category == "closed":
        return False
    policy = _policy_of(definition, approval)
    return policy is None or not policy.asked_in or ticket.status in policy.asked_in


def needed_of(policy: ApprovalPolicy, asked: int) -> int:
    """How many of those asked must say yes."""
    if policy.needed_percent is None:
        return policy.needed
    return max(1, math.ceil(asked * policy.needed_percent / 100))


def settled(outcome: Outcome, *, yeses: int, needed: int) -> Outcome | None:
    """The result of an approval after an answer of `outcome` (already counted in `yeses`); `None`
    while more are needed. One refusal refuses."""
    if outcome == "refused":
        return "refused"
    return "granted" if yeses >= needed else None


def presumption_of(definition: Definition, approval: Approval) -> Presumption | None:
    """The rule by which silence counts as approval; `None` where it never does."""
    policy = _policy_of(definition, approval)
    return policy.presumption if policy else None


def _policy_of(definition: Definition, approval: Approval) -> ApprovalPolicy | None:
    return definition.approval_policy_of.get(approval.policy) if approval.policy else None


def reminder_due(definition: Definition, rule: Presumption, since: datetime) -> datetime | None:
    """When to remind after `since`: at the opening of the day after that many whole business days,
    so that everything due on a day is in one mail in the morning. `None` when the calendar never
    opens again."""
    hours = hours_of(definition.calendar_of[rule.calendar])
    try:
        return opening_after_days(since, rule.remind_after_business_days, hours)
    except NeverOpen:
        return None


def presumed_after(rule: Presumption, last_reminder: datetime) -> datetime:
    """When approval is presumed, in absolute hours after the last reminder was accepted."""
    return last_reminder + timedelta(hours=rule.hours_after_reminder)


def due(definition: Definition, policy: ApprovalPolicy, asked_at: datetime) -> datetime | None:
    """When an answer is due."""
    if policy.due_business_days is None:
        return None
    try:
        return closing_after_days(asked_at, policy.due_business_days, _hours(definition, policy))
    except NeverOpen:
        return None


def _hours(definition: Definition, policy: ApprovalPolicy) -> Hours:
    """The policy's own calendar, else the first one there is, else Monday to Friday."""
    if policy.presumption:
        return hours_of(definition.calendar_of[policy.presumption.calendar])
    calendar = next((each for each in definition.calendars if not each.retired), None)
    return hours_of(calendar or _plain(definition.portal.time_zone))


def _plain(zone: str) -> Calendar:
    day = [{"opens": "00:00", "closes": "24:00"}]
    return Calendar.model_validate(
        {
            "key": "weekdays",
            "labels": {"en": "Weekdays"},
            "time_zone": zone,
            "weekdays": dict.fromkeys(_WORKING_DAYS, day),
        }
    )
