"""Mails about service levels: one is about to be breached, or was (S0-15). They are written by the
clock's present state: an answer that was given meanwhile is no news."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications import facts
from app.domain.notifications.letters import Facts, Letter, Matter, Reader, letter_about
from app.domain.service_levels.lifecycle import Clock
from app.domain.service_levels.promises import policy_of
from app.domain.service_levels.queries import log_of
from app.domain.tenants.definition import Definition
from app.domain.tickets.queries import TicketInSight
from app.kernel.locale import label
from app.models.journal import EventRow
from app.models.notifications import Notification

#: Weekday and date, time of day: as the reader's language writes them.
_WRITTEN = ("yMMMEd", "Hm")


async def promise_letter(
    session: AsyncSession,
    system: Actor,
    definition: Definition,
    notification: Notification,
    told: Actor,
    sight: TicketInSight,
    reader: Reader,
    matter: Matter,
) -> Letter | None:
    """A letter about a clock of a ticket that the reader may read; `None` where it has ended, is
    paused, or a mail about its breach follows."""
    event = await session.get_one(EventRow, (system.tenant_id, notification.event_id))
    log = await log_of(session, system, sight.ticket)
    clock = next((each for each in log.clocks if each.number == event.data["clock"]), None)
    if clock is None or not clock.is_open:
        return None
    broken = notification.template == "service_level_breached"
    due = clock.breached_at if broken else clock.due_at
    if due is None or (clock.breached_at is not None and not broken):
        return None
    said = facts.of_ticket(definition, told, sight, reader)
    matter = replace(matter, facts=(*_facts(definition, reader, clock, due), *said))
    heading = _heading(reader, clock, matter.number, broken=broken)
    return letter_about(reader, matter, heading)


def _heading(reader: Reader, clock: Clock, number: str, *, broken: bool) -> str:
    if clock.metric == "resolution":
        if broken:
            return reader.say("{number} was not resolved in time", number=number)
        return reader.say("{number} must be resolved soon", number=number)
    if broken:
        return reader.say("The answer in {number} is late", number=number)
    return reader.say("{number} must be answered soon", number=number)


def _facts(definition: Definition, reader: Reader, clock: Clock, due: datetime) -> Facts:
    policy = policy_of(definition, clock.terms.policy)
    called = label(policy.labels, reader.language) if policy else clock.terms.policy
    zone = ZoneInfo(definition.portal.time_zone)
    written = (format_skeleton(each, due, zone, locale=reader.language) for each in _WRITTEN)
    return (
        (reader.say("Deadline"), ", ".join(written)),
        (reader.say("Service level"), called),
    )
