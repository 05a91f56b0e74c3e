"""What clocks do in the transaction in which something happens to their ticket. Where there are no
service levels, the database is not asked."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.service_levels import rules
from app.domain.service_levels.actions import keep
from app.domain.service_levels.lifecycle import Log
from app.domain.service_levels.promises import Promise, pausing
from app.domain.service_levels.queries import log_of, promise_of, stands_of, unanswered
from app.domain.service_levels.rules import ENDS, StatusSince, Unanswered
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.journal import Recorded
from app.journal.reactions import where
from app.kernel import clock
from app.models.people import Person
from app.models.tickets import Ticket

#: What a promise depends on, among the fields of a ticket.
_DECIDING = frozenset({"type", "severity", "priority", "service", "entitlement"})


async def _is_promised(session: AsyncSession, actor: Actor, _event: Recorded) -> bool:
    return bool((await definition_of(session, actor)).sla_policies)


async def _is_heard(session: AsyncSession, actor: Actor, event: Recorded) -> bool:
    if event.audience != "everyone" or event.subject_id is None:
        return False
    by_customer = event.actor_side == "customer"
    if by_customer and await _is_promised(session, actor, event):
        return True
    return (await _ticket(session, event)).sla is not None


@where(_is_promised)
async def start_clocks(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `ticket.opened`: start the clocks of what is promised."""
    definition = await definition_of(session, system)
    ticket = await _ticket(session, event)
    promise = await promise_of(session, system, definition, ticket)
    if promise is None:
        return
    log = Log()
    here = StatusSince(ticket.created_at, ticket.status, ticket.status_category)
    for metric in ("first_response", "resolution"):
        rules.start(log, promise, metric, [here])
    await keep(session, system, ticket, log)


async def adjust_clocks_to_status(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `ticket.status_changed`: pause, resume, end or reopen clocks."""
    ticket = await _ticket(session, event)
    if ticket.sla is None:
        return
    definition = await definition_of(session, system)
    before = definition.status_of.get(event.data["before"])
    matters = ENDS | pausing(definition)
    if before and not matters & {before.category, ticket.status_category}:
        return
    log = await _looked_at(session, system, ticket)
    rules.apply_status(log, _here(ticket))
    if before and before.category in ENDS and ticket.status_category not in ENDS:
        promise = await promise_of(session, system, definition, ticket)
        rules.apply_promise(log, promise, _here(ticket))
    await keep(session, system, ticket, log)


async def adjust_clocks_to_change(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `ticket.changed`: another promise may apply (S2-7). A clock that only the new one has
    counts from the opening of the ticket."""
    if _DECIDING.isdisjoint(event.data["changed"]):
        return
    ticket = await _ticket(session, event)
    definition = await definition_of(session, system)
    if ticket.sla is None and not definition.sla_policies:
        return
    log = await _looked_at(session, system, ticket)
    promise = await promise_of(session, system, definition, ticket)
    rules.apply_promise(log, promise, _here(ticket))
    if promise is not None:
        await _begin_late(session, system, definition, ticket, log, promise)
    await keep(session, system, ticket, log)


@where(_is_heard)
async def adjust_response_clocks(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `comment.added` (its `subject_id` is the comment): a public comment of the customer's
    side waits for a response, one of a human agent is the response."""
    if event.subject_id is None:
        return
    ticket = await _ticket(session, event)
    if event.actor_side == "customer":
        definition = await definition_of(session, system)
        if ticket.sla is None and not definition.sla_policies:
            return
        promise = await promise_of(session, system, definition, ticket)
        log = await _looked_at(session, system, ticket)
        said = Unanswered(event.subject_id, clock.now())
        rules.await_response(log, promise, said, _here(ticket))
        await keep(session, system, ticket, log)
    elif event.actor_side == "agent" and ticket.sla is not None:
        log = await _looked_at(session, system, ticket)
        if rules.awaits_answer(log) and await _is_human(session, event):
            rules.note_response(log, clock.now())
        await keep(session, system, ticket, log)


async def withdraw_unanswered_comment(
    session: AsyncSession, system: Actor, event: Recorded
) -> None:
    """After `comment.withdrawn`: nobody waits for an answer to it any more."""
    ticket = await _ticket(session, event)
    if ticket.sla is None or event.subject_id is None or event.actor_side != "customer":
        return
    log = await _looked_at(session, system, ticket)
    waiting = log.latest("next_response")
    if waiting is None or waiting.comment_id != event.subject_id:
        return
    instead = await unanswered(session, system, ticket.id)
    rules.withdraw(log, event.subject_id, instead, clock.now(), _here(ticket))
    await keep(session, system, ticket, log)


async def _begin_late(
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    ticket: Ticket,
    log: Log,
    promise: Promise,
) -> None:
    missing = {metric for metric in promise.targets if log.latest(metric) is None}
    if missing & {"first_response", "resolution"}:
        stands = await stands_of(session, system, definition, ticket)
        if "first_response" in missing and ticket.first_replied_at is None:
            rules.start(log, promise, "first_response", stands)
        rules.start(log, promise, "resolution", stands)
    if "next_response" in missing:
        said = await unanswered(session, system, ticket.id)
        if said is not None:
            rules.await_response(log, promise, said, _here(ticket))


async def _looked_at(session: AsyncSession, system: Actor, ticket: Ticket) -> Log:
    """The log of a ticket's clocks, with all that has fallen due until now."""
    log = await log_of(session, system, ticket)
    rules.catch_up(log, clock.now())
    return log


async def _ticket(session: AsyncSession, event: Recorded) -> Ticket:
    return await session.get_one(Ticket, (event.tenant_id, event.ticket_id))


def _here(ticket: Ticket) -> StatusSince:
    return StatusSince(clock.now(), ticket.status, ticket.status_category)


async def _is_human(session: AsyncSession, event: Recorded) -> bool:
    """Whether a person wrote it, not a service account."""
    person = await session.get(Person, (event.tenant_id, event.actor_id))
    return person is not None and not person.service
