"""From notifications to the mails people get: everything is looked up again, in their languages.

No mail is written to people who are inactive, muted, or no longer allowed to read the ticket. A
mail says what is true when it is written, not when the event happened."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications.account_writing import LETTERS, AccountDesk, former_address
from app.domain.notifications.addresses import addresses_of
from app.domain.notifications.layout import MailLook, as_html, as_text, look_of
from app.domain.notifications.letters import Letter, Reader
from app.domain.notifications.queries import Recipient, recipients
from app.domain.notifications.registration_writing import RegistrationDesk
from app.domain.notifications.ticket_writing import TicketDesk
from app.domain.tenants.definition import Definition
from app.domain.tenants.queries import definition_of
from app.gateways.mail import Mail
from app.kernel.settings import Settings
from app.models.notifications import Notification
from app.models.registrations import Registration


async def writer_for(
    session: AsyncSession, system: Actor, waiting: Iterable[Notification], settings: Settings
) -> "Writer":
    """The writer for these notifications, which are about one event."""
    people = [each.person_id for each in waiting if each.person_id]
    told = await recipients(session, system, people)
    return Writer(session, system, await definition_of(session, system), settings, told)


class Writer:
    """Writes the mails about one event. What its readers share is looked up once, and a letter that
    is the same for several is laid out once."""

    def __init__(
        self,
        session: AsyncSession,
        system: Actor,
        definition: Definition,
        settings: Settings,
        told: Mapping[UUID, Recipient],
    ) -> None:
        self._session = session
        self._system = system
        self._definition = definition
        self._settings = settings
        self._told = told
        self._addresses = addresses_of(definition, settings.base_url)
        self._about_ticket = TicketDesk(
            session, system, definition, self._addresses, list(told.values())
        )
        self._looks: dict[str, MailLook] = {}
        self._laid_out: dict[Letter, tuple[str, str]] = {}

    async def mail(self, notification: Notification) -> Mail | None:
        """The mail of a notification, or `None` where nobody is to be told."""
        if notification.person_id is None:
            return await self._to_registrant(notification)
        told = self._told.get(notification.person_id)
        if told is None or told.person.state == "inactive":
            return None
        if notification.template == "address_changed":
            former = await former_address(self._session, self._system, notification)
            if former is None:
                return None
            told = replace(told, email=former)
        letter = await self._letter(notification, told)
        to = (told.person.name, told.email)
        return self._mail(notification, letter, to) if letter else None

    async def _to_registrant(self, notification: Notification) -> Mail | None:
        """To somebody without an account: to the address, and to no name that was entered."""
        place = (self._system.tenant_id, notification.registration_id)
        registration = await self._session.get(Registration, place, with_for_update=True)
        if registration is None:
            return None
        portal = self._definition.portal
        offered = registration.language in portal.languages
        language = str(registration.language if offered else portal.default_language)
        desk = self._registrations(Reader(language, notification.reason))
        letter = await desk.to_registrant(notification, registration)
        return self._mail(notification, letter, ("", registration.email)) if letter else None

    async def _letter(self, notification: Notification, told: Recipient) -> Letter | None:
        language = told.person.language or self._definition.portal.default_language
        template = notification.template
        if template == "approvals_reminder":
            desk = self._about_ticket.approvals(told.actor)
            return await desk.reminder(notification, Reader(language, "approver"))
        if template in LETTERS:
            account = AccountDesk(
                self._session, self._system, self._definition, told, language, self._addresses
            )
            return await account.letter(notification)
        if template.startswith("registration_"):
            registrations = self._registrations(Reader(language, notification.reason))
            return await registrations.to_person(notification, told)
        return await self._about_ticket.letter(notification, told, language)

    def _registrations(self, reader: Reader) -> RegistrationDesk:
        return RegistrationDesk(
            self._session, self._system, self._definition, reader, self._addresses
        )

    def _mail(self, notification: Notification, letter: Letter, to: tuple[str, str]) -> Mail:
        text, html = self._in_full(letter)
        domain, sender = self._settings.mail_domain, self._definition.mail
        root = f"<ticket-{notification.ticket_id}@{domain}>"
        return Mail(
            message_id=notification.message_id,
            from_name=sender.from_name,
            from_address=sender.from_address,
            to_name=to[0],
            to_address=to[1],
            reply_to=notification.reply_token and f"reply+{notification.reply_token}@{domain}",
            subject=letter.subject,
            text=text,
            html=html,
            language=letter.language,
            # No mail has the root's id: it is what all mails of a ticket have in common.
            in_reply_to=root if notification.ticket_id else None,
            references=(root,) if notification.ticket_id else (),
            headers={"X-Skranke-Loop": domain},
        )

    def _in_full(self, letter: Letter) -> tuple[str, str]:
        """A letter as plain text and as HTML."""
        if letter not in self._laid_out:
            if letter.language not in self._looks:
                self._looks[letter.language] = look_of(self._definition, letter.language)
            look = self._looks[letter.language]
            self._laid_out[letter] = (as_text(letter, look), as_html(letter, look))
        return self._laid_out[letter]
