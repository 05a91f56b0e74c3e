"""Every look at tickets. Fetching is checking: what comes back may be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.paging import AnySelect, Page, Position, count, fetch_page
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.sorts import SORTS, Assignee, Requester
from app.kernel.ids import parse_id
from app.models.organizations import Organization
from app.models.tickets import Participant, Ticket

_NUMBER = re.compile(r"([A-Za-z]{2,6})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class TicketInSight:
    """A ticket with the names that go with it, and whether the actor takes part in it."""

    ticket: Ticket
    requester_name: str
    assignee_name: str | None
    organization_name: str | None
    participates: bool


def _shown() -> AnySelect:
    return (
        select(
            Ticket,
            Requester.name.label("requester_name"),
            Assignee.name.label("assignee_name"),
            Organization.name.label("organization_name"),
        )
        .join(
            Requester,
            (Requester.tenant_id == Ticket.tenant_id) & (Requester.id == Ticket.requester_id),
        )
        .outerjoin(
            Assignee,
            (Assignee.tenant_id == Ticket.tenant_id) & (Assignee.id == Ticket.assignee_id),
        )
        .outerjoin(
            Organization,
            (Organization.tenant_id == Ticket.tenant_id)
            & (Organization.id == Ticket.organization_id),
        )
    )


async def ticket_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> TicketInSight:
    """The ticket with this id or number (`CRM-1042`), locked where it is to be changed.

    Raises `TicketNotFound`, for what `actor` may not read too."""
    named = await _named(session, actor, str(reference))
    participates = exists().where(
        Participant.tenant_id == actor.tenant_id,
        Participant.ticket_id == Ticket.id,
        Participant.person_id == actor.person_id,
    )
    statement = (
        _shown()
        .add_columns(participates.label("participates"))
        .where(Ticket.tenant_id == actor.tenant_id, named)
    )
    if lock:
        statement = statement.with_for_update(of=Ticket).execution_options(populate_existing=True)
    row = (await session.execute(statement)).one_or_none()
    if row is None or not policy.may(actor, "read", row[0], participates=row.participates):
        raise TicketNotFound
    return TicketInSight(
        row[0], row.requester_name, row.assignee_name, row.organization_name, row.participates
    )


async def _named(session: AsyncSession, actor: Actor, reference: str) -> ColumnElement[bool]:
    match = _NUMBER.fullmatch(reference)
    if match:
        definition = await definition_of(session, actor)
        if match[1].upper() == definition.portal.number_prefix:
            return Ticket.number == int(match[2])
    elif ticket_id := parse_id(reference):
        return Ticket.id == ticket_id
    raise TicketNotFound


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
    mine: bool = False
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as conditions, `mine` apart."""
        found: list[ColumnElement[bool]] = []
        for name, column in _FILTERED.items():
            if values := getattr(self, name):
                found.append(column.in_(values))
        if self.state:
            closed = Ticket.status_category == "closed"
            found.append(closed if self.state == "closed" else ~closed)
        for name, bound in (
            ("created_from", Ticket.created_at.__ge__),
            ("created_to", Ticket.created_at.__lt__),
            ("updated_from", Ticket.updated_at.__ge__),
            ("updated_to", Ticket.updated_at.__lt__),
        ):
            if (moment := getattr(self, name)) is not None:
                found.append(bound(moment))
        return found


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
}


def _ways(actor: Actor, narrowed: TicketFilter) -> list[ColumnElement[bool]]:
    always = [Ticket.tenant_id == actor.tenant_id, *narrowed.conditions()]
    ways = policy.branches(actor)
    if narrowed.mine:
        visible = policy.visible_to(actor)
        ways = [own & visible for own in policy.mine(actor)]
    return [_together([*always, way]) for way in ways]


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
    """A page of the tickets `actor` may read, with the names that go with them."""

    def rows(hits: Subquery) -> AnySelect:
        return (
            _shown().join(hits, hits.c.id == Ticket.id).where(Ticket.tenant_id == actor.tenant_id)
        )

    return await fetch_page(
        session,
        branches=_ways(actor, narrowed),
        source=Ticket,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


async def tickets_counted(session: AsyncSession, actor: Actor, narrowed: TicketFilter) -> int:
    """How many tickets such a list has in all."""
    return await count(session, branches=_ways(actor, narrowed), source=Ticket)
