"""Mails about tickets and access, sent by the worker. Each is safe to repeat.

`app/reactions.py` says after which event each runs."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications.actions import Template
from app.domain.notifications.delivery import PostOffice, tell, telling, write_down
from app.domain.notifications.policy import (
    Circle,
    told_of_comment,
    told_of_opening,
    told_of_promise,
    told_of_status,
)
from app.domain.notifications.queries import asked_with, circle_of, public_comment_with
from app.domain.tickets.problems import TicketNotFound
from app.domain.tickets.queries import ticket_for
from app.journal import Recorded
from app.models.comments import Comment


async def tell_about_ticket(office: PostOffice, event: Recorded) -> None:
    """After `ticket.opened`: tell the agents, and whom it was opened for (S0-14, S1-17)."""
    await _tell(office, event, "ticket", told_of_opening(event.actor_side))


async def tell_about_comment(office: PostOffice, event: Recorded) -> None:
    """After `comment.added` (its `subject_id` is the comment): tell the other side."""
    async with telling(office, event) as session:
        comment = await session.get(Comment, (event.tenant_id, event.subject_id))
        if comment is not None:
            circles = told_of_comment(comment.visibility, comment.author_side)
            await _write_down(office, session, event, "comment", circles, comment_id=comment.id)


async def tell_about_status(office: PostOffice, event: Recorded) -> None:
    """After `ticket.status_changed`: tell the other side (S1-20).

    Not when a public comment brought the change, whose mail says so (S3-17); not when an agent just
    took the ticket, as his answer will tell; and not for presumed approval, which has a mail of its
    own."""
    presumed = event.data["cause"] == "approval" and event.actor_side == "system"
    if presumed or event.data["cause"] == "assignment":
        return
    async with telling(office, event) as session:
        if not await public_comment_with(session, Actor.system(event.tenant_id), event.id):
            await _write_down(office, session, event, "status", told_of_status(event.actor_side))


async def warn_of_breach(office: PostOffice, event: Recorded) -> None:
    """After `service_level.warned`: tell the agents what must be done soon (S0-15)."""
    await _tell(office, event, "service_level_warned", told_of_promise())


async def tell_of_breach(office: PostOffice, event: Recorded) -> None:
    """After `service_level.breached`: tell the agents what is late."""
    await _tell(office, event, "service_level_breached", told_of_promise())


async def send_password_link(office: PostOffice, event: Recorded) -> None:
    """After `password.reset_asked` (its `subject_id` is the person)."""
    await tell(office, event, "password_reset", _account(event))


async def send_activation_link(office: PostOffice, event: Recorded) -> None:
    """After `person.portal_opened` (its `subject_id` is the person)."""
    await tell(office, event, "activation", _account(event))


async def send_invitation(office: PostOffice, event: Recorded) -> None:
    """After `invitation.prepared` (its `subject_id` is the person; S0-1)."""
    await tell(office, event, "invitation", _account(event))


def _account(event: Recorded) -> Mapping[UUID, str]:
    return {event.subject_id: "account"} if event.subject_id else {}


async def _tell(
    office: PostOffice, event: Recorded, template: Template, circles: Iterable[Circle]
) -> None:
    async with telling(office, event) as session:
        await _write_down(office, session, event, template, circles)


async def _write_down(
    office: PostOffice,
    session: AsyncSession,
    event: Recorded,
    template: Template,
    circles: Iterable[Circle],
    *,
    comment_id: UUID | None = None,
) -> None:
    """Tell the people in these circles, except whoever did it and those who are asked for approval
    in the same transaction."""
    system = Actor.system(event.tenant_id)
    try:
        sight = await ticket_for(session, system, str(event.ticket_id))
    except TicketNotFound:
        return
    people = await circle_of(session, system, sight.ticket, circles)
    asked = await asked_with(session, system, event.id)
    others = {
        person: reason
        for person, reason in people.items()
        if person != event.actor_id and person not in asked
    }
    await write_down(office, session, event, template, others, comment_id=comment_id)
