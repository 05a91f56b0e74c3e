"""Changing what a ticket says and who has it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.forms.lifecycle import resolve_change
from app.domain.forms.policy import form_of_ticket
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.answers import answers_of, change_answers, form_side, offered_to
from app.domain.tickets.assigning import assign
from app.domain.tickets.moving import touch
from app.domain.tickets.problems import NotForCustomers, TicketClosed
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.kernel.problems import Fault, Forbidden, Invalid, not_a_choice
from app.kernel.versions import expect
from app.models.tickets import Ticket


async def change_ticket(
    session: AsyncSession,
    actor: Actor,
    reference: str | UUID,
    *,
    expected_version: int | None,
    answers: Mapping[str, Any],
    team: str | None = None,
    assignee_id: UUID | None = None,
    assigned: frozenset[str] = frozenset(),
) -> TicketInSight:
    """Change the answers to a ticket's form, and, for agents, who has it (`assigned` names which
    of `team` and `assignee` were given; `None` clears). The status moves by `move_ticket` alone.

    Raises `TicketNotFound`, `Forbidden`, `Stale`, `TicketClosed`, `Invalid`, and for assignments
    `TeamNotInDepartment` and `AssigneeNotFitting`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    ticket = sight.ticket
    if not policy.may(actor, "update", ticket, participates=sight.participates):
        raise Forbidden(permission="tickets:update")
    if assigned:
        if actor.is_customer:
            pointer = f"/{min(assigned)}"
            raise NotForCustomers.at(pointer, NotForCustomers.title)
        require(actor, "tickets:assign")
    expect(ticket.version, expected_version)
    if ticket.status_category == "closed":
        raise TicketClosed
    definition = await definition_of(session, actor)
    version = ticket.version
    changed = bool(answers) and await _answer(session, actor, definition, ticket, answers)
    if assigned:
        changed |= await assign(
            session, actor, definition, ticket, team=team, assignee_id=assignee_id, given=assigned
        )
    if not changed:
        return sight
    if ticket.version == version:
        touch(ticket)
    await session.flush()
    return await ticket_for(session, actor, ticket.id)


async def _answer(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    answers: Mapping[str, Any],
) -> bool:
    type_key = answers.get("type") or ticket.type
    kind = definition.type_of.get(type_key)
    if kind is None or (kind.retired and type_key != ticket.type):
        raise Invalid(faults=(not_a_choice("/type"),))
    offered = await offered_to(session, actor, definition, ticket, answers)
    resolution = resolve_change(
        definition,
        form_of_ticket(definition, form_key=ticket.form, type_key=type_key),
        answers_of(ticket),
        answers,
        side=form_side(actor),
        offered=offered,
        form_before=form_of_ticket(definition, form_key=ticket.form, type_key=ticket.type),
    ).accepted()
    service = resolution.values.get("service")
    if service and service not in offered.get("service", (service,)):
        fault = Fault(
            code="service-not-covered",
            detail="The entitlement does not cover the ticket's service.",
            pointer="/entitlement",
        )
        raise Invalid(faults=(fault,))
    return await change_answers(session, actor, definition, ticket, resolution)
