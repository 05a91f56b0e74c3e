"""Changing and withdrawing one's own comment within the minutes that the definition sets, and
marking the solution of a ticket. Earlier texts are kept for agents."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.domain.comments.events import (
    CommentEdited,
    CommentWithdrawn,
    SolutionMarked,
    SolutionUnmarked,
)
from app.domain.comments.problems import (
    CommentNotYours,
    CommentWindowOver,
    SolutionNotPublic,
)
from app.domain.comments.queries import comment_for
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy as tickets
from app.domain.tickets.problems import TicketClosed
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.journal import record
from app.journal.events import AUDIENCE_OF
from app.kernel import clock
from app.kernel.markdown import to_html
from app.kernel.problems import Forbidden
from app.kernel.versions import expect
from app.models.comments import Comment, CommentRevision


async def edit_comment(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    comment_reference: str,
    *,
    body: str,
    expected_version: int | None,
) -> None:
    """Change the text of one's own comment. Raises `TicketNotFound`, `CommentNotFound`,
    `CommentNotYours`, `CommentWindowOver`, `TicketClosed`, `Stale`."""
    sight, comment = await _own(session, actor, reference, comment_reference, expected_version)
    if comment.body == body:
        return
    async with as_system(session, actor):
        _keep(session, comment)
        comment.body, comment.body_html = body, to_html(body)
        comment.edited_at = clock.now()
        comment.version += 1
    await record(
        session,
        actor,
        CommentEdited(
            ticket=sight.ticket, subject_id=comment.id, audience=AUDIENCE_OF[comment.visibility]
        ),
    )


async def withdraw_comment(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    comment_reference: str,
    *,
    expected_version: int | None,
) -> None:
    """Withdraw one's own comment: customers see neither it nor its files any more, agents see that
    there was one. Raises as `edit_comment`."""
    sight, comment = await _own(session, actor, reference, comment_reference, expected_version)
    audience = AUDIENCE_OF[comment.visibility]
    async with as_system(session, actor):
        _keep(session, comment)
        # Its files follow: what hangs on a comment is as visible as the comment.
        comment.visibility = "internal"
        comment.withdrawn_at = clock.now()
        comment.is_solution = False
        comment.version += 1
    withdrawn = CommentWithdrawn(ticket=sight.ticket, subject_id=comment.id, audience=audience)
    await record(session, actor, withdrawn)


async def mark_solution(
    session: AsyncSession, actor: Actor, reference: str, comment_reference: str, *, solved: bool
) -> None:
    """Mark a public comment as the solution of its ticket (S1-40), or remove the mark. A ticket has
    one at most.

    Needs `tickets:update` for the ticket, on the agents' side. Raises `TicketNotFound`,
    `CommentNotFound`, `Forbidden`, `SolutionNotPublic`."""
    sight = await ticket_for(session, actor, reference, lock=True)
    comment: Comment = (await comment_for(session, actor, sight, comment_reference))[0]
    if not actor.is_agent or not tickets.may(actor, "update", sight.ticket, participates=False):
        raise Forbidden(permission="tickets:update")
    if comment.visibility != "public":
        raise SolutionNotPublic
    if comment.is_solution == solved:
        return
    former = await session.scalars(
        select(Comment).where(
            Comment.tenant_id == actor.tenant_id,
            Comment.ticket_id == sight.ticket.id,
            Comment.is_solution,
        )
    )
    for other in former:
        other.is_solution = False
        other.version += 1
    comment.is_solution = solved
    if solved:
        comment.version += 1
    kind = SolutionMarked if solved else SolutionUnmarked
    await record(session, actor, kind(ticket=sight.ticket, subject_id=comment.id))


async def _own(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    comment_reference: str,
    expected_version: int | None,
) -> tuple[TicketInSight, Comment]:
    sight = await ticket_for(session, actor, reference, lock=True)
    comment: Comment = (await comment_for(session, actor, sight, comment_reference))[0]
    if comment.author_id != actor.person_id or comment.withdrawn_at is not None:
        raise CommentNotYours
    expect(comment.version, expected_version)
    minutes = (await definition_of(session, actor)).comments.edit_minutes
    if clock.now() > comment.created_at + timedelta(minutes=minutes):
        raise CommentWindowOver(minutes=minutes)
    if sight.ticket.status_category == "closed":
        raise TicketClosed
    return sight, comment


def _keep(session: AsyncSession, comment: Comment) -> None:
    session.add(
        CommentRevision(
            tenant_id=comment.tenant_id,
            comment_id=comment.id,
            version=comment.version,
            body=comment.body,
            replaced_at=clock.now(),
            ticket_id=comment.ticket_id,
            organization_id=comment.organization_id,
            department=comment.department,
            requester_id=comment.requester_id,
        )
    )
