"""Who reads agreements: agents who read organizations, and the organization's own people."""

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.models.entitlements import Entitlement


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The agreements `actor` may read, as a condition; nothing by default."""
    if actor.is_system or (actor.is_agent and actor.may("organizations:read")):
        return true()
    if actor.is_customer:
        return Entitlement.organization_id.in_(actor.organizations)
    return false()
