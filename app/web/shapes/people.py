"""People as they are shown."""

from typing import Any

from app.access.actor import Actor
from app.domain.people.queries import Profile
from app.models.people import ContactDetails, Person
from app.schemas.base import ExternalReference, OrganizationReference
from app.schemas.people import ActingThrough, MembershipShape, Oneself, PersonShape, PersonSummary


def summary(actor: Actor, person: Person, contact: ContactDetails | None) -> PersonSummary:
    """A person in a list."""
    return PersonSummary(**_summary(actor, person, contact))


def _summary(actor: Actor, person: Person, contact: ContactDetails | None) -> dict[str, Any]:
    source, key = person.external_source, person.external_key
    return {
        "id": person.id,
        "name": person.name,
        "side": person.side,
        "state": person.state,
        "shut_out_by": person.shut_out_by,
        "email": contact.email if contact else None,
        "phone": contact.phone if contact else None,
        "language": person.language,
        "role": person.role,
        "service": person.service,
        "external_ref": (
            ExternalReference(source=source, key=key)
            if source and key and not actor.is_customer
            else None
        ),
        "created_at": person.created_at,
        "updated_at": person.updated_at,
    }


def _whole(actor: Actor, profile: Profile) -> dict[str, Any]:
    return {
        **_summary(actor, profile.person, profile.person),
        "muted": profile.person.muted,
        "memberships": [
            MembershipShape(
                organization=OrganizationReference(
                    id=place.organization_id, name=place.organization_name
                ),
                role=place.role,
            )
            for place in profile.memberships
        ],
        "teams": [] if actor.is_customer else profile.person.teams,
    }


def whole(actor: Actor, profile: Profile) -> PersonShape:
    """A person by himself."""
    return PersonShape(**_whole(actor, profile))


def oneself(actor: Actor, profile: Profile, portal: str, through: ActingThrough | None) -> Oneself:
    """The caller, and what he may do."""
    return Oneself(
        **_whole(actor, profile),
        acting_through=through,
        portal=portal,
        must_change_password=actor.must_change_password,
        must_add_factor=actor.must_add_factor,
        must_accept_terms=actor.must_accept_terms,
        permissions=sorted(actor.permissions),
        permissions_by_organization={
            str(grant.organization_id): sorted(grant.permissions)
            for grant in actor.grants
            if grant.organization_id
        },
    )
