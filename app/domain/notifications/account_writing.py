"""From a notification about an account's security to its letter."""

from collections.abc import Callable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications import account_letters as letters
from app.domain.notifications.account_letters import Account
from app.domain.notifications.letters import Letter, Reader
from app.domain.tenants.definition import Definition
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import FormerAddress

LETTERS: Mapping[str, Callable[[Reader, Account], Letter]] = {
    "password_changed": letters.password_changed,
    "second_factor_added": letters.second_factor_added,
    "second_factor_removed": letters.second_factor_removed,
    "second_factors_reset": letters.second_factors_reset,
    "address_changed": letters.address_changed,
}


async def warning(
    session: AsyncSession,
    system: Actor,
    notification: Notification,
    definition: Definition,
    reader: Reader,
    *,
    email: str,
    door: str,
) -> Letter | None:
    """The letter of one of `LETTERS`."""
    event = await session.get(EventRow, (system.tenant_id, notification.event_id))
    if event is None:
        return None
    zone = ZoneInfo(definition.portal.time_zone)
    account = Account(
        portal=definition.portal.name,
        email=email,
        when=format_datetime(event.occurred_at, "long", tzinfo=zone, locale=reader.language),
        contact=definition.mail.from_address,
        door=door,
    )
    return LETTERS[notification.template](reader, account)


async def former_address(
    session: AsyncSession, system: Actor, notification: Notification
) -> str | None:
    """The address that somebody had before the change he is told of; `None` once it is
    forgotten."""
    event = await session.get(EventRow, (system.tenant_id, notification.event_id))
    if event is None:
        return None
    held = await session.get(FormerAddress, (system.tenant_id, UUID(event.data["former_address"])))
    return held.email if held else None
