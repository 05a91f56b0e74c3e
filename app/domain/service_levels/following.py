"""After a new definition: the worker brings the clocks of tickets in progress to its service
levels, keeping the time they have used ("SLA clocks", rule 5).

Tickets are changed in batches by id, each in a transaction of its own and by the definition in
force then. Repeated, also after a crash, it changes only what is left."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import system_transaction
from app.database.session import HasDatabase
from app.database.tenancy import AsSystem
from app.domain.service_levels import rules
from app.domain.service_levels.actions import keep
from app.domain.service_levels.promises import promise_for
from app.domain.service_levels.queries import asked_of, logs_of, templates_of
from app.domain.service_levels.rules import ENDS, StatusSince
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.journal import Recorded
from app.kernel import clock
from app.models.tickets import Ticket

#: How many tickets are locked at once.
HELD_AT_ONCE = 100


async def apply_new_promises(tools: HasDatabase, event: Recorded) -> None:
    """After `portal.definition_applied`: where service levels have changed, apply them to every
    ticket in progress. A service level that is new counts from now on."""
    version = event.data["version"]
    async with tools.database.transaction(AsSystem(event.tenant_id)) as session:
        system = Actor.system(event.tenant_id)
        before = await definition_of(session, system, version - 1) if version > 1 else None
        now = await definition_of(session, system, version)
    if before is None or _promised(before) == _promised(now):
        return
    after: UUID | None = None
    while True:
        async with system_transaction(tools.database, event.tenant_id) as (session, system):
            after = await _hold_some(session, system, after)
        if after is None:
            return


def _promised(definition: Definition) -> tuple[object, ...]:
    named = tuple((each.key, each.sla_policy) for each in definition.entitlement_templates)
    return definition.sla_policies, definition.calendars, named


async def _hold_some(session: AsyncSession, system: Actor, after: UUID | None) -> UUID | None:
    """Change the tickets that come next; returns the id of the last of them."""
    definition = await definition_of(session, system)
    wanted = select(Ticket).where(
        Ticket.tenant_id == system.tenant_id, Ticket.status_category.not_in(ENDS)
    )
    if after is not None:
        wanted = wanted.where(Ticket.id > after)
    found = await session.scalars(
        wanted.order_by(Ticket.id).limit(HELD_AT_ONCE).with_for_update(key_share=True)
    )
    tickets = found.all()
    if not tickets:
        return None
    logs = await logs_of(session, system, [ticket.id for ticket in tickets])
    templates = await templates_of(session, system, tickets)
    for ticket in tickets:
        log, here = logs[ticket.id], StatusSince(clock.now(), ticket.status, ticket.status_category)
        asked = asked_of(ticket, templates.get(ticket.entitlement_id))
        promise = promise_for(definition, system.definition_version, asked)
        rules.catch_up(log, here.at)
        rules.apply_promise(log, promise, here)
        if promise is not None:
            if ticket.first_replied_at is None:
                rules.start(log, promise, "first_response", [here])
            rules.start(log, promise, "resolution", [here])
        await keep(session, system, ticket, log)
    return tickets[-1].id
