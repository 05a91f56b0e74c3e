"""Who sees and changes people.

Agents by permission; a customer sees himself, and with `colleagues:manage` those of his
organization (delegated administration)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from app.access.actor import Actor
from app.models.organizations import Membership
from app.models.people import Person


def held_in(actor: Actor, organization_id: UUID) -> frozenset[str]:
    """What a customer may do in one organization."""
    return frozenset().union(
        *(grant.permissions for grant in actor.grants if grant.organization_id == organization_id)
    )


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The people `actor` may read, as a condition; nothing by default."""
    oneself = Person.id == actor.person_id
    if actor.is_agent and actor.organization_id is not None and actor.may("people:read"):
        return or_(oneself, Person.id.in_(_members_of(actor, [actor.organization_id])))
    if actor.is_system or (actor.is_agent and actor.may("people:read")):
        return true()
    if actor.is_customer:
        managed = actor.organizations_where("colleagues:manage")
        colleagues = Person.id.in_(_members_of(actor, managed))
        return or_(oneself, colleagues) if managed else oneself
    return oneself if actor.is_agent else false()


def _members_of(actor: Actor, organizations: Sequence[UUID]) -> Select[UUID]:
    return select(Membership.person_id).where(
        Membership.tenant_id == actor.tenant_id, Membership.organization_id.in_(organizations)
    )
