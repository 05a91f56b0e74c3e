"""What approvals do in the transaction in which something happens to their ticket."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.approvals.asking import Because, ask_by_policy, cancel
from app.domain.approvals.lifecycle import policies_for, still_asks
from app.domain.approvals.queries import has_pending_approvals, lock_pending_approvals
from app.domain.approvals.reminding import hear_agent, hear_customer
from app.domain.approvals.substitutes import dismiss_unfitting
from app.domain.tenants.queries import definition_of
from app.domain.tickets.events import TicketOpened
from app.journal import Recorded
from app.journal.reactions import where
from app.models.approvals import Approval
from app.models.tickets import Ticket


async def _may_be_asked(session: AsyncSession, actor: Actor, event: Recorded) -> bool:
    """Whether there may be anything to ask or to cancel: about a ticket opened in this transaction
    only where the definition has policies."""
    if event.name != TicketOpened.name:
        return True
    return bool((await definition_of(session, actor)).approval_policies)


async def _may_move_a_countdown(session: AsyncSession, actor: Actor, event: Recorded) -> bool:
    """Whether the comment is the customer's, or an agent's public one, and the ticket has a pending
    approval."""
    by_agent = event.actor_side == "agent" and event.audience == "everyone"
    if not (event.actor_side == "customer" or by_agent) or event.ticket_id is None:
        return False
    return await has_pending_approvals(session, actor, event.ticket_id)


@where(_may_be_asked)
async def sync_approvals_with_status(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `ticket.opened` and `ticket.status_changed`: cancel the approvals that the ticket's
    status does not ask for, and ask those it does (S2-10)."""
    ticket = await session.get_one(Ticket, (event.tenant_id, event.ticket_id))
    held: set[str | None] = set()
    pending: Sequence[Approval] = ()
    if event.name != TicketOpened.name:  # what was opened in this transaction was never asked about
        pending = await lock_pending_approvals(session, system, ticket.id)
    for approval in pending:
        then = await definition_of(session, system, approval.definition_version)
        if still_asks(then, approval, ticket):
            held.add(approval.policy)
        else:
            closed = ticket.status_category == "closed"
            because: Because = "closed" if closed else "moved_on"
            await cancel(session, system, approval, ticket, because=because)
    definition = await definition_of(session, system)
    for policy in policies_for(definition, ticket):
        if policy.key not in held:
            await ask_by_policy(
                session, system, definition, ticket, policy, asked_by=event.actor_id
            )


@where(_may_move_a_countdown)
async def adjust_countdown_to_comment(
    session: AsyncSession, system: Actor, event: Recorded
) -> None:
    """After `comment.added`: a comment of the customer's side stops the countdown, the next public
    comment of an agent starts the wait again."""
    by_customer = event.actor_side == "customer"
    if event.ticket_id is None or event.subject_id is None:
        return
    for approval in await lock_pending_approvals(session, system, event.ticket_id):
        ticket = await session.get_one(Ticket, (event.tenant_id, event.ticket_id))
        if by_customer:
            await hear_customer(session, system, approval, ticket, event.subject_id)
        else:
            await hear_agent(session, system, approval, ticket)


async def dismiss_unfit_substitutes(session: AsyncSession, system: Actor, event: Recorded) -> None:
    """After `person.rights_changed` and `person.deactivated` (its `subject_id` is the person): end
    the substitutions by him and for him in which the two are colleagues no longer."""
    if event.subject_id is not None:
        await dismiss_unfitting(session, system, event.subject_id)
