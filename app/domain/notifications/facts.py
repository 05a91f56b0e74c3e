"""The facts that a mail states about a ticket, in the portal's words and the reader's language."""

from collections.abc import Mapping
from typing import Any

from app.access.actor import Actor
from app.access.permissions import Side
from app.domain.entitlements.lifecycle import service_name
from app.domain.forms.policy import hidden_fields
from app.domain.notifications.letters import Facts, Reader
from app.domain.tenants.definition import Definition, Named
from app.domain.tenants.definition.portal import Word
from app.domain.tickets.queries import TicketInSight
from app.kernel.locale import label
from app.models.tickets import Ticket


def of_ticket(definition: Definition, told: Actor, sight: TicketInSight, reader: Reader) -> Facts:
    """The facts about a new ticket: no more than its form shows the reader's side."""
    ticket, language = sight.ticket, reader.language
    side: Side = "customer" if told.is_customer else "agent"
    hidden = hidden_fields(definition, side, form_key=ticket.form, type_key=ticket.type)
    found: tuple[tuple[Word, str, str | None], ...] = (
        ("organization", reader.say("Organization"), sight.organization_name),
        ("type", reader.say("Type"), _label(definition.type_of, ticket.type, language)),
        (
            "severity",
            reader.say("Severity"),
            _label(definition.severity_of, ticket.severity, language),
        ),
        (
            "priority",
            reader.say("Priority"),
            _label(definition.priority_of, ticket.priority, language),
        ),
        ("service", reader.say("Service"), _service(definition, sight, language)),
    )
    return tuple(
        (_word(definition, reader, name, otherwise), value)
        for name, otherwise, value in found
        if value and name not in hidden
    )


def _service(definition: Definition, sight: TicketInSight, language: str) -> str | None:
    """The service, as it is called under the ticket's agreement (S4-14)."""
    key = sight.ticket.service
    return key and service_name(definition, key, sight.entitlement_template, language)


def move(
    definition: Definition, told: Actor, reader: Reader, before: str | None, after: str | None
) -> Facts:
    """A change of status as a fact: from which to which (S3-17). Nothing where both have the same
    name on the reader's side."""
    steps = [status(definition, told, reader, key) for key in (before, after) if key]
    if not after or len(set(steps)) != len(steps):
        return ()
    return ((_word(definition, reader, "status", reader.say("Status")), " → ".join(steps)),)


def status(definition: Definition, told: Actor, reader: Reader, key: str) -> str:
    """The name of a status on the reader's side."""
    found = definition.status_of.get(key)
    if found is None:
        return key
    own = found.customer_labels if told.is_customer else None
    return label(own or found.labels, reader.language, default=key)


def desk(definition: Definition, ticket: Ticket, language: str) -> str:
    """The name of the team that has a ticket, else of its department."""
    if ticket.team:
        return _label(definition.team_of, ticket.team, language)
    return _label(definition.department_of, ticket.department, language)


def _word(definition: Definition, reader: Reader, name: Word, otherwise: str) -> str:
    """The portal's own word where it has one in the reader's language (S1-4)."""
    words: Mapping[Any, str] = definition.portal.words.get(name, {})
    own = words.get(reader.language)
    return f"{own[:1].upper()}{own[1:]}" if own else otherwise


def _label(items: Mapping[str, Named], key: str | None, language: str) -> str:
    found = items.get(key) if key else None
    return label(found.labels, language, default=found.key) if found else key or ""
