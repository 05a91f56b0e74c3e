"""Notifications: announced, taken up for delivery, and their outcomes noted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications.statements import ANNOUNCE, NOTE, TAKE_UP
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
    """Write down who is told of `event` and why (`people`: person → reason). Safe to repeat.

    Each row has the id that its mail will have and, about a ticket, a signed address to reply to,
    valid for that ticket and that person alone."""
    if not people:
        return
    ids_of = {person_id: ids.new_id() for person_id in people}
    await ANNOUNCE.rows(
        session,
        {
            "tenant": system.tenant_id,
            "event": event.id,
            "ids": list(ids_of.values()),
            "people": list(people),
            "template": template,
            "reasons": list(people.values()),
            "ticket": event.ticket_id,
            "comment": comment_id,
            "messages": [_message_id(each, mail_domain) for each in ids_of.values()],
            "tokens": [
                event.ticket_id
                and signer.sign(
                    _REPLY_ADDRESS, f"{system.tenant_id}/{event.ticket_id}/{person_id}/{each}"
                )
                for person_id, each in ids_of.items()
            ],
            "now": clock.now(),
        },
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
    """Write down that somebody who asks for access is told of `event`. Safe to repeat."""
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
            message_id=_message_id(notification_id, mail_domain),
            state="pending",
            attempts=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "event_id", "registration_id", "channel"]
        )
    )


async def take_up(session: AsyncSession, system: Actor, event_id: UUID) -> Sequence[Notification]:
    """The notifications about an event that wait, each with one attempt more, by their ids. Those
    that are too old are dropped, and are among them as dropped. They are rows that cannot be
    changed."""
    news_since = clock.now() - NEWS_FOR
    asked = {"tenant": system.tenant_id, "event": event_id, "news_since": news_since}
    taken = await TAKE_UP.rows(session, asked)
    return sorted(taken, key=lambda each: each.id)


async def note(
    session: AsyncSession, system: Actor, outcomes: Mapping[UUID, tuple[Outcome, datetime]]
) -> None:
    """Note the outcomes of notifications, and when. Only the first note of each counts."""
    await session.execute(
        NOTE,
        [
            {
                "tenant": system.tenant_id,
                "noted": notification_id,
                "outcome": outcome,
                "moment": moment if outcome == "sent" else None,
            }
            for notification_id, (outcome, moment) in outcomes.items()
        ],
    )


def _message_id(notification_id: UUID, mail_domain: str) -> str:
    return f"<{notification_id}@{mail_domain}>"
