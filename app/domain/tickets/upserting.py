"""Upserting tickets by external reference (S3-22): opened the first time, updated from then on.
Sending the same again changes nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.forms.lifecycle import resolve_change
from app.domain.forms.policy import form_of_ticket
from app.domain.forms.problems import pointer_to
from app.domain.tenants.definition.answers import tidy
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets.answers import answers_of, form_side
from app.domain.tickets.changing import change_ticket
from app.domain.tickets.external_references import held_by, refuse_customers
from app.domain.tickets.opening import open_ticket
from app.domain.tickets.problems import TicketNotFound, TicketReferenceTaken
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.kernel.external_references import Reference
from app.kernel.problems import Fault, Invalid
from app.kernel.versions import Stale
from app.models.tickets import Ticket

#: What a form says of answers that opening leaves aside, and a change refuses.
_LEFT_ASIDE = frozenset({"decided-by-the-form", "not-asked"})


async def upsert_ticket(
    session: AsyncSession,
    actor: Actor,
    reference: Reference,
    *,
    answers: Mapping[str, Any],
    form: str | None = None,
    organization_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    assignment: Mapping[str, Any],
    expected_version: int | None = None,
) -> tuple[TicketInSight, bool]:
    """The ticket with this reference, opened or changed to what is given, and whether it is new.

    The requester and the organization are set when it is opened; later they must be the same or
    left out. `assignment` has `team` and `assignee` where they are given. Raises what `open_ticket`
    and `change_ticket` raise, `TicketReferenceTaken` for a ticket the actor may not read."""
    refuse_customers(actor)
    held = await held_by(session, actor, reference)
    if held is None:
        if expected_version is not None:
            raise Stale
        sight = await open_ticket(
            session,
            actor,
            answers=answers,
            form=form,
            organization_id=organization_id,
            on_behalf_of=on_behalf_of,
            external_ref=reference,
        )
        assigned = await _change(session, actor, sight, {}, assignment, None)
        return assigned, True
    try:
        sight = await ticket_for(session, actor, held, lock=True)
    except TicketNotFound as error:
        raise TicketReferenceTaken from error
    _refuse_others(sight.ticket, organization_id=organization_id, on_behalf_of=on_behalf_of)
    definition = await definition_of(session, actor)
    changes = _as_it_stands(definition, actor, sight.ticket, answers)
    return await _change(session, actor, sight, changes, assignment, expected_version), False


async def ticket_kept(session: AsyncSession, actor: Actor, reference: Reference) -> TicketInSight:
    """The ticket with this reference. Raises `TicketNotFound`, for customers always."""
    held = None if actor.is_customer else await held_by(session, actor, reference)
    if held is None:
        raise TicketNotFound
    return await ticket_for(session, actor, held)


async def _change(
    session: AsyncSession,
    actor: Actor,
    sight: TicketInSight,
    changes: Mapping[str, Any],
    assignment: Mapping[str, Any],
    expected_version: int | None,
) -> TicketInSight:
    ticket = sight.ticket
    present = {"team": ticket.team, "assignee": ticket.assignee_id}
    assigned = frozenset(key for key, value in assignment.items() if value != present[key])
    if not changes and not assigned and expected_version in {None, ticket.version}:
        return sight
    return await change_ticket(
        session,
        actor,
        ticket.id,
        expected_version=expected_version,
        answers=changes,
        team=assignment.get("team"),
        assignee_id=assignment.get("assignee"),
        assigned=assigned,
    )


def _refuse_others(
    ticket: Ticket, *, organization_id: UUID | None, on_behalf_of: UUID | None
) -> None:
    faults = [
        Fault(
            code="settled",
            detail="This was settled when the ticket was opened: leave it out, or name the same.",
            pointer=pointer,
        )
        for pointer, given, settled in (
            ("/organization", organization_id, ticket.organization_id),
            ("/on_behalf_of", on_behalf_of, ticket.requester_id),
        )
        if given not in {None, settled}
    ]
    if faults:
        raise Invalid(faults=tuple(faults))


def _as_it_stands(
    definition: Definition, actor: Actor, ticket: Ticket, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers that change something. As when a ticket is opened, answers that the form does not
    ask for, or decides itself, are ignored: the other system need not know its rules."""
    type_key = answers.get("type") or ticket.type
    if type_key not in definition.type_of:
        return dict(answers)
    form = form_of_ticket(definition, form_key=ticket.form, type_key=type_key)
    before = answers_of(ticket)
    resolution = resolve_change(definition, form, before, answers, side=form_side(actor))
    aside = {fault.pointer for fault in resolution.faults if fault.code in _LEFT_ASIDE}
    said = {
        key: tidy(form.field_of[key], value) if key in form.field_of else value
        for key, value in answers.items()
    }
    return {
        key: value
        for key, value in said.items()
        if pointer_to(key) not in aside and value != before.get(key)
    }
