"""After a new definition: the worker brings the ranks of tickets to its order, and their words in
the search index to its language.

Both go through the tenant's tickets by their ids, in batches, each in a transaction of its own and
by the definition in force then. Repeated, also after a crash, they change only what is left."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.access.actor import Actor
from app.access.system import system_transaction
from app.database.session import HasDatabase
from app.database.tenancy import AsSystem
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.journal import Recorded
from app.models.tickets import Ticket

#: How many tickets are looked at in one transaction: ranks are cheap, words are not.
RANKED_AT_ONCE = 2_000
WORDED_AT_ONCE = 200

#: What a list sorts by the definition's order: section, key, place.
_ORDERED: Mapping[str, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]] = {
    "types": (Ticket.type, Ticket.type_rank),
    "statuses": (Ticket.status, Ticket.status_rank),
    "severities": (Ticket.severity, Ticket.severity_rank),
    "priorities": (Ticket.priority, Ticket.priority_rank),
    "services": (Ticket.service, Ticket.service_rank),
    "departments": (Ticket.department, Ticket.department_rank),
    "teams": (Ticket.team, Ticket.team_rank),
}


async def rerank_tickets(tools: HasDatabase, event: Recorded) -> None:
    """After `portal.definition_applied`: where the order of types, statuses and the like has
    changed, update the ranks of every ticket."""
    before, now = await _step(tools, event)
    if before is None or _places(before) == _places(now):
        return
    after: UUID | None = None
    while True:
        async with system_transaction(tools.database, event.tenant_id) as (session, system):
            definition = await definition_of(session, system)
            after = await _rank_some(session, event.tenant_id, definition, after)
        if after is None:
            return


async def reindex_tickets(tools: HasDatabase, event: Recorded) -> None:
    """After `portal.definition_applied`: where the default language has changed, index every ticket
    in the new one (S1-6)."""
    before, now = await _step(tools, event)
    if before is None or before.portal.default_language == now.portal.default_language:
        return
    after: UUID | None = None
    while True:
        async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
            # The words of tickets are the finder's alone: no role that serves may write them.
            after = await session.scalar(select(func.wall.write_words_anew(after, WORDED_AT_ONCE)))
        if after is None:
            return


async def _rank_some(
    session: AsyncSession, tenant_id: UUID, definition: Definition, after: UUID | None
) -> UUID | None:
    """Update the tickets that come next; returns the id of the last of them."""
    ids = select(Ticket.id).where(Ticket.tenant_id == tenant_id)
    if after is not None:
        ids = ids.where(Ticket.id > after)
    here = (await session.scalars(ids.order_by(Ticket.id).limit(RANKED_AT_ONCE))).all()
    if not here:
        return None
    ranks = {
        rank: case(places, value=key, else_=rank)
        for section, (key, rank) in _ORDERED.items()
        if (places := _places_in(definition, section))
    }
    moved: ColumnElement[bool] = or_(
        *(rank.is_distinct_from(place) for rank, place in ranks.items())
    )
    range_ = Ticket.id.between(here[0], here[-1])
    in_order = (
        select(Ticket.id)
        .where(Ticket.tenant_id == tenant_id, range_, moved)
        .order_by(Ticket.id)
        .with_for_update(key_share=True)
    )
    await session.execute(
        update(Ticket)
        .where(Ticket.tenant_id == tenant_id, Ticket.id.in_(in_order))
        .values({rank.key: place for rank, place in ranks.items()})
        .execution_options(synchronize_session=False)
    )
    return here[-1]


async def _step(tools: HasDatabase, event: Recorded) -> tuple[Definition | None, Definition]:
    """The definition before that of the event (`None` before the first), and its own."""
    version = event.data["version"]
    async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
        system = Actor.system(event.tenant_id)
        before = await definition_of(session, system, version - 1) if version > 1 else None
        return before, await definition_of(session, system, version)


def _places(definition: Definition) -> list[dict[str, int]]:
    return [_places_in(definition, section) for section in _ORDERED]


def _places_in(definition: Definition, section: str) -> dict[str, int]:
    items: tuple[Any, ...] = getattr(definition, section)
    return {item.key: place for place, item in enumerate(items)}
