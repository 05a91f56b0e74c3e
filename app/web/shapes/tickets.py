"""Tickets as they are shown to each side."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from app.access.actor import Actor
from app.domain.approvals.policy import may_ask
from app.domain.comments.policy import is_closed_to, may_comment, visibilities
from app.domain.comments.problems import CommentForbidden
from app.domain.entitlements.lifecycle import name_of, service_name
from app.domain.forms.policy import form_of_ticket, hidden_fields
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.workflow import Transition
from app.domain.tickets import policy
from app.domain.tickets.lifecycle import ball_with, is_held_back
from app.domain.tickets.moving import moves_offered
from app.domain.tickets.problems import AlreadyTaken, FilesForbidden, TicketClosed, TicketGated
from app.domain.tickets.queries import TicketInSight
from app.kernel.locale import current, label
from app.kernel.problems import Forbidden
from app.models.tickets import Ticket
from app.schemas.base import (
    Colored,
    EntitlementReference,
    ExternalReference,
    Labelled,
)
from app.schemas.service_levels import ServiceLevel
from app.schemas.tickets import (
    AllowedAction,
    StatusShape,
    TicketForAgent,
    TicketForCustomer,
)

_GONE = "#6b7280"


def number_of(definition: Definition, ticket: Ticket) -> str:
    """The number people say: `CRM-1042`."""
    return f"{definition.portal.number_prefix}-{ticket.number}"


class Names(Protocol):
    """The names that go with a ticket: a `TicketInSight` has them, and the row of a list."""

    @property
    def requester_name(self) -> str: ...
    @property
    def assignee_name(self) -> str | None: ...
    @property
    def organization_name(self) -> str | None: ...
    @property
    def entitlement_name(self) -> str | None: ...
    @property
    def entitlement_template(self) -> str | None: ...


def summary(actor: Actor, definition: Definition, row: Any) -> dict[str, Any]:
    """A ticket in a list; `row` is one of `tickets_visible_to`. The values of a `TicketSummary`,
    which the framework makes of all of a page at once in a fifth of the time."""
    values = _summary(actor, definition, row, row)
    return values if actor.is_customer else values | _for_agents(definition, row)


def whole(
    actor: Actor,
    definition: Definition,
    sight: TicketInSight,
    decisions: Sequence[AllowedAction] = (),
    service_level: ServiceLevel | None = None,
) -> TicketForCustomer | TicketForAgent:
    """A ticket by itself, with what the caller may do with it now; `decisions` are those he may
    make on what is asked about it, `service_level` is how it stands to what was promised."""
    ticket = sight.ticket
    values = _summary(actor, definition, ticket, sight)
    values |= {
        "description": ticket.description,
        "description_html": ticket.description_html,
        "fields": _fields(actor, definition, ticket),
        "form": ticket.form,
        "billable": ticket.billable,
        "resolved_at": ticket.resolved_at,
        "service_level": service_level,
        "allowed_actions": [*allowed_actions(actor, definition, sight), *decisions],
    }
    if actor.is_customer:
        return TicketForCustomer(**values)
    return TicketForAgent(
        **{**values, **_for_agents(definition, ticket)},
        first_replied_at=ticket.first_replied_at,
        definition_version=ticket.definition_version,
    )


def _summary(actor: Actor, definition: Definition, ticket: Ticket, names: Names) -> dict[str, Any]:
    hidden = hidden_from(actor, definition, ticket)
    return {
        "view": "customer" if actor.is_customer else "agent",
        "id": ticket.id,
        "number": number_of(definition, ticket),
        "subject": ticket.subject,
        "organization": {"id": ticket.organization_id, "name": names.organization_name},
        "requester": {"id": ticket.requester_id, "name": names.requester_name},
        "assignee": (
            {"id": ticket.assignee_id, "name": names.assignee_name or ""}
            if ticket.assignee_id
            else None
        ),
        "department": _said(definition, labelled, "department_of", ticket.department),
        "type": _said(definition, labelled, "type_of", ticket.type),
        "status": status_shape(actor, definition, ticket.status),
        "ball_with": ball_with(ticket.status_category),
        "severity": None
        if "severity" in hidden
        else _said(definition, colored, "severity_of", ticket.severity),
        "priority": None
        if "priority" in hidden
        else _said(definition, colored, "priority_of", ticket.priority),
        "service": None if "service" in hidden else _service(definition, ticket, names),
        "entitlement": None if "entitlement" in hidden else _entitlement(definition, ticket, names),
        "sla": ticket.sla,
        "due_at": ticket.due_at,
        "private": ticket.private,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "closed_at": ticket.closed_at,
    }


def _service(definition: Definition, ticket: Ticket, names: Names) -> Labelled | None:
    if ticket.service is None:
        return None
    called = service_name(definition, ticket.service, names.entitlement_template)
    return Labelled(key=ticket.service, label=called)


def _entitlement(
    definition: Definition, ticket: Ticket, names: Names
) -> EntitlementReference | None:
    if ticket.entitlement_id is None:
        return None
    template = names.entitlement_template
    called = template and name_of(definition, template, names.entitlement_name)
    return EntitlementReference(id=ticket.entitlement_id, name=called)


def _for_agents(definition: Definition, ticket: Ticket) -> dict[str, Any]:
    return {
        "team": _said(definition, labelled, "team_of", ticket.team),
        "channel": ticket.channel,
        "billable": ticket.billable,
        "external_ref": _reference(ticket),
    }


def _reference(ticket: Ticket) -> ExternalReference | None:
    if ticket.external_source is None or ticket.external_key is None:
        return None
    return ExternalReference(source=ticket.external_source, key=ticket.external_key)


def hidden_from(actor: Actor, definition: Definition, ticket: Ticket) -> frozenset[str]:
    """The fields of a ticket's form that the caller's side does not see."""
    if not actor.is_customer:
        return frozenset()
    place = ("hidden", ticket.form or "", ticket.type)
    hidden: frozenset[str] | None = definition.spoken.get(place)
    if hidden is None:
        hidden = definition.spoken[place] = hidden_fields(
            definition, "customer", form_key=ticket.form, type_key=ticket.type
        )
    return hidden


def _fields(actor: Actor, definition: Definition, ticket: Ticket) -> dict[str, Any]:
    """Own fields of the form that the caller's side sees."""
    if not actor.is_customer:
        return ticket.fields
    form = form_of_ticket(definition, form_key=ticket.form, type_key=ticket.type)
    shown = {field.key for field in form.fields} - hidden_from(actor, definition, ticket)
    return {key: value for key, value in ticket.fields.items() if key in shown}


