"""Delivering notifications: written in one transaction, sent in none, noted in another.

What waits about one event is delivered together, so that what its readers share is looked up once
and one connection takes all mails. A worker that dies between sending and noting sends again: the
same `Message-ID` lets the other side recognize the mail."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import system_of
from app.database.session import HasDatabase
from app.database.tenancy import AsSystem
from app.domain.notifications.actions import Outcome, Template, announce, note, take_up
from app.domain.notifications.writing import Writer, writer_for
from app.gateways.mail import Mail, Mailer, MailRefused, MailUnavailable, Sender
from app.journal import Recorded
from app.kernel import clock
from app.kernel.logging import logger
from app.kernel.secrets import Signer
from app.kernel.settings import Settings
from app.models.notifications import Notification

#: Mails that went out within so long are noted together; killed before, a worker sends them again.
_UNNOTED_SECONDS = 0.1
log = logger("notifications")


class PostOffice(HasDatabase, Protocol):
    """What the worker needs to deliver mails; its workbench has it."""

    @property
    def settings(self) -> Settings: ...
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
    """Write down who is told of `event` and why (`people`: person → reason), and deliver it. Safe
    to repeat. Raises as `deliver_all`."""
    async with telling(office, event) as session:
        await write_down(office, session, event, template, people, comment_id=comment_id)


@asynccontextmanager
async def telling(office: PostOffice, event: Recorded) -> AsyncIterator[AsyncSession]:
    """A transaction in which the block finds whom to tell of `event`, and writes it down; after the
    block everything that waits is delivered. Raises as `deliver_all`."""
    delivery = _Delivery(office, event.tenant_id, event.id)
    async with office.database.transaction(AsSystem(event.tenant_id)) as session:
        yield session
        await delivery.write(session)
    await delivery.bring_out()


async def write_down(
    office: PostOffice,
    session: AsyncSession,
    event: Recorded,
    template: Template,
    people: Mapping[UUID, str],
    *,
    comment_id: UUID | None = None,
) -> None:
    """Write down who is told of `event` and why, as `tell`."""
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
    """Deliver everything that waits about an event. A mail that cannot be written or sent now does
    not hold up the others.

    Raises at the end where any is left (`MailUnavailable`, or the error in writing), so that the
    job is tried again."""
    delivery = _Delivery(office, tenant_id, event_id)
    async with office.database.transaction(AsSystem(tenant_id)) as session:
        await delivery.write(session)
    await delivery.bring_out()


class _Delivery:
    """Everything that waits about one event: written in a transaction, sent in none."""

    def __init__(self, office: PostOffice, tenant_id: UUID, event_id: UUID) -> None:
        self._office = office
        self._tenant_id = tenant_id
        self._event_id = event_id
        self._mails: dict[UUID, Mail] = {}
        self._troubles: list[Exception] = []

    async def write(self, session: AsyncSession) -> None:
        """Write the mails. They may be sent once the transaction is committed."""
        waiting = await take_up(session, Actor.system(self._tenant_id), self._event_id)
        if not waiting:
            return
        system = await system_of(session, self._tenant_id)
        writer = await writer_for(session, system, waiting, self._office.settings)
        dropped: dict[UUID, tuple[Outcome, datetime]] = {}
        for notification in waiting:
            if notification.state == "pending" and not await self._write(writer, notification):
                dropped[notification.id] = ("dropped", clock.now())
        if dropped:
            await note(session, system, dropped)

    async def bring_out(self) -> None:
        """Send what is written, and note the outcomes soon after. Raises as `deliver_all`."""
        outcomes: dict[UUID, tuple[Outcome, datetime]] = {}
        noted = time.monotonic()
        async with self._office.mailer.session() as sender:
            try:
                for notification_id, mail in self._mails.items():
                    outcome = await self._sent(sender, notification_id, mail)
                    if outcome:
                        outcomes[notification_id] = (outcome, clock.now())
                    if time.monotonic() - noted > _UNNOTED_SECONDS:
                        await self._note(outcomes)
                        outcomes, noted = {}, time.monotonic()
            finally:
                await self._note(outcomes)
        if self._troubles:
            raise self._troubles[-1]

    async def _write(self, writer: Writer, notification: Notification) -> bool:
        """Whether there is a mail to write, even where it cannot be written now."""
        try:
            mail = await writer.mail(notification)
        except SQLAlchemyError:
            raise  # the transaction is at its end, and everybody's mail is written anew
        except Exception as error:
            log.exception("mail_not_written", notification=str(notification.id))
            self._troubles.append(error)
            return True
        if mail is not None:
            self._mails[notification.id] = mail
        return mail is not None

    async def _sent(self, sender: Sender, notification_id: UUID, mail: Mail) -> Outcome | None:
        """What came of a mail; `None` where it must wait."""
        try:
            await sender.send(mail)
        except MailRefused as error:
            log.warning("mail_refused", notification=str(notification_id), reason=error.reason)
            return "refused"
        except MailUnavailable as error:
            log.warning("mail_waits", notification=str(notification_id), reason=error.reason)
            self._troubles.append(error)
            return None
        return "sent"

    async def _note(self, outcomes: Mapping[UUID, tuple[Outcome, datetime]]) -> None:
        if outcomes:
            async with self._office.database.transaction(AsSystem(self._tenant_id)) as session:
                await note(session, Actor.system(self._tenant_id), outcomes)
