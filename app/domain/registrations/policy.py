"""Who sees registrations, and who decides.

Nobody sees one before its address is confirmed: until then it says what anybody entered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true

from app.access.actor import Actor
from app.access.require import require
from app.domain.registrations.problems import NobodyLetsIn, RegistrationClosed
from app.domain.tenants.definition.portal import SelfRegistration
from app.models.organizations import EmailDomain
from app.models.registrations import Registration

#: The permissions to approve a registration: it creates a person with a membership and access.
TO_LET_IN = ("people:write", "organizations:write", "portal_access:grant")


def visible_to(actor: Actor, opened: SelfRegistration | None) -> ColumnElement[bool]:
    """The registrations `actor` may read, as a condition; nothing by default."""
    if actor.is_system:
        return true()
    confirmed = Registration.state != "asked"
    if actor.is_agent and actor.may("people:write"):
        within = actor.organization_id
        return confirmed if within is None else confirmed & _of_domains(actor, [within])
    managed = actor.organizations_where("colleagues:manage") if actor.is_customer else []
    if managed and opened is not None and "company_admin" in opened.let_in_by:
        return confirmed & _of_domains(actor, managed)
    return false()


def _of_domains(actor: Actor, organizations: Sequence[UUID]) -> ColumnElement[bool]:
    return Registration.domain.in_(
        select(EmailDomain.domain).where(
            EmailDomain.tenant_id == actor.tenant_id,
            EmailDomain.organization_id.in_(organizations),
        )
    )


def refuse_letting_in(actor: Actor, opened: SelfRegistration | None, organization: UUID) -> None:
    """Raise unless `actor` lets people into that organization. Raises `RegistrationClosed`,
    `Forbidden`."""
    if actor.is_customer:
        require(actor, "colleagues:manage", organization)
    else:
        for permission in TO_LET_IN:
            require(actor, permission, organization)
    side = "company_admin" if actor.is_customer else "agent"
    if opened is None or side not in opened.let_in_by:
        raise RegistrationClosed


def refuse_hopeless(opened: SelfRegistration, *, known_domain: bool) -> None:
    """Raise `NobodyLetsIn` where there is nobody to decide: no agent does, and the address belongs
    to no organization whose people could."""
    if not known_domain and "agent" not in opened.let_in_by:
        raise NobodyLetsIn
