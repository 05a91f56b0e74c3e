"""Reading clocks, and what they depend on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.calendars.hours import hours_of
from app.domain.service_levels.lifecycle import Happening, Kind, Log, Metric, Terms
from app.domain.service_levels.promises import Asked, Promise, policy_of, promise_for
from app.domain.service_levels.rules import StatusSince, Unanswered
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets.events import TicketOpened, TicketStatusChanged
from app.models.comments import Comment
from app.models.entitlements import Entitlement
from app.models.journal import EventRow
from app.models.service_levels import ClockEvent
from app.models.tickets import Ticket


async def log_of(session: AsyncSession, actor: Actor, ticket: Ticket) -> Log:
    """The log of a ticket that the actor may read."""
    return (await logs_of(session, actor, [ticket.id]))[ticket.id]


async def logs_of(
    session: AsyncSession, actor: Actor, tickets: Sequence[UUID]
) -> Mapping[UUID, Log]:
    """The logs of several tickets, empty ones too."""
    rows = await session.scalars(
        select(ClockEvent)
        .where(ClockEvent.tenant_id == actor.tenant_id, ClockEvent.ticket_id.in_(tickets))
        .order_by(ClockEvent.ticket_id, ClockEvent.position)
    )
    found: dict[UUID, list[Happening]] = {ticket: [] for ticket in tickets}
    for row in rows:
        found[row.ticket_id].append(await _happening(session, actor, row))
    return {ticket: Log(happenings) for ticket, happenings in found.items()}


async def _happening(session: AsyncSession, actor: Actor, row: ClockEvent) -> Happening:
    return Happening(
        clock=row.clock,
        metric=cast("Metric", row.metric),
        kind=cast("Kind", row.kind),
        at=row.at,
        terms=await _terms(session, actor, row),
        status=row.status,
        comment_id=row.comment_id,
    )


async def _terms(session: AsyncSession, actor: Actor, row: ClockEvent) -> Terms | None:
    """The terms of that time: a version of the definition never changes."""
    if row.policy is None or row.definition_version is None or row.target_minutes is None:
        return None
    definition = await definition_of(session, actor, row.definition_version)
    policy = policy_of(definition, row.policy)
    if policy is None:
        raise LookupError(f"definition {row.definition_version} has no policy {row.policy}")
    return Terms(
        policy=row.policy,
        version=row.definition_version,
        target=timedelta(minutes=row.target_minutes),
        hours=hours_of(definition.calendar_of[policy.calendar]),
        warn_percent=policy.warn_percent,
        pauses_in=frozenset(policy.pauses_in),
    )


async def promise_of(
    session: AsyncSession, actor: Actor, definition: Definition, ticket: Ticket
) -> Promise | None:
    """The promise for a ticket under the definition in force."""
    if not definition.sla_policies:
        return None
    agreed = None
    if ticket.entitlement_id is not None:
        agreed = await session.get(Entitlement, (ticket.tenant_id, ticket.entitlement_id))
    asked = asked_of(ticket, agreed.template if agreed else None)
    return promise_for(definition, actor.definition_version, asked)


def asked_of(ticket: Ticket, template: str | None) -> Asked:
    """What a ticket's promise depends on."""
    return Asked(
        type=ticket.type,
        severity=ticket.severity,
        priority=ticket.priority,
        service=ticket.service,
        template=template,
    )


async def templates_of(
    session: AsyncSession, actor: Actor, tickets: Iterable[Ticket]
) -> Mapping[UUID | None, str]:
    """The templates of the entitlements that tickets are charged to, by the entitlement."""
    charged = {ticket.entitlement_id for ticket in tickets} - {None}
    rows = await session.execute(
        select(Entitlement.id, Entitlement.template).where(
            Entitlement.tenant_id == actor.tenant_id, Entitlement.id.in_(charged)
        )
    )
    return {row.id: row.template for row in rows}


async def stands_of(
    session: AsyncSession, actor: Actor, definition: Definition, ticket: Ticket
) -> Sequence[StatusSince]:
    """The statuses a ticket has had since it was opened, the oldest first."""
    rows = await session.scalars(
        select(EventRow)
        .where(
            EventRow.tenant_id == actor.tenant_id,
            EventRow.ticket_id == ticket.id,
            EventRow.name.in_((TicketOpened.name, TicketStatusChanged.name)),
        )
        .order_by(EventRow.occurred_at, EventRow.id)
    )
    found = []
    for row in rows:
        key = row.data["status"] if row.name == TicketOpened.name else row.data["after"]
        status = definition.status_of.get(key)
        if status is not None:
            found.append(
                StatusSince(row.occurred_at, key, row.data.get("category", status.category))
            )
    return found


async def unanswered(session: AsyncSession, actor: Actor, ticket_id: UUID) -> Unanswered | None:
    """The oldest public comment of the customer since an agent last answered in public."""
    of_ticket: tuple[Any, ...] = (
        Comment.tenant_id == actor.tenant_id,
        Comment.ticket_id == ticket_id,
        Comment.visibility == "public",
    )
    answered: Select[Any] = select(func.max(Comment.created_at)).where(
        *of_ticket, Comment.author_side == "agent"
    )
    row = (
        await session.execute(
            select(Comment.id, Comment.created_at)
            .where(
                *of_ticket,
                Comment.author_side == "customer",
                Comment.created_at
                > func.coalesce(answered.scalar_subquery(), func.to_timestamp(0)),
            )
            .order_by(Comment.created_at, Comment.id)
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else Unanswered(row.id, row.created_at)
