"""The filters of the list of tickets, as conditions: data, so that statements can be cached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, literal_column

from app.access.actor import Actor
from app.database.conditions import Condition
from app.models.tickets import Ticket

#: Written out: with a bound value PostgreSQL could not tell that the indexes of tickets in progress
#: hold all that is asked for.
_CLOSED = literal_column("'closed'", String)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFilter:
    """The filters of a list: any of the values of one field, all of the fields."""

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
        """The filter as conditions, without `mine` and `q`."""
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
