"""Counting for dashboards. Each count is one scan of an index of tickets in progress."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, func, literal_column, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.conditions import AnyCondition, every, kept
from app.database.paging import AnySelect
from app.domain.dashboards.lifecycle import Age, ages
from app.domain.dashboards.policy import organizations_counted, require_desk, require_organizations
from app.domain.tenants.queries import definition_of
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.lists import readable, ways_to_read
from app.kernel import clock
from app.models.tickets import Ticket

_IN_PROGRESS = TicketFilter(state="open")

#: What the clocks of the promises say (S0-15): too late, and soon to be.
_PROMISES = {
    "breached": replace(_IN_PROGRESS, sla=("breached",)),
    "due_soon": replace(_IN_PROGRESS, sla=("warned",)),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Tickets in progress by the key of their status; `narrowed` is the filter that lists exactly
    these."""

    narrowed: TicketFilter
    by_status: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


@dataclass(frozen=True, slots=True)
class Tile:
    """The number of tickets that a filter lists."""

    key: str
    narrowed: TicketFilter
    count: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The work that waits for an agent: all of it, by whose turn it is, by service level (empty
    where the portal has none), and by age."""

    total: Tile
    queues: Sequence[Tile]
    promises: Sequence[Tile]
    ages: Sequence[Tile]


async def both_tallies(
    session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()
) -> tuple[Tally | None, Tally]:
    """The tickets of the caller's organizations (for agents, all readable ones), perhaps only those
    of the organizations `asked` for, or `None` for people who read only their own; and the caller's
    own."""
    counted = organizations_counted(actor, asked)
    if counted is None:
        return None, await own_tally(session, actor, asked)
    whole, mine = _of_organizations(counted), _own(asked)
    ways = [readable(actor, whole), *await ways_to_read(session, actor, mine)]
    question, values = kept(_counted_twice, _counted_twice, ways)
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for row in await question.rows(session, values):
        found[row.own][row.status] = row.tickets
    return Tally(whole, found[0]), Tally(mine, found[1])


async def required_organization_tally(
    session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()
) -> Tally:
    """The first of both; raises `Forbidden` for those who read only their own tickets."""
    narrowed = _of_organizations(require_organizations(actor, asked))
    # Not branch by branch, as lists are: whatever is counted stands in one stretch of one index.
    return Tally(narrowed, await _by_status(session, [readable(actor, narrowed)]))


async def own_tally(session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()) -> Tally:
    """What a customer asked for or takes part in, what an agent has."""
    narrowed = _own(asked)
    return Tally(narrowed, await _by_status(session, await ways_to_read(session, actor, narrowed)))


def _of_organizations(counted: Sequence[UUID]) -> TicketFilter:
    return replace(_IN_PROGRESS, organization=counted)


def _own(asked: Sequence[UUID]) -> TicketFilter:
    return replace(_IN_PROGRESS, mine=True, organization=asked)


async def _by_status(session: AsyncSession, ways: Sequence[AnyCondition]) -> Mapping[str, int]:
    question, values = kept(_counted, _counted, ways)
    return {row.status: row.tickets for row in await question.rows(session, values)}


def _counted(ways: Sequence[ColumnElement[bool]]) -> AnySelect:
    if len(ways) == 1:
        found = select(Ticket.status).where(ways[0]).subquery()
    else:  # a union takes what is there for two reasons once
        found = union(*(select(Ticket.id, Ticket.status).where(way) for way in ways)).subquery()
    return select(found.c.status, func.count().label("tickets")).group_by(found.c.status)


def _counted_twice(ways: Sequence[ColumnElement[bool]]) -> CompoundSelect[Any]:
    """What the first lets through, and what the others do together."""
    whole, *own = ways
    return union_all(
        _counted([whole]).add_columns(literal_column("0").label("own")),
        _counted(own).add_columns(literal_column("1").label("own")),
    )


async def desk_of(session: AsyncSession, actor: Actor) -> Desk:
    """What waits at an agent's desk. Raises `Forbidden` for everybody else."""
    require_desk(actor)
    definition = await definition_of(session, actor)
    today = tuple(ages(clock.now(), definition.portal.time_zone))
    shown = _shown(actor, today, promised=bool(definition.sla_policies))
    question, values = kept(_figures, _figures, shown.asked)
    total, *figures = await question.row(session, values)
    counted = iter(figures)
    return Desk(
        total=Tile("total", _IN_PROGRESS, total),
        queues=[Tile(key, each, next(counted)) for key, each in shown.queues.items()],
        promises=[Tile(key, each, next(counted)) for key, each in shown.promises.items()],
        ages=[
            Tile(key, each, count)
            for (key, each), count in zip(
                shown.ages.items(), _of_each_age(counted, total), strict=True
            )
        ],
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """The filters of a desk by their keys, and what is `asked` of them: what all share, then what
    each has of its own; of ages, what was opened since they began."""

    queues: Mapping[str, TicketFilter]
    promises: Mapping[str, TicketFilter]
    ages: Mapping[str, TicketFilter]
    asked: Sequence[AnyCondition]


@lru_cache(maxsize=256)
def _shown(actor: Actor, today: tuple[Age, ...], *, promised: bool) -> _Shown:
    """Cached, because it is the same until midnight."""
    queues = dict(_queues(actor))
    promises = _PROMISES if promised else {}
    by_age = {
        age.key: replace(_IN_PROGRESS, created_from=age.begin, created_to=age.end) for age in today
    }
    since = [replace(_IN_PROGRESS, created_from=age.begin) for age in today if age.begin]
    shared = _IN_PROGRESS.conditions(actor)
    own = [
        every(*(each for each in narrowed.conditions(actor) if each not in shared))
        for narrowed in (*queues.values(), *promises.values(), *since)
    ]
    return _Shown(queues, promises, by_age, [readable(actor, _IN_PROGRESS), *own])


def _figures(asked: Sequence[ColumnElement[bool]]) -> AnySelect:
    """How many rows fit the first condition, and how many of them each of the others."""
    readable, *each = asked
    return select(func.count(), *(func.count().filter(condition) for condition in each)).where(
        readable
    )


def _of_each_age(since: Iterable[int], total: int) -> Iterator[int]:
    """From the tickets opened since each age began to those of each age alone."""
    for younger, opened in pairwise((0, *since, total)):
        yield opened - younger


def _queues(actor: Actor) -> Iterator[tuple[str, TicketFilter]]:
    """Whose turn it is, seen from the desk of `actor`."""
    yield "mine", replace(_IN_PROGRESS, assignee=(actor.person,))
    yield "my_teams", replace(_IN_PROGRESS, my_teams=True)
    yield "unassigned", replace(_IN_PROGRESS, assigned=False)
    for category in ("waiting_customer", "waiting_third_party"):
        yield category, replace(_IN_PROGRESS, status_category=(category,))
