"""What a ticket's form came to, written into the ticket and read back from it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.permissions import Side
from app.domain.entitlements.queries import offer_for
from app.domain.forms.resolution import Resolution
from app.domain.tenants.definition.document import Definition
from app.domain.tickets.events import TicketChanged
from app.journal import record
from app.kernel.markdown import to_html
from app.kernel.sorting import sort_key
from app.models.tickets import Ticket

#: Answers every form has beside `entitlement`; all others stand in `fields`.
STANDARD = ("subject", "description", "type", "severity", "priority", "service")
_RANKED = {
    "type": "types",
    "severity": "severities",
    "priority": "priorities",
    "service": "services",
}


def answers_of(ticket: Ticket) -> dict[str, Any]:
    """What was answered to the ticket's form: standard and own fields in one."""
    standard = {field: getattr(ticket, field) for field in STANDARD}
    if ticket.entitlement_id is not None:
        standard["entitlement"] = str(ticket.entitlement_id)
    return {**ticket.fields, **{key: value for key, value in standard.items() if value is not None}}


def write_answers(ticket: Ticket, definition: Definition, resolution: Resolution) -> None:
    """Write down what the form came to: standard fields, own fields, and what they decide."""
    before = ticket.description
    for field in STANDARD:
        setattr(ticket, field, resolution.values.get(field))
    for field, section in _RANKED.items():
        setattr(ticket, f"{field}_rank", definition.rank(section, getattr(ticket, field)))
    entitlement = resolution.values.get("entitlement")
    ticket.entitlement_id = UUID(entitlement) if entitlement else None
    ticket.description = ticket.description or ""
    if ticket.description != before or ticket.description_html is None:
        ticket.description_html = to_html(ticket.description)
    ticket.subject_key = sort_key(ticket.subject)
    ticket.form = resolution.form.key
    if ticket.fields != resolution.custom:
        ticket.fields = resolution.custom
    ticket.billable = resolution.billable


async def change_answers(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    resolution: Resolution,
) -> bool:
    """Write changed answers and the event that says so; answers whether anything changed."""
    before = answers_of(ticket)
    write_answers(ticket, definition, resolution)
    after = answers_of(ticket)
    changed = tuple(sorted(key for key in {*before, *after} if before.get(key) != after.get(key)))
    if not changed:
        return False
    ticket.definition_version = actor.definition_version
    keys = [key for key in changed if key in _RANKED or key == "entitlement"]
    unseen = {field.key for field in resolution.form.fields if "customer" not in field.visible_to}
    happened = TicketChanged(
        ticket=ticket,
        audience="agents" if unseen.issuperset(changed) else "everyone",
        changed=changed,
        before={key: before.get(key) for key in keys},
        after={key: after.get(key) for key in keys},
    )
    await record(session, actor, happened)
    return True


async def offered_to(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    changes: Mapping[str, Any],
) -> dict[str, Collection[str]]:
    """What the definition cannot know of a change: the agreements of the ticket's organization,
    and the services that the one it is charged to covers."""
    if not {"entitlement", "service"} & changes.keys():
        return {}
    offer = await offer_for(session, actor, definition, ticket.organization_id)
    return offer.narrowing({**answers_of(ticket), **changes})


def form_side(actor: Actor) -> Side:
    """The side a form speaks to."""
    return "agent" if actor.is_agent else "customer"
