"""Changing many tickets alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.comments.actions import add_comment
from app.domain.comments.policy import Visibility
from app.domain.tickets.changing import change_ticket
from app.domain.tickets.moving import move_ticket
from app.domain.tickets.queries import ticket_for
from app.kernel.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes to make: answers to the form, `team` and `assignee` where given, a transition, a
    comment."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    assignment: Mapping[str, Any] = field(default_factory=dict)
    transition: str | None = None
    comment: str | None = None
    visibility: Visibility = "public"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one ticket: its id and number where the actor may read it, and the problem, if
    any."""

    reference: str
    ticket_id: UUID | None = None
    number: int | None = None
    problem: Problem | None = None


async def change_many(
    session: AsyncSession, actor: Actor, references: Sequence[str], changes: Changes
) -> list[Outcome]:
    """Change each of the tickets, in the order of their ids, so that two bulk changes of the same
    tickets cannot deadlock. A ticket named twice is changed once.

    Needs `tickets:assign`, and for each ticket what changing it alone needs. Returns an outcome for
    each reference, in the order given."""
    require(actor, "tickets:assign")
    found = {reference: await _found(session, actor, reference) for reference in references}
    ticket_ids = {outcome.ticket_id for outcome in found.values() if outcome.ticket_id}
    problems = await _change_each(session, actor, sorted(ticket_ids), changes)
    outcomes = []
    for reference in references:
        outcome = found[reference]
        if outcome.ticket_id in problems:
            outcome = replace(outcome, problem=problems[outcome.ticket_id])
        outcomes.append(outcome)
    return outcomes


async def _found(session: AsyncSession, actor: Actor, reference: str) -> Outcome:
    """The ticket of a reference; the problem where the actor may not read it."""
    try:
        ticket = (await ticket_for(session, actor, reference)).ticket
    except Problem as problem:
        return Outcome(reference, problem=problem)
    return Outcome(reference, ticket.id, ticket.number)


async def _change_each(
    session: AsyncSession, actor: Actor, ticket_ids: Iterable[UUID], changes: Changes
) -> dict[UUID, Problem]:
    problems: dict[UUID, Problem] = {}
    for ticket_id in ticket_ids:
        try:
            # What is refused takes back what was written of this ticket alone.
            async with session.begin_nested():
                await _change(session, actor, ticket_id, changes)
        except Problem as problem:
            problems[ticket_id] = problem
    return problems


async def _change(session: AsyncSession, actor: Actor, ticket_id: UUID, changes: Changes) -> None:
    if changes.answers or changes.assignment:
        await change_ticket(
            session,
            actor,
            ticket_id,
            expected_version=None,
            answers=changes.answers,
            team=changes.assignment.get("team"),
            assignee_id=changes.assignment.get("assignee"),
            assigned=frozenset(changes.assignment),
        )
    if changes.comment:
        await add_comment(
            session,
            actor,
            str(ticket_id),
            body=changes.comment,
            visibility=changes.visibility,
            transition=changes.transition,
        )
    elif changes.transition:
        sight = await ticket_for(session, actor, ticket_id, lock=True)
        await move_ticket(session, actor, sight, transition=changes.transition)
    await session.flush()
