"""A case and the people around it, as stories about approvals tell them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.domain.approvals.asking import Question, ask
from app.domain.approvals.deciding import decide, presume
from app.domain.approvals.lifecycle import PRESUME, REMIND
from app.domain.approvals.reminding import remind
from app.gateways.mail import Mail
from app.jobs import timers
from app.jobs.workbench import OnTime
from app.kernel import clock
from app.models.approvals import Approval, Decision
from app.models.journal import EventRow, Timer
from app.models.tickets import Ticket
from tests.domain.notifications.office import Office, _actor

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: A Monday in a fortnight without public holidays.
MONDAY = datetime(2026, 1, 12, 9, tzinfo=STOCKHOLM)
#: Five whole business days later, at opening: the day after the next Monday.
REMINDER = datetime(2026, 1, 20, 8, tzinfo=STOCKHOLM)
TIMERS: dict[str, OnTime] = {REMIND: remind, PRESUME: presume}


@dataclass
class Case:
    """A ticket that waits for approval, its customer, its agent, and the desk they meet at."""

    office: Office
    organization: UUID
    customer: UUID
    agent: UUID
    ticket: Ticket
    admins: list[UUID]

    def at(self, moment: datetime) -> None:
        """Let it be `moment`."""
        clock.set_source(lambda: moment)

    async def ring(self) -> None:
        """Let the timers of this tenant ring that are due."""
        async with self.office.as_system() as (session, system):
            due = await session.scalars(
                select(Timer.id).where(
                    Timer.tenant_id == system.tenant_id, Timer.due_at <= clock.now()
                )
            )
            waiting = due.all()
        for timer in waiting:
            async with self.office.as_system() as (session, system):
                await timers._ring(session, system.tenant_id, timer, TIMERS)

    async def work(self, moment: datetime) -> list[Mail]:
        """Let it be `moment`, timers ring and people be told; answers the mails."""
        self.at(moment)
        await self.ring()
        return await self.office.tell()

    async def approval(self, ticket: Ticket | None = None) -> Approval:
        """What was last asked about the case."""
        async with self.office.as_system() as (session, system):
            found = await session.scalars(
                select(Approval)
                .where(
                    Approval.tenant_id == system.tenant_id,
                    Approval.ticket_id == (ticket or self.ticket).id,
                )
                .order_by(Approval.id.desc())
            )
            return found.first()  # type: ignore[return-value]

    async def decisions(self) -> list[Decision]:
        """All decisions of the tenant."""
        async with self.office.as_system() as (session, system):
            found = await session.scalars(
                select(Decision)
                .where(Decision.tenant_id == system.tenant_id)
                .order_by(Decision.decided_at, Decision.id)
            )
            return list(found)

    async def status(self) -> str:
        """Where the ticket stands."""
        async with self.office.as_system() as (session, system):
            ticket = await session.get_one(Ticket, (system.tenant_id, self.ticket.id))
            return ticket.status

    async def history(self) -> list[tuple[str, dict[str, Any]]]:
        """What happened to the case's approvals, oldest first."""
        async with self.office.as_system() as (session, system):
            rows = await session.execute(
                select(EventRow.name, EventRow.data)
                .where(
                    EventRow.tenant_id == system.tenant_id,
                    EventRow.ticket_id == self.ticket.id,
                    EventRow.name.startswith("approval."),
                )
                .order_by(EventRow.position)
            )
            return [(row.name, row.data) for row in rows]

    async def decide(self, by: UUID, decision: str, comment: str | None = None) -> Decision:
        """Let somebody answer."""
        approval = await self.approval()
        async with self.office.as_system() as (session, system):
            actor = await _actor(session, system, by)
            _, made = await decide(
                session, actor, str(approval.id), decision=decision, comment=comment
            )
            return made

    async def ask(self, question: Question, ticket: Ticket | None = None) -> None:
        """Let the agent ask."""
        async with self.office.as_system() as (session, system):
            actor = await _actor(session, system, self.agent)
            await ask(session, actor, str((ticket or self.ticket).id), question)

    async def another(self, by: UUID | None = None) -> Ticket:
        """Another case that waits for approval, of the same customer where nobody is named."""
        return await mended(self.office, by or self.customer, self.agent)


async def mended(office: Office, customer: UUID, agent: UUID) -> Ticket:
    """A case that an agent says is mended; of all before that, everybody has been told."""
    ticket = await office.open(customer, type="question", subject="How are returns booked?")
    await office.move(agent, ticket, "start")
    await office.nobody_is_told()
    await office.write(agent, ticket, "They are booked at night.", transition="ask_approval")
    return ticket


class Begin(Protocol):
    """Begins a case; see the fixture."""

    async def __call__(self, admins: int = 0, **policy: Any) -> Case: ...


async def began(office: Office, *, admins: int = 0) -> Case:
    """The case every story begins with, in a company with so many company admins; nobody has been
    told."""
    clock.set_source(lambda: MONDAY)
    organization = await office.organization()
    bosses = [
        await office.customer(organization, f"Admin {number}", role="company_admin")
        for number in range(admins)
    ]
    customer = await office.customer(organization, "Member", role="member")
    agent = await office.agent(team="support")
    ticket = await mended(office, customer, agent)
    await office.nobody_is_told()
    office.mailer.sent.clear()
    return Case(office, organization, customer, agent, ticket, bosses)


def hours_after(moment: datetime, hours: float) -> datetime:
    """So many hours later, absolutely."""
    return (moment.astimezone(ZoneInfo("UTC")) + timedelta(hours=hours)).astimezone(STOCKHOLM)
