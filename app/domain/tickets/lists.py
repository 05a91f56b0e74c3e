"""Lists of tickets: filtered, searched, sorted, paged and counted.

A list has only what the actor may read, and nothing in it tells of the rest."""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, every
from app.database.paging import AnySelect, Page, Position, count, fetch_page
from app.domain.forms.policy import forms_hiding
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.problems import NotForCustomers
from app.domain.tickets.queries import with_names
from app.domain.tickets.search import tickets_with
from app.domain.tickets.sorts import SORTS
from app.kernel.problems import Fault
from app.models.tickets import Ticket

#: What a list needs of a ticket: all but the long texts and what it is only sorted by. Columns
#: rather than tickets, as making those takes longer than reading them.
_NOT_SHOWN = frozenset({"description", "description_html", "fields", "subject_key"})
IN_A_LIST = tuple(
    column
    for column in Ticket.__table__.c
    if column.key not in _NOT_SHOWN and not column.key.endswith("_rank")
)
_LISTED = with_names(*IN_A_LIST).where(Ticket.tenant_id == bindparam("tenant"))
_of_tenant = Ticket.tenant_id.__eq__
#: What a list is narrowed to and sorted by, and a form may hide from customers.
_OF_FORMS = ("severity", "priority", "service", "entitlement")


def _one_of(ids: Any) -> ColumnElement[bool]:
    return Ticket.id == any_(cast(ids, ARRAY(Uuid)))


async def ways_to_read(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[AnyCondition]:
    """The ways in which the actor may read what is asked for; none where nothing can match. A
    ticket may be readable in several ways: whoever counts takes each once."""
    conditions = _conditions(actor, narrowed) + await _without_hidden(session, actor, narrowed)
    if narrowed.q.strip():
        found = await tickets_with(session, actor, narrowed.q)
        if not found:
            return []
        conditions.append(Condition(_one_of, (list(found),)))
    ways = policy.branches(actor)
    if narrowed.mine:
        visible = policy.visible_to(actor)
        ways = [every(own, visible) for own in policy.mine(actor)]
    return [every(*conditions, way) for way in ways]


def readable(actor: Actor, narrowed: TicketFilter) -> AnyCondition:
    """What the list with this filter has, as one condition, without `mine` and `q`."""
    return every(*_conditions(actor, narrowed), policy.visible_to(actor))


def _conditions(actor: Actor, narrowed: TicketFilter) -> list[Condition]:
    return [Condition(_of_tenant, (actor.tenant_id,)), *narrowed.conditions(actor)]


async def _without_hidden(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[Condition]:
    """Leave out tickets whose form hides a filtered field from customers: a hit would tell its
    value."""
    fields = [field for field in _OF_FORMS if getattr(narrowed, field)] if actor.is_customer else []
    hiding = {form for field in fields for form in await _forms_hiding(session, actor, field)}
    return [Condition(_of_other_forms, (tuple(sorted(hiding)),))] if hiding else []


async def _forms_hiding(session: AsyncSession, actor: Actor, field: str) -> list[str]:
    """The forms and types that hide a field from customers, as `form/type`."""
    definition = await definition_of(session, actor)
    return ["/".join(place) for place in forms_hiding(definition, "customer", field)]


def _of_other_forms(forms: Any) -> ColumnElement[bool]:
    return (Ticket.form + "/" + Ticket.type).not_in(forms)


async def _refuse_hidden(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter, sort: str
) -> None:
    """Refuse a customer's filter or order that would tell what is hidden from customers: the team
    of a ticket, and a field that some form hides."""
    if not actor.is_customer:
        return
    for parameter, said in (
        ("team", bool(narrowed.team)),
        ("my_teams", narrowed.my_teams),
        ("sort", sort == "team"),
        (
            "sort",
            sort in _OF_FORMS and bool(await _forms_hiding(session, actor, sort)),
        ),
    ):
        if said:
            fault = Fault(NotForCustomers.code, NotForCustomers.title, parameter=parameter)
            raise NotForCustomers(faults=(fault,))


async def tickets_visible_to(
    session: AsyncSession,
    actor: Actor,
    narrowed: TicketFilter,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Any]:
    """A page of the tickets `actor` may read: their columns without the long texts (`IN_A_LIST`),
    with the names that go with them.

    Raises `NotForCustomers` where a customer filters or sorts by what is hidden from customers."""
    await _refuse_hidden(session, actor, narrowed, sort)
    ways = await ways_to_read(session, actor, narrowed)
    if not ways:
        return Page((), None)
    return await fetch_page(
        session,
        branches=ways,
        source=Ticket,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=_rows,
        bound={"tenant": actor.tenant_id},
    )


def _rows(hits: Subquery) -> AnySelect:
    return _LISTED.join(hits, hits.c.id == Ticket.id)


async def tickets_counted(session: AsyncSession, actor: Actor, narrowed: TicketFilter) -> int:
    """How many tickets such a list has in all."""
    ways = await ways_to_read(session, actor, narrowed)
    return await count(session, branches=ways, source=Ticket) if ways else 0
