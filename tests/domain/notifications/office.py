"""A desk as stories tell it: people come, write, and the worker tells the others."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import yaml
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.applying import SHIPPED
from app.database.session import Database
from app.database.tenancy import AsSystem, entered
from app.domain.comments.actions import add_comment
from app.domain.comments.policy import Visibility
from app.domain.notifications.queries import recipient
from app.domain.organizations.actions import create_organization
from app.domain.people.actions import create_person
from app.domain.people.memberships import grant_membership, join_team
from app.domain.tenants.actions import apply_definition
from app.domain.tenants.loading import load_text
from app.domain.tickets.moving import move_ticket
from app.domain.tickets.opening import open_ticket
from app.domain.tickets.queries import ticket_for
from app.gateways.mail import InMemory, Mail
from app.journal.history import recorded
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.secrets import Signer
from app.kernel.settings import Settings
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import Person
from app.models.tickets import Participant, Ticket
from app.reactions import AFTERWARDS

TEAM = "crm-team"


@dataclass
class Office:
    """One tenant, the worker's tools, and what people do there. It is a `PostOffice`."""

    settings: Settings
    database: Database
    tenant_id: UUID
    mailer: InMemory = field(default_factory=InMemory)
    signer: Signer = field(default_factory=lambda: Signer(SecretStr("k" * 40)))
    told_until: int = 0

    @asynccontextmanager
    async def as_system(self) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        async with self.database.transaction(AsSystem(self.tenant_id)) as session:
            _ = await session.connection()
            version = entered(session)["definition_version"]
            yield session, Actor.system(self.tenant_id, version)

    async def organization(self, name: str = "Acme") -> UUID:
        async with self.as_system() as (session, system):
            return (await create_organization(session, system, name=name)).id

    async def customer(
        self, organization: UUID, name: str = "Customer", *, role: str = "perus", **more: Any
    ) -> UUID:
        async with self.as_system() as (session, system):
            person = await create_person(session, system, name=name, email=_address(), **more)
            await grant_membership(session, system, organization, person.id, role=role)
            return await _active(session, person)

    async def agent(
        self, name: str = "Agent", *, team: str | None = TEAM, told_of_new: bool = True, **more: Any
    ) -> UUID:
        async with self.as_system() as (session, system):
            person = await create_person(
                session, system, name=name, email=_address(), side="agent", role="agent", **more
            )
            if team:
                await join_team(session, system, person.id, team, told_of_new=told_of_new)
            return await _active(session, person)

    async def change(self, person_id: UUID, **values: Any) -> None:
        async with self.as_system() as (session, _):
            person = await session.get_one(Person, (self.tenant_id, person_id))
            for name, value in values.items():
                setattr(person, name, value)

    async def open(self, by: UUID, *, for_: UUID | None = None, **answers: Any) -> Ticket:
        given = {"type": "support", "subject": "Report", "description": "It **fails**", **answers}
        async with self.as_system() as (session, system):
            actor = await _actor(session, system, by)
            sight = await open_ticket(session, actor, answers=given, on_behalf_of=for_)
            return sight.ticket

    async def write(
        self,
        by: UUID,
        ticket: Ticket,
        body: str = "An answer",
        *,
        visibility: Visibility = "public",
        transition: str | None = None,
    ) -> UUID:
        async with self.as_system() as (session, system):
            actor = await _actor(session, system, by)
            said = await add_comment(
                session,
                actor,
                str(ticket.id),
                body=body,
                visibility=visibility,
                transition=transition,
            )
            return said.comment.id

    async def move(self, by: UUID, ticket: Ticket, transition: str) -> None:
        async with self.as_system() as (session, system):
            actor = await _actor(session, system, by)
            sight = await ticket_for(session, actor, ticket.id, lock=True)
            await move_ticket(session, actor, sight, transition=transition)

    async def give(self, ticket: Ticket, agent: UUID | None, *, team: str | None = TEAM) -> None:
        """Assign without a word to anybody."""
        async with self.as_system() as (session, _):
            row = await session.get_one(Ticket, (self.tenant_id, ticket.id))
            row.assignee_id, row.team = agent, team

    async def invite(self, ticket: Ticket, person_id: UUID) -> None:
        """Let somebody take part in a ticket."""
        async with self.as_system() as (session, _):
            session.add(
                Participant(
                    tenant_id=self.tenant_id,
                    ticket_id=ticket.id,
                    person_id=person_id,
                    organization_id=ticket.organization_id,
                    department=ticket.department,
                    requester_id=ticket.requester_id,
                    added_at=clock.now(),
                )
            )

    async def tell(self) -> list[Mail]:
        """Let the worker do what follows from all that happened; the mails that came of it."""
        already = len(self.mailer.sent)
        self.told_until = await self.repeat(since=self.told_until)
        return self.mailer.sent[already:]

    async def repeat(self, *, since: int = 0) -> int:
        """Let the worker do it all again, as after a crash; the place it came to."""
        async with self.as_system() as (session, _):
            rows = await session.execute(
                select(EventRow.id, EventRow.position)
                .where(EventRow.tenant_id == self.tenant_id, EventRow.position > since)
                .order_by(EventRow.position)
            )
            events = [
                (await recorded(session, self.tenant_id, event_id), position)
                for event_id, position in rows.all()
            ]
        for event, _ in events:
            assert event is not None
            for reaction in AFTERWARDS.get(event.name, ()):
                if reaction.__module__.startswith("app.domain.notifications"):
                    await reaction(self, event)  # type: ignore[arg-type]
        return events[-1][1] if events else since

    async def nobody_is_told(self) -> None:
        """Go past all that happened until now without a word."""
        _ = await self.tell()

    async def rows(self) -> Sequence[Notification]:
        async with self.as_system() as (session, _):
            found = await session.scalars(
                select(Notification)
                .where(Notification.tenant_id == self.tenant_id)
                .order_by(Notification.id)
            )
            return found.all()

    async def address_of(self, person_id: UUID) -> str:
        async with self.as_system() as (session, system):
            found = await recipient(session, system, person_id)
            assert found is not None
            return found.email

    async def told(self, mails: Sequence[Mail], *people: UUID) -> bool:
        """Whether these people, and nobody else, got one mail each."""
        addresses = [await self.address_of(person) for person in people]
        return sorted(mail.to_address for mail in mails) == sorted(addresses)


async def furnished(
    settings: Settings,
    database: Database,
    *,
    portal: str = "crm-service",
    bend: Callable[[dict[str, Any]], object] = bool,
    **changes: Any,
) -> Office:
    """A new tenant with a shipped portal, its department as `changes` say, bent first by `bend`."""
    document = yaml.safe_load((SHIPPED / f"{portal}.yaml").read_text())
    tenant_id = new_id()
    document["portal"]["slug"] = f"t-{str(tenant_id)[-12:]}"
    document["departments"][0].update(changes)
    bend(document)
    definition = load_text(yaml.dump(document, allow_unicode=True).encode(), f"{portal}.yaml")
    async with database.transaction(AsSystem(tenant_id)) as session:
        await apply_definition(session, Actor.system(tenant_id), definition)
    return Office(settings, database, tenant_id)


async def _actor(session: AsyncSession, system: Actor, person_id: UUID) -> Actor:
    found = await recipient(session, system, person_id)
    assert found is not None
    return found.actor


async def _active(session: AsyncSession, person: Person) -> UUID:
    person.state = "active"
    await session.flush()
    return person.id


def _address() -> str:
    return f"p-{str(new_id())[-12:]}@people.example"
