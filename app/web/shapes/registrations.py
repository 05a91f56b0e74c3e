"""Registrations as they are shown."""

from app.domain.registrations.queries import RegistrationView
from app.schemas.base import OrganizationReference, PersonReference
from app.schemas.registrations import RegistrationShape

_PLAIN = RegistrationShape.model_fields.keys() - {"organization", "person"}


def whole(view: RegistrationView) -> RegistrationShape:
    """A registration, to whoever may decide."""
    held, company, person = view.registration, view.organization, view.person
    return RegistrationShape(
        **{name: getattr(held, name) for name in _PLAIN},
        organization=OrganizationReference(id=company.id, name=company.name) if company else None,
        person=PersonReference(id=person.id, name=person.name) if person else None,
    )
