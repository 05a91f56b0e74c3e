"""Which changes the feed shows to whom: only those of things the actor can read."""

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.access.actor import Actor
from app.domain.organizations import policy as organizations
from app.domain.people import policy as people
from app.domain.tickets import policy as tickets
from app.models.journal import EventRow
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket

READ = "changes:read"
_RIGHTS = "person.rights_changed"


def visible_to(actor: Actor, event: type[EventRow]) -> ColumnElement[bool]:
    """The events (rows of `event`) that `actor` is told of, where each is joined with the ticket,
    the organization and the person that it is about; nothing by default.

    The rules are complete, because the feed is read as the system: the history's rules know nothing
    of events about organizations and people."""
    if not actor.is_agent:
        return false()
    return or_(_of_tickets(actor, event), _of_organizations(actor, event), _of_people(actor, event))


def _of_tickets(actor: Actor, event: type[EventRow]) -> ColumnElement[bool]:
    """Events of tickets that are readable now, and that happened where the actor might read."""
    conditions = [
        Ticket.id.is_not(None),
        tickets.visible_to(actor).clause,
        event.audience != "system",
        event.department.not_in(sorted(actor.closed_departments)),
    ]
    if not tickets.may_note(actor):
        conditions.append(event.audience != "agents")
    if actor.organization_id is not None:
        conditions.append(Ticket.organization_id == actor.organization_id)
        conditions.append(event.organization_id == actor.organization_id)
    return and_(*conditions)


def _of_organizations(actor: Actor, event: type[EventRow]) -> ColumnElement[bool]:
    only = Organization.id == actor.organization_id if actor.organization_id else true()
    return and_(
        event.ticket_id.is_(None),
        event.name.startswith("organization."),
        Organization.id.is_not(None),
        organizations.visible_to(actor),
        only,
    )


def _of_people(actor: Actor, event: type[EventRow]) -> ColumnElement[bool]:
    if not actor.may("people:read"):
        return false()
    conditions = [
        event.ticket_id.is_(None),
        event.name.startswith("person."),
        Person.id.is_not(None),
        people.visible_to(actor),
    ]
    if actor.organization_id is not None:
        where = event.data["organization_id"].astext
        conditions.append(or_(event.name != _RIGHTS, where == str(actor.organization_id)))
    return and_(*conditions)
