"""Bringing notifications out: written in one transaction, sent in none, noted in another.

What waits about an event goes together, so that what its readers share is looked up once and one
connection takes all mails. A worker that dies between sending and noting sends again: the same
`Message-ID` lets the other side see that it is the same mail.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.session import Database
from app.database.tenancy import AsSystem, entered
from app.domain.notifications.actions import Outcome, Template, announce, note, take_up
from app.domain.notifications.writing import Writer, writer_for
from app.gateways.mail import Mail, Mailer, MailRefused, MailUnavailable, Sender
from app.journal import Recorded
from app.kernel import clock
from app.kernel.logging import logger
from app.kernel.secrets import Signer
from app.kernel.settings import Settings
from app.models.notifications import Notification

_FIRST = UUID(int=0)
#: So many are written at a time.
_AT_ONCE = 50
#: A worker that is killed sends again what it has sent for so long at most.
_UNNOTED_SECONDS = 0.1
log = logger("notifications")


class PostOffice(Protocol):
    """What delivering needs; the worker's bench has it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def mailer(self) -> Mailer: ...
    @property
    def signer(self) -> Signer: ...


async def tell(
    office: PostOffice,
    event: Recorded,
    template: Template,
    people: Mapping[UUID, str],
    *,
    comment_id: UUID | None = None,
) -> None:
    """Write down who is told of `event` and why (`people`: person → reason), and bring it out.
    Safe to repeat. Raises as `deliver_all`."""
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        await write_down(office, session, event, template, people, comment_id=comment_id)
    await deliver_all(office, event.tenant_id, event.id)


async def write_down(
    office: PostOffice,
    session: AsyncSession,
    event: Recorded,
    template: Template,
    people: Mapping[UUID, str],
    *,
    comment_id: UUID | None = None,
) -> None:
    """The first half of `tell`, for whoever looks in the same transaction whom to tell."""
    await announce(
        session,
        Actor.system(event.tenant_id),
        event,
        template=template,
        people=people,
        mail_domain=office.settings.mail_domain,
        signer=office.signer,
        comment_id=comment_id,
    )


async def deliver_all(office: PostOffice, tenant_id: UUID, event_id: UUID) -> None:
    """Deliver what waits about an event. One that cannot be written or cannot go out now does not
    hold up the others.

    Raises at the end where any is left (`MailUnavailable`, or what went wrong in writing), so that
    the job is tried again."""
    troubles: list[Exception] = []
    async with office.mailer.session() as sender:
        async for mails in _batches(office, tenant_id, event_id, troubles):
            await _send(office, sender, tenant_id, mails, troubles)
    if troubles:
        raise troubles[-1]


async def _batches(
    office: PostOffice, tenant_id: UUID, event_id: UUID, troubles: list[Exception]
) -> AsyncIterator[Mapping[UUID, Mail]]:
    """The mails of what waits, by their notifications; each is looked at once."""
    taken, last = _AT_ONCE, _FIRST
    while taken == _AT_ONCE:
        async with office.database.transaction(AsSystem(tenant_id)) as session:
            waiting = await take_up(
                session, Actor.system(tenant_id), event_id, after=last, most=_AT_ONCE
            )
            system = Actor.system(tenant_id, entered(session)["definition_version"])
            writer = await writer_for(session, system, waiting, office.settings)
            mails = await _written(writer, waiting, troubles)
        yield mails
        taken, last = len(waiting), waiting[-1].id if waiting else _FIRST


async def _written(
    writer: Writer, waiting: Sequence[Notification], troubles: list[Exception]
) -> Mapping[UUID, Mail]:
    mails = {}
    for notification in waiting:
        if notification.state != "pending":
            continue
        try:
            mail = await writer.mail(notification)
        except SQLAlchemyError:
            raise  # the transaction is at its end, and everybody's mail is written anew
        except Exception as error:
            log.exception("mail_not_written", notification=str(notification.id))
            troubles.append(error)
            continue
        if mail is None:
            notification.state = "dropped"
        else:
            mails[notification.id] = mail
    return mails


async def _send(
    office: PostOffice,
    sender: Sender,
    tenant_id: UUID,
    mails: Mapping[UUID, Mail],
    troubles: list[Exception],
) -> None:
    """Send mails, and note what came of it soon after."""
    outcomes: dict[UUID, tuple[Outcome, datetime]] = {}
    noted = time.monotonic()
    try:
        for notification_id, mail in mails.items():
            outcome: Outcome = "sent"
            try:
                await sender.send(mail)
            except MailRefused as error:
                log.warning("mail_refused", notification=str(notification_id), reason=error.reason)
                outcome = "refused"
            except MailUnavailable as error:
                log.warning("mail_waits", notification=str(notification_id), reason=error.reason)
                troubles.append(error)
                continue
            outcomes[notification_id] = (outcome, clock.now())
            if time.monotonic() - noted > _UNNOTED_SECONDS:
                await _note(office, tenant_id, outcomes)
                outcomes, noted = {}, time.monotonic()
    finally:
        await _note(office, tenant_id, outcomes)


async def _note(
    office: PostOffice, tenant_id: UUID, outcomes: Mapping[UUID, tuple[Outcome, datetime]]
) -> None:
    if outcomes:
        async with office.database.transaction(AsSystem(tenant_id)) as session:
            await note(session, Actor.system(tenant_id), outcomes)
