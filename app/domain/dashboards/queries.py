"""Every look at dashboards. Each is one walk along an index of tickets in progress."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, SelectBase, and_, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.dashboards.lifecycle import ages
from app.domain.dashboards.policy import organizations_counted, require_desk, require_organizations
from app.domain.tenants.queries import definition_of
from app.domain.tickets.lists import TicketFilter, ways_to_read
from app.domain.tickets.policy import visible_to
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
    """Tickets in progress by the key of their status; `narrowed` lists exactly these."""

    narrowed: TicketFilter
    by_status: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


@dataclass(frozen=True, slots=True)
class Tile:
    """How many tickets a filter lists."""

    key: str
    narrowed: TicketFilter
    count: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits at an agent's desk: all of it, by whose turn it is, by what was promised for it
    (nothing where the portal promises nothing), and by age."""

    total: Tile
    queues: Sequence[Tile]
    promises: Sequence[Tile]
    ages: Sequence[Tile]


async def organization_tally(
    session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()
) -> Tally | None:
    """The tickets of the caller's organizations, for agents all they may read, perhaps only
    those of the organizations `asked` for; `None` for whoever reads only his own."""
    counted = organizations_counted(actor, asked)
    return None if counted is None else await _tally_of(session, actor, counted)


async def required_organization_tally(
    session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()
) -> Tally:
    """The same; raises `Forbidden` for whoever reads only his own."""
    return await _tally_of(session, actor, require_organizations(actor, asked))


async def _tally_of(session: AsyncSession, actor: Actor, organizations: Sequence[UUID]) -> Tally:
    narrowed = replace(_IN_PROGRESS, organization=organizations)
    # Not branch by branch, as lists are: whatever is counted stands in one stretch of one index.
    found = select(Ticket.status).where(*_readable(actor, narrowed))
    return Tally(narrowed, await _by_status(session, found))


async def own_tally(session: AsyncSession, actor: Actor, asked: Sequence[UUID] = ()) -> Tally:
    """What a customer asked for or takes part in, what an agent has."""
    narrowed = replace(_IN_PROGRESS, mine=True, organization=asked)
    ways = await ways_to_read(session, actor, narrowed)
    each = [select(Ticket.id, Ticket.status).where(way) for way in ways]
    # A union takes what is one's own for two reasons once.
    return Tally(narrowed, await _by_status(session, each[0] if len(each) == 1 else union(*each)))


async def _by_status(session: AsyncSession, tickets: SelectBase) -> Mapping[str, int]:
    found = tickets.subquery()
    rows = await session.execute(
        select(found.c.status, func.count().label("tickets")).group_by(found.c.status)
    )
    return {row.status: row.tickets for row in rows}


def _readable(actor: Actor, narrowed: TicketFilter) -> Sequence[ColumnElement[bool]]:
    """What the list narrowed like this holds."""
    return (
        Ticket.tenant_id == actor.tenant_id,
        *narrowed.conditions(actor),
        visible_to(actor),
    )


async def desk_of(session: AsyncSession, actor: Actor) -> Desk:
    """What waits at an agent's desk. Raises `Forbidden` for everybody else."""
    require_desk(actor)
    definition = await definition_of(session, actor)
    queues = dict(_queues(actor))
    by_age = {
        age.key: replace(_IN_PROGRESS, created_from=age.begin, created_to=age.end)
        for age in ages(clock.now(), definition.portal.time_zone)
    }
    promises = dict(_PROMISES) if definition.sla_policies else {}
    filters = {"total": _IN_PROGRESS, **queues, **promises, **by_age}
    figures = select(
        *(
            func.count().filter(and_(*narrowed.conditions(actor))).label(key)
            for key, narrowed in filters.items()
        )
    ).where(*_readable(actor, _IN_PROGRESS))
    counted = (await session.execute(figures)).one()._mapping  # noqa: SLF001 (its public name)
    tiles = {key: Tile(key, narrowed, counted[key]) for key, narrowed in filters.items()}
    return Desk(
        total=tiles["total"],
        queues=[tiles[key] for key in queues],
        promises=[tiles[key] for key in promises],
        ages=[tiles[key] for key in by_age],
    )


def _queues(actor: Actor) -> Iterator[tuple[str, TicketFilter]]:
    """Whose turn it is, seen from the desk of `actor`."""
    yield "mine", replace(_IN_PROGRESS, assignee=(actor.person,))
    yield "my_teams", replace(_IN_PROGRESS, my_teams=True)
    yield "unassigned", replace(_IN_PROGRESS, assigned=False)
    for category in ("waiting_customer", "waiting_third_party"):
        yield category, replace(_IN_PROGRESS, status_category=(category,))
