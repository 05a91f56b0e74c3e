"""Lists of tickets: narrowed, searched, sorted, page by page, and counted.

Whatever is asked for, a list holds what the actor may read and nothing tells of the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    String,
    Uuid,
    any_,
    bindparam,
    cast,
    literal_column,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.conditions import AnyCondition, Condition, every
from app.database.paging import AnySelect, Page, Position, count, fetch_page
from app.domain.tickets import policy
from app.domain.tickets.problems import NotForCustomers
from app.domain.tickets.queries import with_names
from app.domain.tickets.search import tickets_with
from app.domain.tickets.sorts import SORTS
from app.kernel.problems import Fault
from app.models.tickets import Ticket

#: Written out: with a bound value PostgreSQL could not tell that the indexes of tickets in progress
#: hold all that is asked for.
_CLOSED = literal_column("'closed'", String)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """What a list is narrowed to; within a field any of the values, between fields all."""

    status: Sequence[str] = ()
    status_category: Sequence[str] = ()
    state: str | None = None
    type: Sequence[str] = ()
    service: Sequence[str] = ()
    severity: Sequence[str] = ()
    priority: Sequence[str] = ()
    department: Sequence[str] = ()
    team: Sequence[str] = ()
    assignee: Sequence[UUID] = ()
    organization: Sequence[UUID] = ()
    requester: Sequence[UUID] = ()
    entitlement: Sequence[UUID] = ()
    sla: Sequence[str] = ()
    mine: bool = False
    my_teams: bool = False
    assigned: bool | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    q: str = ""

    def conditions(self, actor: Actor) -> list[Condition]:
        """The filter as conditions, `mine` and `q` apart."""
        found = [
            Condition(rule, (tuple(values),))
            for name, rule in _AMONG.items()
            if (values := getattr(self, name))
        ]
        found += self._as_they_stand(actor)
        found += [
            Condition(rule, (moment,))
            for name, rule in _BOUNDS.items()
            if (moment := getattr(self, name)) is not None
        ]
        return found

    def _as_they_stand(self, actor: Actor) -> Iterator[Condition]:
        if self.state:
            yield Condition(_is_closed if self.state == "closed" else _in_progress)
        if self.sla:
            named = tuple(standing for standing in self.sla if standing != "none")
            nothing = Condition(_nothing_promised)
            if not named:
                yield nothing
            else:
                yield Condition(_stands_or_nothing if "none" in self.sla else _stands, (named,))
        if self.my_teams:
            yield Condition(_AMONG["team"], (tuple(sorted(actor.teams)),))
        if self.assigned is not None:
            yield Condition(_somebody_has if self.assigned else _nobody_has)


def _is_closed() -> ColumnElement[bool]:
    return Ticket.status_category == _CLOSED


def _in_progress() -> ColumnElement[bool]:
    return ~_is_closed()


def _nothing_promised() -> ColumnElement[bool]:
    return Ticket.sla.is_(None)


def _stands(standings: Any) -> ColumnElement[bool]:
    return Ticket.sla.in_(standings)


def _stands_or_nothing(standings: Any) -> ColumnElement[bool]:
    return _stands(standings) | _nothing_promised()


def _nobody_has() -> ColumnElement[bool]:
    return Ticket.assignee_id.is_(None)


def _somebody_has() -> ColumnElement[bool]:
    return ~_nobody_has()


def _one_of(ids: Any) -> ColumnElement[bool]:
    return Ticket.id == any_(cast(ids, ARRAY(Uuid)))


#: What a list needs of a ticket: all but the long texts and what it is only sorted by. Columns
#: rather than tickets, as making those takes longer than reading them.
_NOT_SHOWN = frozenset({"description", "description_html", "fields", "subject_key"})
IN_A_LIST = tuple(
    column
    for column in Ticket.__table__.c
    if column.key not in _NOT_SHOWN and not column.key.endswith("_rank")
)
_LISTED = with_names(*IN_A_LIST).where(Ticket.tenant_id == bindparam("tenant"))

_AMONG: dict[str, Any] = {
    "status": Ticket.status.in_,
    "status_category": Ticket.status_category.in_,
    "type": Ticket.type.in_,
    "service": Ticket.service.in_,
    "severity": Ticket.severity.in_,
    "priority": Ticket.priority.in_,
    "department": Ticket.department.in_,
    "team": Ticket.team.in_,
    "assignee": Ticket.assignee_id.in_,
    "organization": Ticket.organization_id.in_,
    "requester": Ticket.requester_id.in_,
    "entitlement": Ticket.entitlement_id.in_,
}
_BOUNDS: dict[str, Any] = {
    "created_from": Ticket.created_at.__ge__,
    "created_to": Ticket.created_at.__lt__,
    "updated_from": Ticket.updated_at.__ge__,
    "updated_to": Ticket.updated_at.__lt__,
}
_of_tenant = Ticket.tenant_id.__eq__


async def ways_to_read(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[AnyCondition]:
    """The ways in which the actor may read what is asked for; none where nothing can match. A
    ticket may be read in several ways: whoever counts takes each once."""
    always = [Condition(_of_tenant, (actor.tenant_id,)), *narrowed.conditions(actor)]
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
    always = [Condition(_of_tenant, (actor.tenant_id,)), *narrowed.conditions(actor)]
    return every(*always, policy.visible_to(actor))


def _refuse_hidden(actor: Actor, narrowed: TicketFilter, sort: str) -> None:
    """Which team has a ticket is the provider's own affair; an order or a hit would tell."""
    if not actor.is_customer:
        return
    for parameter, said in (
        ("team", bool(narrowed.team)),
        ("my_teams", narrowed.my_teams),
        ("sort", sort == "team"),
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
) -> Page[Row[Any]]:
    """A page of the tickets `actor` may read: their columns but the long texts (`IN_A_LIST`), with
    the names that go with them.

    Raises `NotForCustomers` where a customer narrows or sorts by what he is not shown."""
    _refuse_hidden(actor, narrowed, sort)
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
