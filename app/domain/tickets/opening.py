"""Opening a ticket: by a customer for himself, by an agent on somebody's behalf."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.entities import values_of
from app.domain.attachments.actions import attach
from app.domain.tickets import policy
from app.domain.tickets.answers import write_answers
from app.domain.tickets.deciding import Opening, decide_opening
from app.domain.tickets.events import TicketOpened
from app.domain.tickets.external_references import held_by, refuse_customers
from app.domain.tickets.moving import set_status
from app.domain.tickets.problems import TicketNotFound, TicketReferenceTaken
from app.domain.tickets.queries import TicketInSight
from app.domain.tickets.statements import OPEN
from app.journal import record
from app.kernel import clock, ids
from app.kernel.external_references import Reference
from app.models.tickets import Ticket


async def open_ticket(
    session: AsyncSession,
    actor: Actor,
    *,
    answers: Mapping[str, Any],
    form: str | None = None,
    organization_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    private: bool = False,
    attachment_ids: Sequence[UUID] = (),
    external_ref: Reference | None = None,
) -> TicketInSight:
    """Open a ticket. Customer and contact come from the caller (S0-12); an agent names in
    `on_behalf_of` whom it is for, in `external_ref` how another system calls it. `answers` are
    those to the form, standard and own fields alike.

    Raises what `decide_opening` raises, `Invalid` with what the form refuses, `NotForCustomers`,
    `TicketReferenceTaken`, and what `attachments.attach` raises."""
    opening = await preview_opening(
        session,
        actor,
        answers=answers,
        form=form,
        organization_id=organization_id,
        on_behalf_of=on_behalf_of,
        external_ref=external_ref,
    )
    ticket = _new_ticket(actor, opening)
    ticket.private = private
    ticket.external_source, ticket.external_key = external_ref or (None, None)
    (row,) = await OPEN.rows(session, values_of(ticket))
    ticket.number = row.number
    if not policy.may(actor, "read", ticket, participates=False):
        raise TicketNotFound
    opened = TicketOpened(
        ticket=ticket,
        channel=ticket.channel,
        type=ticket.type,
        status=ticket.status,
        on_behalf=on_behalf_of is not None,
    )
    await record(session, actor, opened)
    await attach(session, actor, attachment_ids, ticket=ticket)
    return TicketInSight(
        ticket=ticket,
        requester_name=row.requester_name,
        assignee_name=None,
        organization_name=row.organization_name,
        entitlement_name=row.entitlement_name,
        entitlement_template=row.entitlement_template,
        participates=False,
        # About a ticket that is new, only what the definition asks.
        approval_pending=bool(opening.definition.approval_policies),
    )


async def preview_opening(
    session: AsyncSession,
    actor: Actor,
    *,
    answers: Mapping[str, Any],
    form: str | None = None,
    organization_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    external_ref: Reference | None = None,
) -> Opening:
    """What `open_ticket` would come to, without files; changes nothing. What the form refuses
    stands in the resolution; else raises what `open_ticket` raises."""
    if external_ref is not None:
        refuse_customers(actor)
        if await held_by(session, actor, external_ref) is not None:
            raise TicketReferenceTaken
    return await decide_opening(
        session,
        actor,
        answers=answers,
        form=form,
        organization_id=organization_id,
        on_behalf_of=on_behalf_of,
    )


def _new_ticket(actor: Actor, opening: Opening) -> Ticket:
    """The ticket that was decided on. Raises `Invalid` with what the form refuses."""
    resolution = opening.resolution.accepted()
    definition = opening.definition
    now = clock.now()
    ticket = Ticket(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        organization_id=opening.organization_id,
        requester_id=opening.requester_id,
        department=opening.department,
        department_rank=definition.rank("departments", opening.department),
        team=opening.team,
        team_rank=definition.rank("teams", opening.team),
        channel=opening.channel,
        private=False,
        definition_version=actor.definition_version,
        created_at=now,
        created_by=actor.person_id,
        updated_at=now,
    )
    write_answers(ticket, definition, resolution)
    ticket.entitlement_id = opening.entitlement_id
    set_status(ticket, definition, definition.initial_status(ticket.type))
    return ticket
