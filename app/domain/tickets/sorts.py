"""The sort orders of the list of tickets, and the joins they need."""

from datetime import datetime

from sqlalchemy.orm import aliased

from app.database.joins import equal_in_tenant
from app.database.paging import SortKey
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket

Requester = aliased(Person)
Assignee = aliased(Person)


#: How what is joined to a ticket belongs to it.
IS_REQUESTER = equal_in_tenant(Requester.id, Ticket.requester_id)
IS_ASSIGNEE = equal_in_tenant(Assignee.id, Ticket.assignee_id)
IS_ORGANIZATION = equal_in_tenant(Organization.id, Ticket.organization_id)
IS_ENTITLEMENT = equal_in_tenant(Entitlement.id, Ticket.entitlement_id)

#: How a list can be sorted: every field it shows (S3-21).
SORTS: dict[str, SortKey] = {
    "number": SortKey(Ticket.number, int),
    "created_at": SortKey(Ticket.created_at, datetime),
    "updated_at": SortKey(Ticket.updated_at, datetime),
    "closed_at": SortKey(Ticket.closed_at, datetime, nullable=True),
    "subject": SortKey(Ticket.subject_key, str),
    "type": SortKey(Ticket.type_rank, int),
    "status": SortKey(Ticket.status_rank, int),
    "severity": SortKey(Ticket.severity_rank, int, nullable=True),
    "priority": SortKey(Ticket.priority_rank, int, nullable=True),
    "service": SortKey(Ticket.service_rank, int, nullable=True),
    "department": SortKey(Ticket.department_rank, int),
    "team": SortKey(Ticket.team_rank, int, nullable=True),
    "due_at": SortKey(Ticket.due_at, datetime, nullable=True),
    "requester": SortKey(
        Requester.sort_name,
        str,
        join=lambda rows: rows.join(Requester, IS_REQUESTER),
    ),
    "assignee": SortKey(
        Assignee.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(Assignee, IS_ASSIGNEE),
    ),
    "organization": SortKey(
        Organization.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(Organization, IS_ORGANIZATION),
    ),
    "entitlement": SortKey(
        Entitlement.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(Entitlement, IS_ENTITLEMENT),
    ),
}
