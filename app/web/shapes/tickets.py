"""Tickets as they are shown to each side."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.access.actor import Actor
from app.domain.entitlements.lifecycle import name_of, service_name
from app.domain.forms.policy import form_of_ticket, hidden_fields
from app.domain.tenants.definition.document import Definition
from app.domain.tickets.lifecycle import ball_with
from app.domain.tickets.queries import TicketInSight
from app.models.tickets import Ticket
from app.schemas.base import (
    EntitlementReference,
    ExternalReference,
    Labelled,
)
from app.schemas.service_levels import ServiceLevel
from app.schemas.tickets import (
    AllowedAction,
    TicketForAgent,
    TicketForCustomer,
)
from app.web.shapes.allowed_actions import allowed_actions
from app.web.shapes.labels import cached_label, colored, labelled, status_shape


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
        "department": cached_label(definition, labelled, "department_of", ticket.department),
        "type": cached_label(definition, labelled, "type_of", ticket.type),
        "status": status_shape(actor, definition, ticket.status),
        "ball_with": ball_with(ticket.status_category),
        "severity": None
        if "severity" in hidden
        else cached_label(definition, colored, "severity_of", ticket.severity),
        "priority": None
        if "priority" in hidden
        else cached_label(definition, colored, "priority_of", ticket.priority),
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
        "team": cached_label(definition, labelled, "team_of", ticket.team),
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
