"""Forms, as they are shown to a caller in his language: before and with his answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.access.actor import Actor
from app.domain.entitlements.lifecycle import Offer, name_of, service_name
from app.domain.forms.policy import may_open
from app.domain.forms.problems import pointer_to
from app.domain.forms.resolution import Resolution, ShownPage
from app.domain.service_levels.promises import Asked as PromiseAsked
from app.domain.service_levels.promises import promise_for
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import FormField
from app.domain.tickets.answers import form_side
from app.kernel.locale import label, translate
from app.schemas.catalogue import (
    FormChoice,
    FormFieldShape,
    FormPage,
    FormProblem,
    FormResolution,
    FormShape,
)
from app.schemas.service_levels import Promised
from app.web.shapes.catalogue import text_or_none, type_shape
from app.web.shapes.service_levels import promised


@dataclass(frozen=True, slots=True)
class Asked:
    """A form at a set of answers: who is asked, and what he may charge it to."""

    actor: Actor
    definition: Definition
    resolution: Resolution
    offer: Offer

    @property
    def template(self) -> str | None:
        """The template of the agreement it would be charged to, which names services (S4-14)."""
        values = self.resolution.values
        chosen = self.offer.named(values.get("entitlement")) or self.offer.default(
            values.get("service")
        )
        return chosen.template if chosen else None


def form(asked: Asked) -> FormShape:
    """A form as it begins."""
    held = asked.resolution.form
    return FormShape(
        key=held.key,
        label=label(held.labels),
        description=text_or_none(held.description),
        department=held.department,
        types=[
            type_shape(asked.definition, key)
            for key in held.types
            if may_open(asked.definition.type_of[key], form_side(asked.actor))
        ],
        pages=_pages(asked),
    )


def resolved(asked: Asked) -> FormResolution:
    """What a form comes to with the answers given."""
    resolution = asked.resolution
    kind = resolution.type
    return FormResolution(
        form=resolution.form.key,
        type=kind.key if kind else None,
        pages=_pages(asked),
        forced=told(asked.actor, resolution, resolution.forced),
        values=told(asked.actor, resolution, resolution.values),
        errors=faults(resolution),
        billable=resolution.billable,
        billable_notice=text_or_none(kind.billable_notice) if kind else None,
        service_level=promise(asked.actor, asked.definition, resolution, asked.template),
    )


def promise(
    actor: Actor, definition: Definition, resolution: Resolution, template: str | None
) -> Promised | None:
    """The promise that would hold with these answers, charged to an agreement of `template`;
    nothing while the type is open."""
    if resolution.type is None:
        return None
    values = resolution.values
    said = PromiseAsked(
        type=resolution.type.key,
        severity=values.get("severity"),
        priority=values.get("priority"),
        service=values.get("service"),
        template=template,
    )
    return promised(promise_for(definition, actor.definition_version, said))


def faults(resolution: Resolution) -> list[FormProblem]:
    """What opening a ticket with these answers would refuse."""
    return [
        FormProblem(
            code=fault.code, detail=translate(fault.detail, **fault.values), pointer=fault.pointer
        )
        for fault in resolution.faults
    ]


def told(actor: Actor, resolution: Resolution, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the caller's side sees."""
    side = form_side(actor)
    fields = resolution.form.field_of
    return {
        key: value
        for key, value in values.items()
        if key not in fields or side in fields[key].visible_to
    }


def _pages(asked: Asked) -> list[FormPage]:
    return [_page(asked, page) for page in asked.resolution.pages]


def _page(asked: Asked, shown: ShownPage) -> FormPage:
    page = shown.page
    return FormPage(
        key=page.key if page else None,
        label=label(page.labels) if page else None,
        description=text_or_none(page.description) if page else None,
        fields=[_field(asked, field) for field in shown.fields],
    )


def _field(asked: Asked, field: FormField) -> FormFieldShape:
    resolution = asked.resolution
    editable = form_side(asked.actor) in field.editable_by
    return FormFieldShape(
        key=field.key,
        label=label(field.labels),
        kind=field.kind,
        pointer=pointer_to(field.key),
        help=text_or_none(field.help),
        required=field.key in resolution.required,
        editable=editable and field.key not in resolution.forced,
        choices=_choices(asked, field),
        default=_default(asked, field),
        min_length=field.min_length,
        max_length=field.max_length,
        minimum=field.minimum,
        maximum=field.maximum,
        whole=field.whole,
        earliest=field.earliest.isoformat() if field.earliest else None,
        latest=field.latest.isoformat() if field.latest else None,
    )


def _default(asked: Asked, field: FormField) -> Any:
    if field.key != "entitlement":
        return field.default
    chosen = asked.offer.default(asked.resolution.values.get("service"))
    return str(chosen.id) if chosen else None


def _choices(asked: Asked, field: FormField) -> list[FormChoice] | None:
    allowed = asked.resolution.allowed.get(field.key)
    if allowed is None:
        return None
    named = _labels(asked, field)
    return [FormChoice(key=key, label=named.get(key, key)) for key in allowed]


def _labels(asked: Asked, field: FormField) -> dict[str, str]:
    definition = asked.definition
    items: Any = field.choices
    match field.key:
        case "type":
            items = definition.types
        case "severity":
            items = definition.severities
        case "priority":
            items = definition.priorities
        case "entitlement":
            return {
                str(each.id): name_of(definition, each.template, each.name)
                for each in asked.offer.entitlements
            }
        case _ if field.kind == "service":
            template = asked.template
            return {key: service_name(definition, key, template) for key in definition.service_of}
    return {item.key: label(item.labels) for item in items}
