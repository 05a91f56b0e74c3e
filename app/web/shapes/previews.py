"""What opening a ticket would come to, as it is shown."""

from app.access.actor import Actor
from app.domain.entitlements.lifecycle import name_of, service_name
from app.domain.notifications.policy import told_of_opening
from app.domain.tickets.deciding import Opening, rules_of_sight
from app.kernel.locale import label
from app.schemas.base import (
    EntitlementReference,
    Labelled,
    OrganizationReference,
    PersonReference,
)
from app.schemas.previews import TicketPreview
from app.web.shapes.catalogue import text_or_none
from app.web.shapes.forms import faults, promise, told
from app.web.shapes.labels import colored, labelled, status_shape


def preview(
    actor: Actor,
    opening: Opening,
    *,
    requester_name: str,
    organization_name: str | None,
    private: bool,
) -> TicketPreview:
    """What would be decided, with what the caller's side sees of it."""
    definition, resolution = opening.definition, opening.resolution
    kind = resolution.type
    values = told(actor, resolution, resolution.values)
    return TicketPreview(
        accepted=not resolution.faults,
        errors=faults(resolution),
        organization=OrganizationReference(id=opening.organization_id, name=organization_name),
        requester=PersonReference(id=opening.requester_id, name=requester_name),
        department=Labelled(
            key=opening.department,
            label=label(definition.department_of[opening.department].labels),
        ),
        form=resolution.form.key,
        team=labelled(definition.team_of, opening.team) if actor.is_agent else None,
        channel=opening.channel,
        type=Labelled(key=kind.key, label=label(kind.labels)) if kind else None,
        status=(
            status_shape(actor, definition, definition.initial_status(kind.key)) if kind else None
        ),
        severity=colored(definition.severity_of, values.get("severity")),
        priority=colored(definition.priority_of, values.get("priority")),
        service=_service(opening, values.get("service")),
        entitlement=_entitlement(actor, opening),
        billable=resolution.billable,
        billable_notice=text_or_none(kind.billable_notice) if kind else None,
        service_level=promise(actor, definition, resolution, _template(opening)),
        values=values,
        told=[
            ("team" if opening.team else "department") if circle == "desk" else "requester"
            for circle in told_of_opening(actor.side)
        ],
        seen_by=rules_of_sight(opening, private=private),
    )


def _service(opening: Opening, key: str | None) -> Labelled | None:
    if key is None:
        return None
    return Labelled(key=key, label=service_name(opening.definition, key, _template(opening)))


def _template(opening: Opening) -> str | None:
    held = opening.offer.named(opening.entitlement_id)
    return held.template if held else None


def _entitlement(actor: Actor, opening: Opening) -> EntitlementReference | None:
    field = opening.resolution.form.field_of.get("entitlement")
    held = opening.offer.named(opening.entitlement_id)
    if held is None or (actor.is_customer and field and "customer" not in field.visible_to):
        return None
    name = name_of(opening.definition, held.template, held.name)
    return EntitlementReference(id=held.id, name=name)
