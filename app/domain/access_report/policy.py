"""Who reads what of the report: the provider all of it (`access_report:read`), a company admin
what concerns his own people, everybody what concerns himself."""

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from app.access.actor import Actor
from app.models.journal import EventRow
from app.models.organizations import Membership


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The entries `actor` may read, as a condition; nothing by default. Nobody's own report is
    read by a key or an app for him."""
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
