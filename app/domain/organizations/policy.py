"""Who sees and changes organizations: agents by permission, members their own."""

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.models.organizations import Organization


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The organizations `actor` may read, as a condition; nothing by default."""
    if actor.is_system or (actor.is_agent and actor.may("organizations:read")):
        return true()
    if actor.is_customer:
        return Organization.id.in_(actor.organizations)
    return false()
