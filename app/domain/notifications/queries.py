"""Every look the worker takes before it tells somebody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.database.paging import AnySelect
from app.domain.approvals.events import ApprovalAsked
from app.domain.comments.events import CommentAdded
from app.domain.notifications.policy import Circle, Reason
from app.domain.people.standing import standing_of
from app.models.attachments import Attachment
from app.models.journal import EventRow
from app.models.notifications import Notification
from app.models.people import ContactDetails, Person
from app.models.portals import Team, TeamMember
from app.models.tickets import Participant, Ticket


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told: the person, his address, and what he may do and see."""

    person: Person
    email: str
    actor: Actor


async def circle_of(
    session: AsyncSession, system: Actor, ticket: Ticket, circles: Iterable[Circle]
) -> dict[UUID, Reason]:
    """The people around a ticket and why each is told; the first reason counts."""
    found: dict[UUID, Reason] = {}
    for circle in circles:
        people: Mapping[UUID, Reason]
        match circle:
            case "requester":
                people = {ticket.requester_id: "requester"}
            case "participants":
                people = await _participants(session, system, ticket)
            case "assignee":
                people = {ticket.assignee_id: "assignee"} if ticket.assignee_id else {}
            case "desk":
                people = await _desk(session, system, ticket)
        found = {**people, **found}
    return found


async def recipient(session: AsyncSession, system: Actor, person_id: UUID) -> Recipient | None:
    """A person as somebody who may be told; `None` without an address."""
    row = (
        await session.execute(
            select(Person, ContactDetails.email)
            .join(
                ContactDetails,
                (ContactDetails.tenant_id == Person.tenant_id)
                & (ContactDetails.person_id == Person.id),
            )
            .where(Person.tenant_id == system.tenant_id, Person.id == person_id)
        )
    ).one_or_none()
    if row is None:
        return None
    person, email = row
    return Recipient(person, email, await standing_of(session, system, person))


async def pending_of(session: AsyncSession, system: Actor, event_id: UUID) -> Sequence[UUID]:
    """The notifications about an event that wait to be delivered."""
    found = await session.scalars(
        select(Notification.id)
        .where(
            Notification.tenant_id == system.tenant_id,
            Notification.event_id == event_id,
            Notification.state == "pending",
        )
        .order_by(Notification.id)
    )
    return found.all()


async def public_comment_with(session: AsyncSession, system: Actor, event_id: UUID) -> UUID | None:
    """The public comment that was written in the transaction an event comes from."""
    found: UUID | None = await session.scalar(
        _told_with(system, event_id)
        .where(EventRow.name == CommentAdded.name, EventRow.audience == "everyone")
        .with_only_columns(EventRow.subject_id)
        .limit(1)
    )
    return found


async def asked_with(session: AsyncSession, system: Actor, event_id: UUID) -> frozenset[UUID]:
    """Those who were asked for an approval in the transaction an event comes from: the mail that
    asks them tells the rest, too."""
    found = await session.scalars(
        _told_with(system, event_id)
        .where(EventRow.name == ApprovalAsked.name)
        .with_only_columns(EventRow.data)
    )
    return frozenset(
        UUID(person)
        for asked in found
        for person in (*asked["approvers"], *asked.get("substitutes", ()))
    )


def _told_with(system: Actor, event_id: UUID) -> AnySelect:
    """What happened to the same ticket in the transaction an event comes from."""
    first = aliased(EventRow)
    return (
        select(EventRow)
        .join(
            first,
            (first.tenant_id == EventRow.tenant_id)
            & (first.id == event_id)
            & (first.xact == EventRow.xact)
            & (first.ticket_id == EventRow.ticket_id),
        )
        .where(EventRow.tenant_id == system.tenant_id)
    )


async def names_of_files(
    session: AsyncSession, system: Actor, ticket_id: UUID, comment_id: UUID | None
) -> tuple[str, ...]:
    """The names of the files that came with a comment; without one, of those of the ticket itself
    that everyone who reads it may see."""
    statement = select(Attachment.name).where(
        Attachment.tenant_id == system.tenant_id,
        Attachment.ticket_id == ticket_id,
        Attachment.state != "infected",
    )
    if comment_id is None:
        statement = statement.where(
            Attachment.comment_id.is_(None), Attachment.visibility == "public"
        )
    else:
        statement = statement.where(Attachment.comment_id == comment_id)
    found = await session.scalars(statement.order_by(Attachment.created_at, Attachment.id))
    return tuple(found)


async def _participants(session: AsyncSession, system: Actor, ticket: Ticket) -> dict[UUID, Reason]:
    """The customers who take part in a ticket."""
    found = await session.scalars(
        select(Participant.person_id)
        .join(
            Person,
            (Person.tenant_id == Participant.tenant_id) & (Person.id == Participant.person_id),
        )
        .where(
            Participant.tenant_id == system.tenant_id,
            Participant.ticket_id == ticket.id,
            Person.side == "customer",
        )
        .order_by(Participant.added_at, Participant.person_id)
    )
    reason: Reason = "participant"
    return dict.fromkeys(found, reason)


async def _desk(session: AsyncSession, system: Actor, ticket: Ticket) -> dict[UUID, Reason]:
    """Who answers for a ticket on the agents' side: the assignee; while there is none at work,
    those of the team who want to hear of new tickets (S1-17); without a team, those of the
    department."""
    if ticket.assignee_id:
        state = await session.scalar(
            select(Person.state).where(
                Person.tenant_id == system.tenant_id, Person.id == ticket.assignee_id
            )
        )
        if state == "active":
            return {ticket.assignee_id: "assignee"}
    statement = (
        select(TeamMember.person_id)
        .join(Team, (Team.tenant_id == TeamMember.tenant_id) & (Team.key == TeamMember.team))
        .where(TeamMember.tenant_id == system.tenant_id, TeamMember.told_of_new)
    )
    reason: Reason
    if ticket.team:
        statement, reason = statement.where(Team.key == ticket.team), "team"
    else:
        statement, reason = statement.where(Team.department == ticket.department), "department"
    members = await session.scalars(statement.order_by(TeamMember.person_id))
    return dict.fromkeys(members, reason)
