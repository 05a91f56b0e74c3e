"""`require`: the one sentence with which an action asks for a permission."""

from uuid import UUID

from app.access.actor import Actor
from app.kernel.problems import Forbidden


def require(actor: Actor, permission: str, organization_id: UUID | None = None) -> None:
    """Raise `Forbidden` unless `actor` holds `permission` (in that organization, where named).

    Only for what the actor may know to exist: what he may not read is refused as not found,
    before (404 before 403)."""
    if not actor.may(permission, organization_id):
        raise Forbidden(permission=permission)
