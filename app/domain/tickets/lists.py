"""Lists of tickets: narrowed, searched, sorted, page by page, and counted.

Whatever is asked for, a list holds what the actor may read and nothing tells of the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, String, Uuid, any_, literal, literal_column
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
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

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        """The filter as conditions, `mine` and `q` apart."""
        found: list[ColumnElement[bool]] = []
        for name, column in _FILTERED.items():
            if values := getattr(self, name):
                found.append(column.in_(values))
        found += self._as_they_stand(actor)
        for name, bound in (
            ("created_from", Ticket.created_at.__ge__),
            ("created_to", Ticket.created_at.__lt__),
            ("updated_from", Ticket.updated_at.__ge__),
            ("updated_to", Ticket.updated_at.__lt__),
        ):
            if (moment := getattr(self, name)) is not None:
                found.append(bound(moment))
        return found

    def _as_they_stand(self, actor: Actor) -> Iterator[ColumnElement[bool]]:
        if self.state:
            closed = Ticket.status_category == _CLOSED
            yield closed if self.state == "closed" else ~closed
        if self.sla:
            yield _stands(self.sla)
        if self.my_teams:
            yield Ticket.team.in_(sorted(actor.teams))
        if self.assigned is not None:
            nobody = Ticket.assignee_id.is_(None)
            yield ~nobody if self.assigned else nobody


def _stands(standings: Sequence[str]) -> ColumnElement[bool]:
    """Those of these standings; `none` are those that nothing is promised for."""
    named = [standing for standing in standings if standing != "none"]
    nothing = Ticket.sla.is_(None)
    if not named:
        return nothing
    found = Ticket.sla.in_(named)
    return found | nothing if "none" in standings else found


#: What a list needs of a ticket: all but the long texts and what it is only sorted by. Columns
#: rather than tickets, as making those takes longer than reading them.
_NOT_SHOWN = frozenset({"description", "description_html", "fields", "subject_key"})
IN_A_LIST = tuple(
    column
    for column in Ticket.__table__.c
    if column.key not in _NOT_SHOWN and not column.key.endswith("_rank")
)
_LISTED = with_names(*IN_A_LIST)

_FILTERED: dict[str, Any] = {
    "status": Ticket.status,
    "status_category": Ticket.status_category,
    "type": Ticket.type,
    "service": Ticket.service,
    "severity": Ticket.severity,
    "priority": Ticket.priority,
    "department": Ticket.department,
    "team": Ticket.team,
    "assignee": Ticket.assignee_id,
    "organization": Ticket.organization_id,
    "requester": Ticket.requester_id,
    "entitlement": Ticket.entitlement_id,
}


async def ways_to_read(
    session: AsyncSession, actor: Actor, narrowed: TicketFilter
) -> list[ColumnElement[bool]]:
    """The ways in which the actor may read what is asked for; none where nothing can match. A
    ticket may be read in several ways: whoever counts takes each once."""
    always = [Ticket.tenant_id == actor.tenant_id, *narrowed.conditions(actor)]
    if narrowed.q.strip():
        found = await tickets_with(session, actor, narrowed.q)
        if not found:
            return []
        always.append(Ticket.id == any_(literal(list(found), ARRAY(Uuid))))
    ways = policy.branches(actor)
    if narrowed.mine:
        visible = policy.visible_to(actor)
        ways = [own & visible for own in policy.mine(actor)]
    return [_together([*always, way]) for way in ways]


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


def _together(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first


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

    def rows(hits: Subquery) -> AnySelect:
        return _LISTED.join(hits, hits.c.id == Ticket.id).where(Ticket.tenant_id == actor.tenant_id)

    return await fetch_page(
        session,
        branches=ways,
        source=Ticket,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


async def tickets_counted(session: AsyncSession, actor: Actor, narrowed: TicketFilter) -> int:
    """How many tickets such a list has in all."""
    ways = await ways_to_read(session, actor, narrowed)
    return await count(session, branches=ways, source=Ticket) if ways else 0
