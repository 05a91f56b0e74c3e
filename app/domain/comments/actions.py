"""Adding comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.access.actor import Actor
from app.database.entities import values_of
from app.domain.attachments.actions import attach
from app.domain.comments import policy
from app.domain.comments.events import CommentAdded
from app.domain.comments.policy import Visibility
from app.domain.comments.problems import CommentForbidden, VisibilityForbidden
from app.domain.comments.statements import WRITE, WRITE_AND_TOUCH
from app.domain.tenants.queries import definition_of
from app.domain.tickets.moving import follow_comment, move_ticket
from app.domain.tickets.problems import TicketClosed
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.journal import record
from app.journal.events import AUDIENCE_OF
from app.kernel import clock, ids
from app.kernel.markdown import to_html
from app.kernel.versions import expect
from app.models.comments import Comment
from app.models.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that was just added, with its ticket and its author's name."""

    sight: TicketInSight
    comment: Comment
    author_name: str | None


async def add_comment(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    body: str,
    visibility: Visibility = "public",
    transition: str | None = None,
    fields: Mapping[str, Any] | None = None,
    attachment_ids: Sequence[UUID] = (),
    expected_version: int | None = None,
) -> Said:
    """Comment on a ticket, with files, and make a transition in the same step where `transition`
    names one.

    Without one, the status may follow by itself: a customer's comment brings a waiting ticket back
    to the provider, an agent's first public comment takes a new one up, and either reopens a closed
    one within its days. Raises `TicketNotFound`, `CommentForbidden`, `VisibilityForbidden`,
    `TicketClosed`, `Stale`, what `move_ticket` raises and what `attachments.attach` raises."""
    sight = await ticket_for(session, actor, reference, lock=True)
    ticket = sight.ticket
    if not policy.may_comment(actor, sight):
        raise CommentForbidden
    if visibility not in policy.visibilities(actor):
        raise VisibilityForbidden
    expect(ticket.version, expected_version)
    before = ticket.status
    if transition is not None:
        await move_ticket(
            session, actor, sight, transition=transition, comment=visibility, fields=fields
        )
    elif policy.is_closed_to(await definition_of(session, actor), ticket, visibility):
        raise TicketClosed
    elif visibility == "public":
        await follow_comment(session, actor, sight)
    comment, author_name = await write_down(
        session, actor, ticket, body=body, visibility=visibility, before=before
    )
    await attach(session, actor, attachment_ids, ticket=ticket, comment=comment)
    return Said(sight, comment, author_name)


async def write_down(
    session: AsyncSession,
    actor: Actor,
    ticket: Ticket,
    *,
    body: str,
    visibility: Visibility = "public",
    before: str,
) -> tuple[Comment, str | None]:
    """Write a comment on a locked ticket, whose status was `before` until this act; returns its
    author's name too. For rooms above that have checked that it may be written: a decision and its
    reason."""
    comment = _new_comment(actor, ticket, body, visibility)
    if ticket.status != before:
        comment.status_from, comment.status_to = before, ticket.status
    written = values_of(comment)
    if visibility == "public":
        row = await WRITE_AND_TOUCH.row(session, written | _heard_of(actor, ticket))
    else:
        row = await WRITE.row(session, written)
    added = CommentAdded(
        ticket=ticket,
        subject_id=comment.id,
        audience=AUDIENCE_OF[visibility],
        visibility=visibility,
        by=actor.side,
    )
    await record(session, actor, added)
    return comment, row.author_name


def _new_comment(actor: Actor, ticket: Ticket, body: str, visibility: Visibility) -> Comment:
    return Comment(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        ticket_id=ticket.id,
        organization_id=ticket.organization_id,
        department=ticket.department,
        requester_id=ticket.requester_id,
        author_id=actor.person_id,
        author_side=actor.side,
        visibility=visibility,
        body=body,
        body_html=to_html(body),
        channel="portal",
        is_solution=False,
        created_at=clock.now(),
    )


def _heard_of(actor: Actor, ticket: Ticket) -> dict[str, datetime | None]:
    """When the ticket was last updated and first answered, as written together with the comment."""
    now = clock.now()
    replied = ticket.first_replied_at or (now if actor.is_agent else None)
    heard = {"updated_at": now, "first_replied_at": replied}
    for name, moment in heard.items():
        set_committed_value(ticket, name, moment)
    return heard
