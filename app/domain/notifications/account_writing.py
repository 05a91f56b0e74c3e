"""From a notification about an account to its letter: access, and security."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.federation.queries import signs_in_elsewhere_alone
from app.domain.invitations.queries import open_invitation_of
from app.domain.invitations.ways import link_of
from app.domain.notifications import account_letters, letters
from app.domain.notifications.account_letters import Account
from app.domain.notifications.addresses import Addresses
from app.domain.notifications.letters import Letter, Reader
from app.domain.notifications.queries import Recipient
from app.domain.sign_in.lifecycle import ACTIVATION, PASSWORD_RESET
from app.domain.sign_in.links import issue_one_time_token
from app.domain.tenants.definition import Definition
from app.kernel import clock
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import FormerAddress

_WARNINGS: Mapping[str, Callable[[Reader, Account], Letter]] = {
    "password_changed": account_letters.password_changed,
    "second_factor_added": account_letters.second_factor_added,
    "second_factor_removed": account_letters.second_factor_removed,
    "second_factors_reset": account_letters.second_factors_reset,
    "address_changed": account_letters.address_changed,
}
#: What is written here.
LETTERS = frozenset({"password_reset", "activation", "invitation", *_WARNINGS})


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """What letters to somebody about an account are written with."""

    session: AsyncSession
    system: Actor
    definition: Definition
    told: Recipient
    language: str
    addresses: Addresses

    async def letter(self, notification: Notification) -> Letter | None:
        """One of `LETTERS`, or `None` where there is nothing to say any more."""
        match notification.template:
            case "password_reset":
                return await self._password_reset()
            case "activation":
                return await self._activation()
            case "invitation":
                return await self._invitation()
            case _:
                return await self._warning(notification)

    async def _password_reset(self) -> Letter | None:
        person = self.told.person
        if person.state != "active":
            return None
        if await signs_in_elsewhere_alone(self.session, self.system, person.id):
            return None
        return letters.password_reset(
            self._reader,
            portal=self.definition.portal.name,
            email=self.told.email,
            link=await self._one_time_link("password_reset"),
            minutes=int(PASSWORD_RESET.total_seconds()) // 60,
        )

    async def _activation(self) -> Letter:
        return letters.activation(
            self._reader,
            portal=self.definition.portal.name,
            name=self.told.person.name,
            email=self.told.email,
            link=await self._one_time_link("activation"),
            minutes=int(ACTIVATION.total_seconds()) // 60,
        )

    async def _invitation(self) -> Letter | None:
        view = await open_invitation_of(self.session, self.system, self.told.person.id)
        if view is None or view.invitation.expires_at <= clock.now():
            return None
        token = await issue_one_time_token(self.session, self.system, view.person.id, "invitation")
        view.invitation.sent_at = clock.now()
        return letters.invitation(
            self._reader,
            portal=self.definition.portal.name,
            name=view.person.name,
            inviter=view.inviter.name if view.inviter else None,
            link=link_of(self.definition, self.addresses.pages, token),
            minutes=int((view.invitation.expires_at - clock.now()).total_seconds()) // 60 + 1,
        )

    async def _warning(self, notification: Notification) -> Letter | None:
        event = await self.session.get(EventRow, (self.system.tenant_id, notification.event_id))
        if event is None:
            return None
        zone = ZoneInfo(self.definition.portal.time_zone)
        account = Account(
            portal=self.definition.portal.name,
            email=self.told.email,
            when=format_datetime(event.occurred_at, "long", tzinfo=zone, locale=self.language),
            contact=self.definition.mail.from_address,
            door=self.addresses.door,
        )
        return _WARNINGS[notification.template](self._reader, account)

    async def _one_time_link(self, purpose: letters.Purpose) -> str:
        """The secret is created here and nowhere before: it is in the mail alone, in no row and no
        job."""
        person_id = self.told.person.id
        token = await issue_one_time_token(self.session, self.system, person_id, purpose)
        return f"{self.addresses.pages}/password-resets/{token}"

    @property
    def _reader(self) -> Reader:
        return Reader(self.language, "account")


async def former_address(
    session: AsyncSession, system: Actor, notification: Notification
) -> str | None:
    """The address before the change that the notification is about; `None` once it is deleted."""
    event = await session.get(EventRow, (system.tenant_id, notification.event_id))
    if event is None:
        return None
    held = await session.get(FormerAddress, (system.tenant_id, UUID(event.data["former_address"])))
    return held.email if held else None
