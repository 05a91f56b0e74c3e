"""The changes of a notification: announced, taken up, noted."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.journal import Recorded
from app.kernel import clock, ids
from app.kernel.secrets import Signer
from app.models.notifications import Notification

Template = Literal[
    "ticket",
    "comment",
    "status",
    "service_level_warned",
    "service_level_breached",
    "approval_asked",
    "approval_settled",
    "approval_presumed",
    "approvals_reminder",
    "password_reset",
    "activation",
    "invitation",
    "registration",
    "registration_known",
    "registration_waiting",
    "registration_decision",
    "registration_approved",
    "registration_refused",
    "password_changed",
    "second_factor_added",
    "second_factor_removed",
    "second_factors_reset",
    "address_changed",
]
Outcome = Literal["sent", "refused", "dropped"]

#: After this, news is none any more; mail servers give up after as long (RFC 5321, 4.5.4.1).
NEWS_FOR = timedelta(days=5)
_REPLY_ADDRESS = "reply-address"


async def announce(
    session: AsyncSession,
    system: Actor,
    event: Recorded,
    *,
    template: Template,
    people: Mapping[UUID, str],
    mail_domain: str,
    signer: Signer,
    comment_id: UUID | None = None,
) -> None:
    """Write down who is told of `event` and why (`people`: person → reason). Twice is once.

    Each row carries from now on the id its mail will have and, about a ticket, a signed address
    to answer to, good for that ticket and that person alone."""
    for person_id, reason in people.items():
        notification_id = ids.new_id()
        token = None
        if event.ticket_id:
            token = signer.sign(
                _REPLY_ADDRESS,
                f"{system.tenant_id}/{event.ticket_id}/{person_id}/{notification_id}",
            )
        await session.execute(
            insert(Notification)
            .values(
                tenant_id=system.tenant_id,
                id=notification_id,
                event_id=event.id,
                person_id=person_id,
                channel="mail",
                template=template,
                reason=reason,
                ticket_id=event.ticket_id,
                comment_id=comment_id,
                message_id=f"<{notification_id}@{mail_domain}>",
                reply_token=token,
                state="pending",
                attempts=0,
                created_at=clock.now(),
            )
            .on_conflict_do_nothing(
                index_elements=["tenant_id", "event_id", "person_id", "channel"]
            )
        )


async def announce_to_registrant(
    session: AsyncSession,
    system: Actor,
    event: Recorded,
    *,
    template: Template,
    registration_id: UUID,
    mail_domain: str,
) -> None:
    """Write down that somebody who asks to be let in is told of `event`. Twice is once."""
    notification_id = ids.new_id()
    await session.execute(
        insert(Notification)
        .values(
            tenant_id=system.tenant_id,
            id=notification_id,
            event_id=event.id,
            registration_id=registration_id,
            channel="mail",
            template=template,
            reason="registration",
            message_id=f"<{notification_id}@{mail_domain}>",
            state="pending",
            attempts=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "event_id", "registration_id", "channel"]
        )
    )


async def take_up(
    session: AsyncSession, system: Actor, notification_id: UUID
) -> Notification | None:
    """A notification that waits, one attempt richer; `None` where there is nothing left to do."""
    found: Notification | None = await session.scalar(
        select(Notification)
        .where(
            Notification.tenant_id == system.tenant_id,
            Notification.id == notification_id,
            Notification.state == "pending",
        )
        .with_for_update()
    )
    if found is None:
        return None
    if found.created_at < clock.now() - NEWS_FOR:
        found.state = "dropped"
        return None
    found.attempts += 1
    return found


async def note(
    session: AsyncSession, system: Actor, notification_id: UUID, outcome: Outcome
) -> None:
    """Say how it ended. Only the first one to say so counts."""
    await session.execute(
        update(Notification)
        .where(
            Notification.tenant_id == system.tenant_id,
            Notification.id == notification_id,
            Notification.state == "pending",
        )
        .values(state=outcome, sent_at=clock.now() if outcome == "sent" else None)
    )
