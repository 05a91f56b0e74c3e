"""Who reads entitlements: agents who read organizations, and the organization's own people."""

from sqlalchemy import ColumnElement, false, true

from app.access.actor import Actor
from app.database.conditions import Condition
from app.models.entitlements import Entitlement


def readable_by(actor: Actor) -> Condition:
    """The agreements `actor` may read, as a condition; nothing by default."""
    if actor.is_system or (actor.is_agent and actor.may("organizations:read")):
        return _ALL
    if actor.is_customer:
        return Condition(_of_organizations, (tuple(actor.organizations),))
    return _NONE


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """`readable_by` as a plain clause, for statements that are not cached."""
    return readable_by(actor).clause


_ALL, _NONE = Condition(true), Condition(false)
_of_organizations = Entitlement.organization_id.in_