def status_shape(actor: Actor, definition: Definition, key: str) -> StatusShape:
    """A status in the words of the caller's side."""
    status = definition.status_of.get(key)
    if status is None:
        return StatusShape(key=key, label=key, color=_GONE, category="open")
    place = ("status", actor.side, key, current.get())
    shape: StatusShape | None = definition.spoken.get(place)
    if shape is None:
        labels = (status.customer_labels or status.labels) if actor.is_customer else status.labels
        shape = definition.spoken[place] = StatusShape(
            key=key, label=label(labels), color=status.color, category=status.category
        )
    return shape


def _said(definition: Definition, shape: Callable[..., Any], kind: str, key: str | None) -> Any:
    """`labelled` or `colored` of a thing of the catalogue, made once for each language."""
    if key is None:
        return None
    place = (kind, key, current.get())
    said = definition.spoken.get(place)
    if said is None:
        items = getattr(definition, kind)
        said = shape(items, key)
        if key in items:
            definition.spoken[place] = said
    return said


def labelled(items: Any, key: str | None) -> Labelled | None:
    """A thing of the catalogue by its key, also when the catalogue has lost it."""
    if key is None:
        return None
    return Labelled(key=key, label=label(items[key].labels) if key in items else key)


def colored(items: Any, key: str | None) -> Colored | None:
    """The same for a thing with a colour."""
    if key is None:
        return None
    if key not in items:
        return Colored(key=key, label=key, color=_GONE)
    return Colored(key=key, label=label(items[key].labels), color=items[key].color)


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
