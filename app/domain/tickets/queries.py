"""Reading tickets. Fetching checks: what is returned may be read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.asking import Question
from app.database.entities import entity_of
from app.database.paging import AnySelect
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.sorts import (
    IS_ASSIGNEE,
    IS_ENTITLEMENT,
    IS_ORGANIZATION,
    IS_REQUESTER,
    Assignee,
    Requester,
)
from app.kernel.ids import parse_id
from app.models.approvals import Approval
from app.models.entitlements import Entitlement
from app.models.organizations import Organization
from app.models.tickets import Participant, Ticket

_NUMBER = re.compile(r"([A-Za-z]{2,6})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class TicketInSight:
    """A ticket with the names that go with it, and whether the actor is a participant. When it was
    not locked, `ticket` is a row of its columns, which cannot be changed."""

    ticket: Ticket
    requester_name: str
    assignee_name: str | None
    organization_name: str | None
    entitlement_name: str | None
    entitlement_template: str | None
    participates: bool
    #: Whether an approval of it may be pending: `False` where it is known that none is.
    approval_pending: bool = True


def with_names(*shown: Any) -> AnySelect:
    """Tickets, or columns of them, with the names that go with them."""
    return (
        select(
            *shown,
            Requester.name.label("requester_name"),
            Assignee.name.label("assignee_name"),
            Organization.name.label("organization_name"),
            Entitlement.name.label("entitlement_name"),
            Entitlement.template.label("entitlement_template"),
        )
        .select_from(Ticket)
        .join(Requester, IS_REQUESTER)
        .outerjoin(Assignee, IS_ASSIGNEE)
        .outerjoin(Organization, IS_ORGANIZATION)
        .outerjoin(Entitlement, IS_ENTITLEMENT)
    )


@dataclass(frozen=True, slots=True)
class _Fetches:
    """The statements that fetch the ticket with a value in one column: plain, with whether an
    approval is pending, and locked for a change."""

    plain: Question
    with_approvals: Question
    locked: Question


def _fetches_by(column: Any) -> _Fetches:
    """Built once for each column: building a statement takes longer than running it."""
    participates = exists().where(
        Participant.tenant_id == bindparam("tenant"),
        Participant.ticket_id == Ticket.id,
        Participant.person_id == bindparam("person"),
    )
    plain = (
        with_names(Ticket)
        .add_columns(participates.label("participates"))
        .where(Ticket.tenant_id == bindparam("tenant"), column == bindparam("value"))
    )
    approval_pending = exists().where(
        Approval.tenant_id == bindparam("tenant"),
        Approval.ticket_id == Ticket.id,
        Approval.state == "pending",
    )
    return _Fetches(
        Question(plain),
        Question(plain.add_columns(approval_pending.label("approval_pending"))),
        Question(plain.with_for_update(of=Ticket)),
    )


_TAKING_PART = select(Participant.person_id).where(
    Participant.tenant_id == bindparam("tenant"), Participant.ticket_id == bindparam("ticket")
)
_BY_ID, _BY_NUMBER = _fetches_by(Ticket.id), _fetches_by(Ticket.number)


async def ticket_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> TicketInSight:
    """The ticket with this id or number (`CRM-1042`), locked where it is to be changed.

    Raises `TicketNotFound`, for what `actor` may not read too."""
    fetches, value = await _column_of(session, actor, str(reference))
    values = _values(actor, value)
    row = await (fetches.locked if lock else fetches.plain).row(session, values)
    if lock and row is not None and _changed_while_waiting(row):
        row = await fetches.plain.row(session, values)
    sight = _in_sight(actor, row)
    return replace(sight, ticket=entity_of(session, Ticket, row)) if lock else sight


async def ticket_to_show(session: AsyncSession, actor: Actor, reference: str) -> TicketInSight:
    """The ticket with this id or number, with whether an approval of it is pending: for an answer
    that shows all of it. Raises `TicketNotFound`."""
    fetches, value = await _column_of(session, actor, reference)
    row = await fetches.with_approvals.row(session, _values(actor, value))
    return replace(_in_sight(actor, row), approval_pending=row.approval_pending)


def _values(actor: Actor, value: UUID | int) -> dict[str, Any]:
    return {"tenant": actor.tenant_id, "person": actor.person_id, "value": value}


def _in_sight(actor: Actor, row: Any) -> TicketInSight:
    if row is None or not policy.may(actor, "read", row, participates=row.participates):
        raise TicketNotFound
    return TicketInSight(
        ticket=row,
        requester_name=row.requester_name,
        assignee_name=row.assignee_name,
        organization_name=row.organization_name,
        entitlement_name=row.entitlement_name,
        entitlement_template=row.entitlement_template,
        participates=row.participates,
    )


async def sights_of(
    session: AsyncSession, system: Actor, ticket_id: UUID, readers: Iterable[Actor]
) -> Mapping[UUID, TicketInSight]:
    """The ticket as each of these people sees it, by their ids; without those who may not read it.
    Asked as the system."""
    try:
        sight = await ticket_for(session, system, ticket_id)
    except TicketNotFound:
        return {}
    readers, part = list(readers), frozenset[UUID]()
    if any(reader.is_customer for reader in readers):  # else nothing hangs on it
        place = {"tenant": system.tenant_id, "ticket": ticket_id}
        part = frozenset(await session.scalars(_TAKING_PART, place))
    return {
        reader.person_id: replace(sight, participates=reader.person_id in part)
        for reader in readers
        if reader.person_id
        and policy.may(reader, "read", sight.ticket, participates=reader.person_id in part)
    }


def _changed_while_waiting(row: Any) -> bool:
    """Whether somebody changed the ticket while its lock was waited for: PostgreSQL then returns
    the new ticket beside what was joined to the old one, so that a name is missing."""
    return (row.assignee_id is not None and row.assignee_name is None) or (
        row.entitlement_id is not None and row.entitlement_template is None
    )


async def _column_of(
    session: AsyncSession, actor: Actor, reference: str
) -> tuple[_Fetches, UUID | int]:
    """Whether a reference is an id or a number: the statements for it, and its value. Raises
    `TicketNotFound` where it is neither."""
    match = _NUMBER.fullmatch(reference)
    if match:
        definition = await definition_of(session, actor)
        if match[1].upper() == definition.portal.number_prefix:
            return _BY_NUMBER, int(match[2])
    elif ticket_id := parse_id(reference):
        return _BY_ID, ticket_id
    raise TicketNotFound
