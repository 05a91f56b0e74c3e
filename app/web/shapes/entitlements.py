"""Agreements, as they are shown."""

from app.domain.entitlements.lifecycle import (
    Offer,
    is_running,
    name_of,
    service_name,
    template_of,
)
from app.domain.entitlements.queries import today
from app.domain.tenants.definition.document import Definition
from app.models.entitlements import Entitlement
from app.schemas.base import Labelled, OrganizationReference
from app.schemas.catalogue import CatalogueEntitlement
from app.schemas.entitlements import EntitlementShape


def whole(
    definition: Definition, entitlement: Entitlement, organization_name: str
) -> EntitlementShape:
    """An agreement by itself or in a list."""
    template = template_of(definition, entitlement.template)
    return EntitlementShape(
        id=entitlement.id,
        label=name_of(definition, entitlement.template, entitlement.name),
        name=entitlement.name,
        template=Labelled(
            key=entitlement.template, label=name_of(definition, entitlement.template, None)
        ),
        kind=template.kind if template else "coverage",
        organization=OrganizationReference(id=entitlement.organization_id, name=organization_name),
        services=_services(definition, entitlement),
        starts_on=entitlement.starts_on,
        ends_on=entitlement.ends_on,
        default=entitlement.is_default,
        state="ended" if entitlement.state == "ended" else "active",
        running=is_running(entitlement, today(definition)),
        created_at=entitlement.created_at,
        updated_at=entitlement.updated_at,
    )


def offered(definition: Definition, offer: Offer) -> list[CatalogueEntitlement]:
    """What new tickets may be charged to."""
    return [
        CatalogueEntitlement(
            id=each.id,
            label=name_of(definition, each.template, each.name),
            organization=each.organization_id,
            services=_services(definition, each),
            default=each.is_default,
        )
        for each in offer.entitlements
    ]


def _services(definition: Definition, entitlement: Entitlement) -> list[Labelled]:
    return [
        Labelled(key=key, label=service_name(definition, key, entitlement.template))
        for key in entitlement.services
    ]
