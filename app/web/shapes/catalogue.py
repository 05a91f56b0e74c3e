"""The catalogue, as it is shown to a caller in his language."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.access.actor import Actor
from app.domain.entitlements.lifecycle import Offer, service_name
from app.domain.forms.policy import forms_offered, may_open
from app.domain.tenants.definition.catalogue import Service
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.forms import Form
from app.domain.tickets import policy
from app.domain.tickets.answers import form_side
from app.kernel.locale import label
from app.models.organizations import Organization
from app.schemas.base import Labelled, OrganizationReference
from app.schemas.catalogue import (
    Catalogue,
    CatalogueDepartment,
    CatalogueForm,
    CatalogueService,
    CatalogueType,
    Described,
)
from app.web.shapes import entitlements
from app.web.shapes.labels import status_shape


def text_or_none(texts: Mapping[Any, str]) -> str | None:
    """The text in the caller's language, where there is one."""
    return label(texts) or None


def catalogue(
    actor: Actor, definition: Definition, organizations: Sequence[Organization], offer: Offer
) -> Catalogue:
    """What this caller may use."""
    side = form_side(actor)
    unseen = policy.unseen(actor, definition.department_of)
    forms = forms_offered(definition, side, actor.roles, unseen)
    offered = {key for form in forms for key in form.types}
    return Catalogue(
        departments=[
            CatalogueDepartment(
                key=department.key,
                label=label(department.labels),
                description=text_or_none(department.description),
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
            _service(definition, service, offer)
            for service in definition.services
            if not service.retired
        ],
        entitlements=entitlements.offered(definition, offer),
        organizations=[
            OrganizationReference(id=company.id, name=company.name) for company in organizations
        ],
    )


def _service(definition: Definition, service: Service, offer: Offer) -> CatalogueService:
    charged = offer.default(service.key)
    template = charged.template if charged else None
    return CatalogueService(
        key=service.key,
        label=service_name(definition, service.key, template),
        description=text_or_none(service.description),
        departments=list(service.departments),
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
        description=text_or_none(form.description),
        types=list(form.types),
    )


def _described(items: Sequence[Any]) -> list[Described]:
    return [
        Described(
            key=item.key,
            label=label(item.labels),
            color=item.color,
            description=text_or_none(item.description),
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
        description=text_or_none(kind.description),
        billable=kind.billable,
        billable_notice=text_or_none(kind.billable_notice),
    )
