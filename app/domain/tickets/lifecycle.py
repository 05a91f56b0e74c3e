"""The pure rules of a ticket's status: which transitions are offered, and which status follows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal

from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.workflow import Transition

BallWith = Literal["provider", "customer", "third_party", "nobody"]

_BALL: dict[str, BallWith] = {
    "new": "provider",
    "open": "provider",
    "waiting_customer": "customer",
    "waiting_third_party": "third_party",
    "resolved": "customer",
    "closed": "nobody",
}


def ball_with(category: str) -> BallWith:
    """Whose turn it is on a ticket in this category."""
    return _BALL[category]


def category_of(definition: Definition, status: str) -> str:
    """The fixed category of a tenant's status."""
    return definition.status_of[status].category


def transitions_offered(
    definition: Definition, *, status: str, type_: str, roles: Collection[str]
) -> Sequence[Transition]:
    """The moves that somebody with `roles` may make with a ticket of this type and status."""
    return [
        transition
        for transition in definition.transitions
        if transition.by == "people"
        and not transition.retired
        and status in transition.statuses
        and (not transition.types or type_ in transition.types)
        and not set(transition.who).isdisjoint(roles)
    ]


def is_held_back(definition: Definition, *, to: str, gated: bool) -> bool:
    """Whether a shut gate keeps a ticket from the status `to`: it may not be closed."""
    return gated and category_of(definition, to) == "closed"


def status_after_comment(definition: Definition, *, status: str, by_customer: bool) -> str | None:
    """The status that follows from a public comment by itself; `None` where it stays.

    An agent's first public comment takes a `new` ticket to the workflow's taken status; a
    customer's comment brings a waiting ticket back to the provider."""
    if by_customer:
        rules = definition.workflow.customer_comments
        return next((rule.to for rule in rules if status in rule.statuses), None)
    if category_of(definition, status) == "new":
        return definition.workflow.taken_status
    return None


def status_after_assignment(definition: Definition, *, status: str) -> str | None:
    """The status of a new ticket once an agent has it; `new` never returns."""
    if category_of(definition, status) == "new":
        return definition.workflow.taken_status
    return None


def reopens_to(definition: Definition, *, closed_at: datetime | None, now: datetime) -> str | None:
    """The status a comment reopens a closed ticket to; `None` when it is too late for that."""
    reopening = definition.workflow.reopening
    if reopening is None or closed_at is None:
        return None
    return reopening.to if now <= closed_at + timedelta(days=reopening.days) else None
