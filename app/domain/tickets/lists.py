"""Lists of tickets: narrowed, searched, sorted, page by page, and counted.

Whatever is asked for, a list holds what the actor may read and nothing tells of the rest.
"""

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, every
from app.database.paging import AnySelect, Page, Position, count, fetch_page
from app.domain.forms.policy import places_kept
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
#: What a list is narrowed to and sorted by, and a form may keep from customers.
_OF_FORMS = ("severity", "priority", "service", "entitlement")


def _one_of(ids: Any) -> ColumnElement[bool]:
    return Ticket.id == any_(cast(ids, ARRAY(Uuid)))


async def ways_to_read(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[AnyCondition]:
    """The ways in which the actor may read what is asked for; none where nothing can match. A
    ticket may be read in several ways: whoever counts takes each once."""
    always = _always(actor, narrowed) + await _besides_what_is_kept(session, actor, narrowed)
    if narrowed.q.strip():
        found = await tickets_with(session, actor, narrowed.q)
        if not found:
            return []
        always.append(Condition(_one_of, (list(found),)))
    ways = policy.branches(actor)
    if narrowed.mine:
        visible = policy.visible_to(actor)
        ways = [every(own, visible) for own in policy.mine(actor)]
    return [every(*always, way) for way in ways]


def readable(actor: Actor, narrowed: TicketFilter) -> AnyCondition:
    """What the list narrowed like this holds, as one condition; `mine` and `q` apart."""
    return every(*_always(actor, narrowed), policy.visible_to(actor))


def _always(actor: Actor, narrowed: TicketFilter) -> list[Condition]:
    return [Condition(_of_tenant, (actor.tenant_id,)), *narrowed.conditions(actor)]


async def _besides_what_is_kept(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[Condition]:
    """A hit would tell a customer what the ticket's form does not show him: it is none."""
    asked = [field for field in _OF_FORMS if getattr(narrowed, field)] if actor.is_customer else []
    kept = {place for field in asked for place in await _kept_from_customers(session, actor, field)}
    return [Condition(_asked_elsewhere, (tuple(sorted(kept)),))] if kept else []


async def _kept_from_customers(session: AsyncSession, actor: Actor, field: str) -> list[str]:
    definition = await definition_of(session, actor)
    return ["/".join(place) for place in places_kept(definition, "customer", field)]


def _asked_elsewhere(places: Any) -> ColumnElement[bool]:
    return (Ticket.form + "/" + Ticket.type).not_in(places)


async def _refuse_hidden(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter, sort: str
) -> None:
    """Which team has a ticket is the provider's own affair; an order or a hit would tell. So would
    the order of what some form does not show."""
    if not actor.is_customer:
        return
    for parameter, said in (
        ("team", bool(narrowed.team)),
        ("my_teams", narrowed.my_teams),
        ("sort", sort == "team"),
        (
            "sort",
            sort in _OF_FORMS and bool(await _kept_from_customers(session, actor, sort)),
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
    """A page of the tickets `actor` may read: their columns but the long texts (`IN_A_LIST`), with
    the names that go with them.

    Raises `NotForCustomers` where a customer narrows or sorts by what he is not shown."""
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
