"""What the caller may do with a ticket now, each with the request that does it."""

from collections.abc import Iterator
from typing import Any

from app.access.actor import Actor
from app.domain.approvals.policy import may_ask
from app.domain.comments.policy import is_closed_to, may_comment, visibilities
from app.domain.comments.problems import CommentForbidden
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.workflow import Transition
from app.domain.tickets import policy
from app.domain.tickets.lifecycle import is_held_back
from app.domain.tickets.moving import moves_offered
from app.domain.tickets.problems import AlreadyTaken, FilesForbidden, TicketClosed, TicketGated
from app.domain.tickets.queries import TicketInSight
from app.kernel.locale import label
from app.kernel.problems import Forbidden
from app.models.tickets import Ticket
from app.schemas.tickets import AllowedAction
from app.web.shapes.labels import status_shape


def allowed_actions(
    actor: Actor, definition: Definition, sight: TicketInSight
) -> list[AllowedAction]:
    """What the caller might do now, each with how; transitions only while they exist (S2-16)."""
    ticket = sight.ticket
    here = f"/v1/tickets/{ticket.id}"
    closed = ticket.status_category == "closed"
    updates = policy.may(actor, "update", ticket, participates=sight.participates)
    writes = None if may_comment(actor, sight) else CommentForbidden.code
    changes = Forbidden.code if not updates else TicketClosed.code if closed else None
    found = [_action("update", "change_ticket", "PATCH", here, changes)]
    if actor.is_agent:
        assigns = changes or (None if actor.may("tickets:assign") else Forbidden.code)
        found.append(_action("assign", "change_ticket", "PATCH", here, assigns))
        found += _hand_to_hand(actor, ticket, here, assigns)
    for visibility in visibilities(actor):
        name = "comment" if visibility == "public" else f"comment_{visibility}"
        said = {"visibility": visibility}
        late = TicketClosed.code if is_closed_to(definition, ticket, visibility) else None
        found.append(
            _action(name, "add_comment", "POST", f"{here}/comments", writes or late, input=said)
        )
    attaches = FilesForbidden.code if writes else TicketClosed.code if closed else None
    found.append(_action("attach", "attach_files", "POST", f"{here}/attachments", attaches))
    if may_ask(actor, sight):
        asks = TicketClosed.code if closed else None
        found.append(_action("ask_approval", "ask_approval", "POST", f"{here}/approvals", asks))
    moves = moves_offered(definition, actor, sight)
    return [*found, *(_transition(actor, definition, step, ticket) for step in moves)]


def _hand_to_hand(
    actor: Actor, ticket: Ticket, here: str, refused: str | None
) -> Iterator[AllowedAction]:
    if ticket.assignee_id != actor.person_id:
        taken = AlreadyTaken.code if ticket.assignee_id else None
        yield _action("take", "take_ticket", "POST", f"{here}/take", refused or taken)
    yield _action("hand_over", "hand_over_ticket", "POST", f"{here}/hand-over", refused)


def _action(
    action: Any, operation: str, method: Any, href: str, refused: str | None, **more: Any
) -> AllowedAction:
    return AllowedAction(
        action=action,
        label=None,
        operation_id=operation,
        method=method,
        href=href,
        input=more.get("input", {}),
        allowed=refused is None,
        refused_because=refused,
    )


def _transition(
    actor: Actor, definition: Definition, step: Transition, ticket: Ticket
) -> AllowedAction:
    labels = (step.customer_labels or step.labels) if actor.is_customer else step.labels
    gated = ticket.gated_by is not None
    held_back = is_held_back(definition, to=step.to, gated=gated)
    refused = TicketGated.code if held_back else None
    return AllowedAction(
        action="transition",
        label=label(labels),
        operation_id="move_ticket",
        method="POST",
        href=f"/v1/tickets/{ticket.id}/transitions",
        input={"transition": step.key},
        needs_comment=step.needs_comment,
        leads_to=status_shape(actor, definition, step.to),
        allowed=refused is None,
        refused_because=refused,
    )
