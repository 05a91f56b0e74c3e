"""The catalogue and its forms, as they are shown to a caller in his language."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.access.actor import Actor
from app.domain.forms.policy import forms_offered, may_open
from app.domain.forms.resolution import Resolution, ShownPage
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import Form, FormField
from app.domain.tickets.answers import form_side
from app.kernel.locale import label, translate
from app.models.organizations import Organization
from app.schemas.base import Labelled, OrganizationReference
from app.schemas.catalogue import (
    Catalogue,
    CatalogueDepartment,
    CatalogueForm,
    CatalogueService,
    CatalogueType,
    Described,
    FormChoice,
    FormFieldShape,
    FormPage,
    FormProblem,
    FormResolution,
    FormShape,
)
from app.web.shapes.tickets import status_shape


def _text(texts: Mapping[Any, str]) -> str | None:
    return label(texts) or None


def catalogue(
    actor: Actor, definition: Definition, organizations: Sequence[Organization]
) -> Catalogue:
    """What this caller may use."""
    side = form_side(actor)
    forms = forms_offered(definition, side, actor.roles)
    offered = {key for form in forms for key in form.types}
    return Catalogue(
        departments=[
            CatalogueDepartment(
                key=department.key,
                label=label(department.labels),
                description=_text(department.description),
                intake_channels=sorted(definition.channels(department.key)),
                forms=[_form(form) for form in forms if form.department == department.key],
                teams=_teams(actor, definition, department.key),
            )
            for department in definition.departments
            if not department.retired
        ],
        types=[
            type_shape(definition, kind.key)
            for kind in definition.types
            if may_open(kind, side) and kind.key in offered
        ],
        statuses=[
            status_shape(actor, definition, status.key)
            for status in definition.statuses
            if not status.retired
        ],
        severities=_described(definition.severities),
        priorities=_described(definition.priorities),
        services=[
            CatalogueService(
                key=service.key,
                label=label(service.labels),
                description=_text(service.description),
                departments=list(service.departments),
            )
            for service in definition.services
            if not service.retired
        ],
        organizations=[
            OrganizationReference(id=company.id, name=company.name) for company in organizations
        ],
    )


def _teams(actor: Actor, definition: Definition, department: str) -> list[Labelled]:
    if not actor.is_agent:
        return []
    return [
        Labelled(key=team.key, label=label(team.labels))
        for team in definition.teams
        if team.department == department and not team.retired
    ]


def _form(form: Form) -> CatalogueForm:
    return CatalogueForm(
        key=form.key,
        label=label(form.labels),
        description=_text(form.description),
        types=list(form.types),
    )


def _described(items: Sequence[Any]) -> list[Described]:
    return [
        Described(
            key=item.key,
            label=label(item.labels),
            color=item.color,
            description=_text(item.description),
        )
        for item in items
        if not item.retired
    ]


def type_shape(definition: Definition, key: str) -> CatalogueType:
    """A type of ticket, with what is said of its price."""
    kind = definition.type_of[key]
    return CatalogueType(
        key=key,
        label=label(kind.labels),
        description=_text(kind.description),
        billable=kind.billable,
        billable_notice=_text(kind.billable_notice),
    )


def form(actor: Actor, definition: Definition, resolution: Resolution) -> FormShape:
    """A form as it begins."""
    held = resolution.form
    return FormShape(
        key=held.key,
        label=label(held.labels),
        description=_text(held.description),
        department=held.department,
        types=[
            type_shape(definition, key)
            for key in held.types
            if may_open(definition.type_of[key], "agent" if actor.is_agent else "customer")
        ],
        pages=_pages(actor, definition, resolution),
    )


def resolved(actor: Actor, definition: Definition, resolution: Resolution) -> FormResolution:
    """What a form comes to with the answers given."""
    kind = resolution.type
    return FormResolution(
        form=resolution.form.key,
        type=kind.key if kind else None,
        pages=_pages(actor, definition, resolution),
        forced=_told(actor, resolution, resolution.forced),
        values=_told(actor, resolution, resolution.values),
        errors=[
            FormProblem(
                code=fault.code,
                detail=translate(fault.detail, **fault.values),
                pointer=fault.pointer,
            )
            for fault in resolution.faults
        ],
        billable=resolution.billable,
        billable_notice=_text(kind.billable_notice) if kind else None,
    )


def _told(actor: Actor, resolution: Resolution, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the caller's side sees."""
    side = form_side(actor)
    fields = resolution.form.field_of
    return {
        key: value
        for key, value in values.items()
        if key not in fields or side in fields[key].visible_to
    }


def _pages(actor: Actor, definition: Definition, resolution: Resolution) -> list[FormPage]:
    return [_page(actor, definition, resolution, page) for page in resolution.pages]


def _page(
    actor: Actor, definition: Definition, resolution: Resolution, shown: ShownPage
) -> FormPage:
    page = shown.page
    return FormPage(
        key=page.key if page else None,
        label=label(page.labels) if page else None,
        description=_text(page.description) if page else None,
        fields=[_field(actor, definition, resolution, field) for field in shown.fields],
    )


def _field(
    actor: Actor, definition: Definition, resolution: Resolution, field: FormField
) -> FormFieldShape:
    allowed = resolution.allowed.get(field.key)
    named = _choices(definition, field)
    return FormFieldShape(
        key=field.key,
        label=label(field.labels),
        kind=field.kind,
        help=_text(field.help),
        required=field.key in resolution.required,
        editable=form_side(actor) in field.editable_by and field.key not in resolution.forced,
        choices=None
        if allowed is None
        else [FormChoice(key=key, label=named.get(key, key)) for key in allowed],
        default=field.default,
        min_length=field.min_length,
        max_length=field.max_length,
        minimum=field.minimum,
        maximum=field.maximum,
        whole=field.whole,
        earliest=field.earliest.isoformat() if field.earliest else None,
        latest=field.latest.isoformat() if field.latest else None,
    )


def _choices(definition: Definition, field: FormField) -> dict[str, str]:
    items: Any = field.choices
    match field.key:
        case "type":
            items = definition.types
        case "severity":
            items = definition.severities
        case "priority":
            items = definition.priorities
        case _ if field.kind == "service":
            items = definition.services
    return {item.key: label(item.labels) for item in items}
