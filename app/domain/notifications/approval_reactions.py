"""Mails about approvals, sent by the worker. Each is safe to repeat.

`app/reactions.py` says after which event each runs."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from app.access.actor import Actor
from app.database.tenancy import AsSystem
from app.domain.approvals.reminding import note_reminder
from app.domain.approvals.substitutes import substitutes_for
from app.domain.notifications.actions import Template
from app.domain.notifications.delivery import PostOffice, tell
from app.domain.notifications.queries import circle_of, public_comment_with
from app.journal import Recorded
from app.models.approvals import Approval
from app.models.notifications import Notification
from app.models.tickets import Ticket


async def tell_approvers(office: PostOffice, event: Recorded) -> None:
    """After `approval.asked`: mail the approvers and their substitutes the link to answer and the
    public comment that came with it, of which they then get no mail of its own."""
    asked = (*event.data["approvers"], *event.data.get("substitutes", ()))
    people = {UUID(person): "approver" for person in asked}
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        system = Actor.system(event.tenant_id)
        comment_id = await public_comment_with(session, system, event.id)
    others = _without_actor(event, people)
    await tell(office, event, "approval_asked", others, comment_id=comment_id)


async def tell_of_decision(office: PostOffice, event: Recorded) -> None:
    """After `approval.decided`: mail both sides of a presumed one; otherwise the agent who asked,
    once it is settled. What the decision did to the ticket has mails of its own."""
    people: dict[UUID, str] = {}
    template: Template = "approval_settled"
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        ticket = await session.get(Ticket, (event.tenant_id, event.ticket_id))
        approval = await session.get(Approval, (event.tenant_id, event.subject_id))
        if ticket is None or approval is None:
            return
        if event.data["kind"] == "presumed":
            template = "approval_presumed"
            circles = await circle_of(
                session,
                Actor.system(event.tenant_id),
                ticket,
                ("requester", "participants", "desk"),
            )
            people.update(circles)
        elif approval.policy is None and approval.asked_by and event.data["state"] != "pending":
            people[approval.asked_by] = "asker"
    await tell(office, event, template, _without_actor(event, people))


async def remind_of_approvals(office: PostOffice, event: Recorded) -> None:
    """After `approval.reminder_due` (its `subject_id` is the person): one mail to the person, one
    to each substitute, and note the outcome of the person's own. Once the mail server accepts it,
    the time to presumed approval begins; if it is refused, it never does.

    Raises `MailUnavailable` where the mail must wait; then nothing is noted yet."""
    if event.subject_id is None:
        return
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        system = Actor.system(event.tenant_id)
        deputies = await substitutes_for(session, system, [event.subject_id])
    people = dict.fromkeys((event.subject_id, *deputies), "approver")
    await tell(office, event, "approvals_reminder", people)
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        sent = await session.scalar(
            select(Notification).where(
                Notification.tenant_id == event.tenant_id,
                Notification.event_id == event.id,
                Notification.person_id == event.subject_id,
            )
        )
    if sent is None or sent.state == "pending":
        return
    for approval_id in event.data["approvals"]:
        async with office.database.transaction(AsSystem(event.tenant_id)) as session:
            await note_reminder(
                session,
                Actor.system(event.tenant_id),
                UUID(approval_id),
                event.subject_id,
                event_id=event.id,
                accepted_at=sent.sent_at if sent.state == "sent" else None,
            )


def _without_actor(event: Recorded, people: Mapping[UUID, str]) -> dict[UUID, str]:
    """Nobody is mailed about what they did themselves."""
    return {person: why for person, why in people.items() if person != event.actor_id}
