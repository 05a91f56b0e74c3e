"""Invitations, terms and ways to sign in, as they are shown."""

from app.domain.federation.providers import label_of
from app.domain.invitations.lifecycle import state_of
from app.domain.invitations.queries import InvitationView
from app.domain.invitations.ways import ways_of
from app.domain.sign_in.passwords import LEAST
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import Terms
from app.kernel import clock
from app.kernel.locale import label
from app.schemas.base import OrganizationReference, PersonReference
from app.schemas.invitations import (
    InvitationSeen,
    InvitationShape,
    TermsShape,
    TermsStepShape,
)
from app.schemas.portals import WayToSignIn


def invitation(view: InvitationView) -> InvitationShape:
    """For whoever sent it."""
    held, company, inviter = view.invitation, view.organization, view.inviter
    return InvitationShape(
        id=held.id,
        state=state_of(held, clock.now()),
        person=PersonReference(id=view.person.id, name=view.person.name),
        email=view.contact.email if view.contact else None,
        organization=OrganizationReference(id=company.id, name=company.name) if company else None,
        role=held.role,
        way=held.way,
        invited_by=PersonReference(id=inviter.id, name=inviter.name) if inviter else None,
        created_at=held.created_at,
        expires_at=held.expires_at,
        sent_at=held.sent_at,
        failure=held.failure,
        accepted_at=held.accepted_at,
        accepted_by=held.accepted_by,
    )


def seen(definition: Definition, view: InvitationView) -> InvitationSeen:
    """For whoever holds its link."""
    offered = set(ways_of(definition, view.invitation.way))
    return InvitationSeen(
        portal=definition.portal.slug,
        portal_name=definition.portal.name,
        name=view.person.name,
        email=view.contact.email if view.contact else None,
        organization=view.organization.name if view.organization else None,
        invited_by=view.inviter.name if view.inviter else None,
        expires_at=view.invitation.expires_at,
        terms=terms(definition.sign_in.terms),
        ways=[way for way in ways(definition) if (way.key or way.kind) in offered],
        password_min_length=LEAST,
    )


def terms(held: Terms | None) -> TermsShape | None:
    """What must be accepted, in the caller's language."""
    if held is None:
        return None
    steps = [
        TermsStepShape(
            key=step.key, label=label(step.labels), text=label(step.text) or None, url=step.url
        )
        for step in held.asked
    ]
    return TermsShape(version=held.version, steps=steps)


def ways(definition: Definition) -> list[WayToSignIn]:
    """How people sign in, in the order offered."""
    local = definition.sign_in.local
    own = [WayToSignIn(kind="local", demo_only=local.demo_only)] if local.enabled else []
    return own + [
        WayToSignIn(
            kind=provider.kind,
            key=provider.key,
            label=label_of(provider),
            start_url=f"/v1/portals/{definition.portal.slug}/oidc/{provider.key}/start",
        )
        for provider in definition.sign_in.providers
        if provider.offered
    ]
