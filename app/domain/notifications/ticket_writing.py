"""From a notification about a ticket to its letter, for whoever may read the ticket now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.notifications import facts, letters
from app.domain.notifications.addresses import Addresses
from app.domain.notifications.approval_writing import ApprovalDesk
from app.domain.notifications.letters import Letter, Matter, Reader
from app.domain.notifications.policy import may_be_mailed
from app.domain.notifications.queries import Recipient, names_of_files
from app.domain.notifications.service_level_writing import promise_letter
from app.domain.tenants.definition import Definition
from app.domain.tickets.queries import TicketInSight, sights_of
from app.models.comments import Comment
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import Person
from app.models.tickets import Ticket

Row = TypeVar("Row")


class TicketDesk:
    """Writes the letters about one event of a ticket to `readers`. What all of them read is looked
    up once."""

    def __init__(
        self,
        session: AsyncSession,
        system: Actor,
        definition: Definition,
        addresses: Addresses,
        readers: Sequence[Recipient],
    ) -> None:
        self._session = session
        self._system = system
        self._definition = definition
        self._addresses = addresses
        self._readers = readers
        self._sights: Mapping[UUID, TicketInSight] | None = None
        self._files: tuple[str, ...] | None = None
        self._rows: dict[tuple[type, UUID | None], Any] = {}

    async def letter(
        self, notification: Notification, told: Recipient, language: str
    ) -> Letter | None:
        """The letter to one recipient, or `None` if this one is not to be notified."""
        person, ticket_id = told.person, notification.ticket_id
        if ticket_id is None or not may_be_mailed(person.state, muted=person.muted):
            return None
        if self._sights is None:
            # The readers' own rights, as they are now: the wall is the system's here.
            actors = [reader.actor for reader in self._readers]
            self._sights = await sights_of(self._session, self._system, ticket_id, actors)
        sight = self._sights.get(person.id)
        if sight is None:
            return None
        team = facts.desk(self._definition, sight.ticket, language)
        reader = Reader(language, notification.reason, team)
        return await self._about(notification, told.actor, sight, reader)

    def approvals(self, told: Actor) -> ApprovalDesk:
        """What letters about approvals are written with, to whoever is told."""
        base = self._addresses.base
        return ApprovalDesk(self._session, self._system, told, self._definition, base, self._matter)

    async def _about(
        self, notification: Notification, told: Actor, sight: TicketInSight, reader: Reader
    ) -> Letter | None:
        matter = self._matter(sight.ticket)
        match notification.template:
            case "comment":
                return await self._comment(notification, told, reader, matter)
            case "approval_asked" | "approval_settled" | "approval_presumed":
                return await self.approvals(told).about_ticket(notification, reader)
            case "service_level_warned" | "service_level_breached":
                return await promise_letter(
                    self._session,
                    self._system,
                    self._definition,
                    notification,
                    told,
                    sight,
                    reader,
                    matter,
                )
            case "status":
                return await self._status(notification, told, reader, matter)
            case _:
                return await self._opened(notification, told, sight, reader, matter)

    async def _opened(
        self,
        notification: Notification,
        told: Actor,
        sight: TicketInSight,
        reader: Reader,
        matter: Matter,
    ) -> Letter:
        ticket = sight.ticket
        said = facts.of_ticket(self._definition, told, sight, reader)
        matter = replace(matter, facts=said, files=await self._names_of_files(ticket.id, None))
        if notification.reason == "requester":
            agent = await self._name(ticket.created_by)
            return letters.opened_for_you(reader, matter, agent=agent, body=ticket.description)
        requester = sight.requester_name
        return letters.new_ticket(reader, matter, requester=requester, body=ticket.description)

    async def _comment(
        self, notification: Notification, told: Actor, reader: Reader, matter: Matter
    ) -> Letter | None:
        comment = await self._row(Comment, notification.comment_id)
        if comment is None or not _may_read(told, comment):
            return None
        files = await self._names_of_files(comment.ticket_id, comment.id)
        moved = facts.move(self._definition, told, reader, comment.status_from, comment.status_to)
        return letters.comment(
            reader,
            replace(matter, facts=moved, files=files),
            author=await self._name(comment.author_id),
            visibility=comment.visibility,
            body=comment.body,
        )

    async def _status(
        self, notification: Notification, told: Actor, reader: Reader, matter: Matter
    ) -> Letter | None:
        event = await self._row(EventRow, notification.event_id)
        if event is None:
            return None
        before, after = event.data["before"], event.data["after"]
        moved = facts.move(self._definition, told, reader, before, after)
        if not moved:
            return None
        return letters.status_changed(
            reader,
            replace(matter, facts=moved),
            status=facts.status(self._definition, told, reader, after),
            closed=event.data["category"] == "closed",
        )

    def _matter(self, ticket: Ticket) -> Matter:
        department = self._definition.department_of.get(ticket.department)
        number = f"{self._definition.portal.number_prefix}-{ticket.number}"
        return Matter(
            number=number,
            subject=ticket.subject,
            link=self._addresses.of_ticket(ticket.id, number),
            link_only=bool(department and department.link_only_mails),
        )

    async def _names_of_files(self, ticket_id: UUID, comment_id: UUID | None) -> tuple[str, ...]:
        if self._files is None:
            self._files = await names_of_files(self._session, self._system, ticket_id, comment_id)
        return self._files

    async def _name(self, person_id: UUID | None) -> str:
        """A person's name; what the system does is done in the portal's name."""
        person = await self._row(Person, person_id)
        return person.name if person else self._definition.portal.name

    async def _row(self, of: type[Row], row_id: UUID | None) -> Row | None:
        place = (of, row_id)
        if place not in self._rows:
            key = (self._system.tenant_id, row_id)
            self._rows[place] = await self._session.get(of, key) if row_id else None
        found: Row | None = self._rows[place]
        return found


def _may_read(told: Actor, comment: Comment) -> bool:
    match comment.visibility:
        case "public":
            return True
        case "internal":
            return told.is_agent and told.may("comments:internal")
        case _:
            return told.is_agent
