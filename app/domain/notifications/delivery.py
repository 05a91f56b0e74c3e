"""Bringing notifications out: read in one transaction, send in none, note it in another.

A worker that dies between sending and noting sends again: the same `Message-ID` lets the other
side see that it is the same mail.
"""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from app.access.actor import Actor
from app.database.session import Database
from app.database.tenancy import AsSystem, entered
from app.domain.notifications.actions import Outcome, Template, announce, note, take_up
from app.domain.notifications.queries import pending_of
from app.domain.notifications.writing import written
from app.gateways.mail import Mailer, MailRefused, MailUnavailable
from app.journal import Recorded
from app.kernel.logging import logger
from app.kernel.secrets import Signer
from app.kernel.settings import Settings

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
    await deliver_all(office, event.tenant_id, event.id)


async def deliver_all(office: PostOffice, tenant_id: UUID, event_id: UUID) -> None:
    """Deliver what waits about an event. One that cannot go out now does not hold up the others.

    Raises `MailUnavailable` at the end where any is left, so that the job is tried again."""
    async with office.database.transaction(AsSystem(tenant_id)) as session:
        waiting = await pending_of(session, Actor.system(tenant_id), event_id)
    trouble: MailUnavailable | None = None
    for notification_id in waiting:
        try:
            await deliver(office, tenant_id, notification_id)
        except MailUnavailable as error:
            log.warning("mail_waits", notification=str(notification_id), reason=error.reason)
            trouble = error
    if trouble:
        raise MailUnavailable(trouble.reason)


async def deliver(office: PostOffice, tenant_id: UUID, notification_id: UUID) -> None:
    """Deliver one notification, unless somebody has. Raises `MailUnavailable`."""
    async with office.database.transaction(AsSystem(tenant_id)) as session:
        notification = await take_up(session, Actor.system(tenant_id), notification_id)
        if notification is None:
            return
        system = Actor.system(tenant_id, entered(session)["definition_version"])
        mail = await written(session, system, notification, office.settings)
        if mail is None:
            await note(session, system, notification_id, "dropped")
            return
    outcome: Outcome = "sent"
    try:
        await office.mailer.send(mail)
    except MailRefused as refusal:
        log.warning("mail_refused", notification=str(notification_id), reason=refusal.reason)
        outcome = "refused"
    async with office.database.transaction(AsSystem(tenant_id)) as session:
        await note(session, Actor.system(tenant_id), notification_id, outcome)
