"""Statements of opening a ticket, put together once."""

from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from app.database.asking import Question
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.people import Person
from app.models.tickets import Ticket, TicketCounter

_tickets: Table = Ticket.__table__  # type: ignore[assignment]


def _named(name: str, shown: Any, kind: Any, key: str) -> Any:
    """What stands in the row that the ticket's column `key` names."""
    where = (kind.tenant_id == bindparam("tenant_id"), kind.id == bindparam(key))
    return select(shown).where(*where).scalar_subquery().label(name)


_counted = (
    update(TicketCounter.__table__)  # type: ignore[arg-type]
    .where(TicketCounter.tenant_id == bindparam("tenant_id"))
    .values(last_number=TicketCounter.last_number + 1)
    .returning(TicketCounter.last_number)
    .cte("counted")
)
_opened: dict[str, Any] = {
    column.name: bindparam(column.name, type_=column.type) for column in _tickets.columns
} | {"number": _counted.c.last_number}
#: A ticket with the tenant's next number, whose row stays locked until the end of the transaction;
#: answers the number, and the names that go with the ticket. Nothing without a counter.
OPEN = Question(
    insert(_tickets)
    .from_select(list(_opened), select(*_opened.values()))
    .returning(
        _tickets.c.number,
        _named("requester_name", Person.name, Person, "requester_id"),
        _named("organization_name", Organization.name, Organization, "organization_id"),
        _named("entitlement_name", Entitlement.name, Entitlement, "entitlement_id"),
        _named("entitlement_template", Entitlement.template, Entitlement, "entitlement_id"),
    )
)
