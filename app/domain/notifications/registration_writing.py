"""From a notification about a registration to its letter: everything is looked up again.

Returns `None` where there is nothing to say any more: confirmed, decided or removed meanwhile."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.queries import signs_in_elsewhere_alone
from app.domain.notifications import registration_letters as letters
from app.domain.notifications.addresses import Addresses
from app.domain.notifications.letters import Letter, Reader
from app.domain.notifications.queries import Recipient
from app.domain.registrations.actions import new_secret
from app.domain.registrations.lifecycle import LINK
from app.domain.registrations.problems import RegistrationNotFound
from app.domain.registrations.queries import registration_view
from app.domain.sign_in.lifecycle import PASSWORD_RESET
from app.domain.sign_in.links import issue_one_time_token
from app.domain.tenants.definition import Definition
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.registrations import Registration


@dataclass(frozen=True, slots=True)
class RegistrationDesk:
    """What letters about registrations are written with."""

    session: AsyncSession
    system: Actor
    definition: Definition
    reader: Reader
    addresses: Addresses

    async def to_registrant(
        self, notification: Notification, registration: Registration
    ) -> Letter | None:
        """To the address of somebody who has no account."""
        match notification.template, registration.state:
            case "registration", "asked":
                secret = await new_secret(self.session, registration)
                return letters.confirm(
                    self.reader,
                    portal=self._portal,
                    link=f"{self.addresses.pages}/registrations/{secret}",
                    minutes=int(LINK.total_seconds()) // 60,
                )
            case "registration_waiting", _:
                return letters.waiting(self.reader, portal=self._portal, link=self.addresses.door)
            case "registration_refused", "refused":
                reason = registration.reason or ""
                return letters.refused(
                    self.reader, portal=self._portal, reason=reason, link=self.addresses.door
                )
            case _:
                return None

    async def to_person(self, notification: Notification, told: Recipient) -> Letter | None:
        """To somebody who has an account, was given one, or decides."""
        match notification.template:
            case "registration_known":
                return await self._known(told)
            case "registration_approved":
                return letters.approved(
                    self.reader,
                    portal=self._portal,
                    name=told.person.name,
                    email=told.email,
                    link=self.addresses.door,
                )
            case _:
                return await self._decision(notification, told)

    async def _known(self, told: Recipient) -> Letter | None:
        """The secret is created here and nowhere before: it is in the mail alone."""
        if told.person.state != "active":
            contact = self.definition.mail.from_address
            return letters.not_open_yet(
                self.reader, portal=self._portal, contact=contact, link=self.addresses.door
            )
        if await signs_in_elsewhere_alone(self.session, self.system, told.person.id):
            return None
        token = await issue_one_time_token(
            self.session, self.system, told.person.id, "password_reset"
        )
        return letters.known(
            self.reader,
            portal=self._portal,
            email=told.email,
            link=f"{self.addresses.pages}/password-resets/{token}",
            minutes=int(PASSWORD_RESET.total_seconds()) // 60,
        )

    async def _decision(self, notification: Notification, told: Recipient) -> Letter | None:
        event = await self.session.get(EventRow, (self.system.tenant_id, notification.event_id))
        if event is None or event.subject_id is None:
            return None
        try:
            # The reader's own rights, as they are now: the wall is the system's here.
            view = await registration_view(self.session, told.actor, event.subject_id)
        except RegistrationNotFound:
            return None
        asking, company = view.registration, view.organization
        if asking.state != "waiting":
            return None
        facts = [(self.reader.say("E-mail address"), asking.email)]
        if company is not None:
            facts.append((self.reader.say("Organization"), company.name))
        return letters.decision(
            self.reader,
            portal=self._portal,
            name=asking.name,
            facts=tuple(facts),
            body=asking.message or "",
            link=f"{self.addresses.base}/registrations/{asking.id}",
        )

    @property
    def _portal(self) -> str:
        return self.definition.portal.name
