"""Who reads what of the report: agents with `access_report:read` all of it, a company admin what
concerns the company's people, everybody what concerns themselves."""

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from app.access.actor import Actor
from app.models.journal import EventRow
from app.models.organizations import Membership


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The entries `actor` may read, as a condition; nothing by default. A key or an app reads
    nothing for its owner."""
    if actor.may("access_report:read"):
        return true()
    if not actor.in_person:
        return false()
    oneself = EventRow.subject_id == actor.person_id
    managed = actor.organizations_where("colleagues:manage") if actor.is_customer else []
    if not managed:
        return oneself
    colleagues = select(Membership.person_id).where(
        Membership.tenant_id == actor.tenant_id, Membership.organization_id.in_(managed)
    )
    # What a colleague is given elsewhere is no company admin's affair.
    told = EventRow.data
    place = func.coalesce(told["organization_id"].astext, told["organization"].astext)
    here = or_(place.is_(None), place.in_([str(organization) for organization in managed]))
    return or_(oneself, and_(EventRow.subject_id.in_(colleagues), here))
