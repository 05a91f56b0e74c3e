"""What happened to a ticket, as it is shown to each side."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import Row

from app.access.actor import Actor
from app.models.journal import EventRow
from app.schemas.base import PersonReference
from app.schemas.history import ActorSide, HistoryEntry

_OF_APPROVAL = ("policy", "definition_version")
_OF_CLOCK = ("metric", "policy", "target_minutes")
#: What customers are told of an event beside that it happened: no more than the ticket and its
#: comments show them. Of an event that is not named here, nothing.
_FOR_CUSTOMERS: Mapping[str, Collection[str]] = {
    "ticket.opened": ("type", "status", "on_behalf"),
    "ticket.changed": ("changed", "before", "after"),
    "ticket.status_changed": ("before", "after", "category", "cause", "transition"),
    "ticket.assigned": ("assignee", "assignee_before"),
    "comment.added": ("visibility", "by"),
    "attachment.added": ("comment_id",),
    "approval.asked": (*_OF_APPROVAL, "kind", "ticket_version", "approvers", "needed"),
    "approval.decided": (
        *_OF_APPROVAL,
        "decision",
        "outcome",
        "kind",
        "state",
        "ticket_version",
        "on_behalf_of",
    ),
    "approval.cancelled": (*_OF_APPROVAL, "because"),
    "approval.reminded": (*_OF_APPROVAL, "person"),
    "approval.countdown_started": (*_OF_APPROVAL, "presumed_at"),
    "approval.countdown_stopped": _OF_APPROVAL,
    "service_level.warned": (*_OF_CLOCK, "due_at"),
    "service_level.breached": (*_OF_CLOCK, "due_at"),
    "service_level.target_changed": (*_OF_CLOCK, "policy_before", "target_minutes_before"),
    "approval.reminder_armed": (*_OF_APPROVAL, "remind_at"),
}


def entry(actor: Actor, row: Row[Any], hidden: Collection[str]) -> HistoryEntry:
    """An event with its actor's name (a row of `history_of`); `hidden` are the fields of the
    ticket that the caller's side does not see."""
    event: EventRow = row[0]
    return HistoryEntry(
        id=event.id,
        event=event.name,
        occurred_at=event.occurred_at,
        actor=(
            PersonReference(id=event.actor_id, name=row.actor_name or "")
            if event.actor_id
            else None
        ),
        actor_side=cast("ActorSide", event.actor_side),
        subject_id=event.subject_id,
        data=_for_customers(event, hidden) if actor.is_customer else event.data,
    )


def _for_customers(event: EventRow, hidden: Collection[str]) -> dict[str, Any]:
    told = {key: event.data[key] for key in _FOR_CUSTOMERS.get(event.name, ()) if key in event.data}
    if event.name != "ticket.changed":
        return told
    return {
        key: [field for field in value if field not in hidden]
        if isinstance(value, list)
        else {field: said for field, said in value.items() if field not in hidden}
        for key, value in told.items()
    }
