"""How a list of tickets can be sorted."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased

from app.database.paging import SortKey
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket

Requester = aliased(Person)
Assignee = aliased(Person)


def _by(column: Any, kind: Any, *, nullable: bool = False) -> SortKey:
    return SortKey(column, kind, nullable)


#: How a list can be sorted: every field it shows (S3-21).
SORTS: dict[str, SortKey] = {
    "number": _by(Ticket.number, int),
    "created_at": _by(Ticket.created_at, datetime),
    "updated_at": _by(Ticket.updated_at, datetime),
    "closed_at": _by(Ticket.closed_at, datetime, nullable=True),
    "subject": _by(Ticket.subject_key, str),
    "type": _by(Ticket.type_rank, int),
    "status": _by(Ticket.status_rank, int),
    "severity": _by(Ticket.severity_rank, int, nullable=True),
    "priority": _by(Ticket.priority_rank, int, nullable=True),
    "service": _by(Ticket.service_rank, int, nullable=True),
    "department": _by(Ticket.department_rank, int),
    "team": _by(Ticket.team_rank, int, nullable=True),
    "due_at": _by(Ticket.due_at, datetime, nullable=True),
    "requester": SortKey(
        Requester.sort_name,
        str,
        join=lambda rows: rows.join(
            Requester,
            (Requester.tenant_id == Ticket.tenant_id) & (Requester.id == Ticket.requester_id),
        ),
    ),
    "assignee": SortKey(
        Assignee.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(
            Assignee,
            (Assignee.tenant_id == Ticket.tenant_id) & (Assignee.id == Ticket.assignee_id),
        ),
    ),
    "organization": SortKey(
        Organization.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(
            Organization,
            (Organization.tenant_id == Ticket.tenant_id)
            & (Organization.id == Ticket.organization_id),
        ),
    ),
    "entitlement": SortKey(
        Entitlement.sort_name,
        str,
        nullable=True,
        join=lambda rows: rows.outerjoin(
            Entitlement,
            (Entitlement.tenant_id == Ticket.tenant_id) & (Entitlement.id == Ticket.entitlement_id),
        ),
    ),
}
