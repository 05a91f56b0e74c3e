"""Changing a ticket's status: by a transition that somebody makes, or as the consequence of a
comment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.forms.lifecycle import resolve_change
from app.domain.forms.policy import form_of_ticket
from app.domain.forms.problems import not_asked
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.workflow import Transition
from app.domain.tenants.queries import definition_of
from app.domain.tickets import lifecycle, policy
from app.domain.tickets.answers import answers_of, change_answers, form_side, offered_to
from app.domain.tickets.events import TicketStatusChanged
from app.domain.tickets.problems import (
    CommentNeeded,
    TicketClosed,
    TicketGated,
    TransitionNotOffered,
)
from app.domain.tickets.queries import TicketInSight
from app.journal import record
from app.kernel import clock
from app.kernel.problems import Fault, Forbidden, Invalid
from app.kernel.versions import expect
from app.models.tickets import Ticket


async def move_ticket(
    session: AsyncSession,
    actor: Actor,
    sight: TicketInSight,
    *,
    transition: str,
    comment: str | None = None,
    fields: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> None:
    """Make a transition with a ticket fetched and locked by `ticket_for`: the one way in which a
    person changes its status, also in the same step as a comment (S3-17). `comment` is the
    visibility of that comment; `fields` are answers to the fields that the transition needs, and no
    others.

    Raises `Forbidden`, `Stale`, `TransitionNotOffered`, `CommentNeeded` (a comment that the other
    side cannot read does not count), `TicketGated`, and `Invalid` for fields that the transition
    needs."""
    definition = await definition_of(session, actor)
    ticket = sight.ticket
    if not policy.may(actor, "comment", ticket, participates=sight.participates):
        raise Forbidden(permission="tickets:comment")
    expect(ticket.version, expected_version)
    offered = {step.key: step for step in moves_offered(definition, actor, sight)}
    step = offered.get(transition)
    if step is None or (comment is not None and not step.on_comment):
        raise TransitionNotOffered
    if step.needs_comment and comment != "public":
        pointer = "/comment" if comment is None else "/visibility"
        raise CommentNeeded.at(pointer)
    if lifecycle.is_held_back(definition, to=step.to, gated=ticket.gated_by is not None):
        raise TicketGated
    await _answer_needed(session, actor, definition, ticket, step, fields)
    await follow(
        session, actor, definition, ticket, step.to, cause="transition", transition=step.key
    )


def moves_offered(
    definition: Definition, actor: Actor, sight: TicketInSight
) -> Sequence[Transition]:
    """The transitions the actor may make with the ticket now."""
    ticket = sight.ticket
    if not policy.may(actor, "comment", ticket, participates=sight.participates):
        return ()
    return lifecycle.transitions_offered(
        definition,
        status=ticket.status,
        type_=ticket.type,
        roles=actor.roles_in(ticket.organization_id),
    )


async def _answer_needed(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    step: Transition,
    fields: Mapping[str, Any] | None,
) -> None:
    form = form_of_ticket(definition, form_key=ticket.form, type_key=ticket.type)
    needed = {key for key, field in form.field_of.items() if step.to in field.required_on}
    needed.update(step.needs_fields)
    if beside := sorted((fields or {}).keys() - needed):
        raise Invalid(faults=tuple(_in_fields(not_asked(key)) for key in beside))
    resolution = resolve_change(
        definition,
        form,
        answers_of(ticket),
        fields or {},
        side=form_side(actor),
        offered=await offered_to(session, actor, definition, ticket, fields or {}),
        reaching=step.to,
        needed=step.needs_fields,
    )
    if resolution.faults:
        place = _in_fields if fields is not None else _at_the_transition
        raise Invalid(faults=tuple(place(fault) for fault in resolution.faults))
    if fields:
        await change_answers(session, actor, definition, ticket, resolution)


def _in_fields(fault: Fault) -> Fault:
    """A transition takes every answer in `fields`, standard ones too."""
    return replace(fault, pointer=f"/fields/{(fault.pointer or '').rpartition('/')[2]}")


def _at_the_transition(fault: Fault) -> Fault:
    """A comment has no place for answers: the ticket lacks one that the transition needs."""
    return replace(fault, pointer="/transition")


async def follow_comment(session: AsyncSession, actor: Actor, sight: TicketInSight) -> None:
    """What a public comment does to the status by itself: reopen a closed ticket within its days,
    bring a waiting one back to the provider, take a new one up. Raises `TicketClosed`."""
    definition = await definition_of(session, actor)
    ticket = sight.ticket
    if ticket.status_category == "closed":
        now = clock.now()
        to = lifecycle.reopens_to(definition, closed_at=ticket.closed_at, now=now)
        if to is None:
            raise TicketClosed
        await follow(session, actor, definition, ticket, to, cause="reopened")
        return
    after = lifecycle.status_after_comment(
        definition, status=ticket.status, by_customer=actor.is_customer
    )
    await follow(session, actor, definition, ticket, after, cause="comment")


def set_status(ticket: Ticket, definition: Definition, status: str) -> None:
    """Set a status, and what follows from its category."""
    now = clock.now()
    category = lifecycle.category_of(definition, status)
    ticket.status = status
    ticket.status_rank = definition.rank("statuses", status) or 0
    ticket.status_category = category
    ticket.closed_at = now if category == "closed" else None
    if category in {"resolved", "closed"}:
        ticket.resolved_at = ticket.resolved_at or now
    else:
        ticket.resolved_at = None


async def follow(
    session: AsyncSession,
    actor: Actor,
    definition: Definition,
    ticket: Ticket,
    to: str | None,
    *,
    cause: str,
    transition: str | None = None,
) -> None:
    """Bring a ticket to the status `to` (nothing happens for `None`, or where it is there)."""
    if to is None or to == ticket.status:
        return
    before = ticket.status
    set_status(ticket, definition, to)
    touch(ticket)
    happened = TicketStatusChanged(
        ticket=ticket,
        before=before,
        after=to,
        category=ticket.status_category,
        cause=cause,
        transition=transition,
    )
    await record(session, actor, happened)


def touch(ticket: Ticket) -> None:
    """Raise the ticket's version, and note when it was changed."""
    ticket.version += 1
    ticket.updated_at = clock.now()
