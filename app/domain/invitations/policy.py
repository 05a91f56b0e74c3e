"""Who invites, and who sees invitations: agents who open the portal for people, and company
administrators for their organization."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.access.require import require
from app.models.invitations import Invitation


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The invitations `actor` may see, as a condition; nothing by default."""
    if actor.is_system or (actor.is_agent and actor.may("portal_access:grant")):
        return true()
    if actor.is_customer and (managed := actor.organizations_where("colleagues:manage")):
        return Invitation.organization_id.in_(managed)
    return false()


def require_inviting(actor: Actor, side: str, organization_id: UUID | None) -> None:
    """Raise `Forbidden` unless `actor` may invite to that side, and to that organization."""
    if actor.is_customer:
        require(actor, "colleagues:manage", organization_id)
        return
    require(actor, "portal_access:grant")
    if side == "agent":
        require(actor, "roles:assign")
    elif organization_id is not None:
        require(actor, "organizations:write")
