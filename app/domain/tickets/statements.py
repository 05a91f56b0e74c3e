"""Statements of opening a ticket, put together once."""

from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select

from app.database.asking import Question
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket

_tickets: Table = Ticket.__table__  # type: ignore[assignment]


def _named(name: str, shown: Any, kind: Any, key: str) -> Any:
    """What stands in the row that the ticket's column `key` names."""
    where = (kind.tenant_id == bindparam("tenant_id"), kind.id == bindparam(key))
    return select(shown).where(*where).scalar_subquery().label(name)


_opened: dict[str, Any] = {
    column.name: bindparam(column.name, type_=column.type) for column in _tickets.columns
} | {"number": func.wall.next_ticket_number()}
#: A ticket with the tenant's next number; answers it, and the names that go with the ticket. A
#: number is not given back by a transaction that fails, so that nobody waits for another's.
OPEN = Question(
    insert(_tickets)
    .values(_opened)
    .returning(
        _tickets.c.number,
        _named("requester_name", Person.name, Person, "requester_id"),
        _named("organization_name", Organization.name, Organization, "organization_id"),
        _named("entitlement_name", Entitlement.name, Entitlement, "entitlement_id"),
        _named("entitlement_template", Entitlement.template, Entitlement, "entitlement_id"),
    )
)
