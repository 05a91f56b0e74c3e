"""What the worker reads before it tells somebody. Statements are built once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.database.asking import Question
from app.database.joins import equal_in_tenant
from app.domain.approvals.events import ApprovalAsked
from app.domain.comments.events import CommentAdded
from app.domain.notifications.policy import Circle, Reason
from app.domain.people.actors import actors_for
from app.models.attachments import Attachment
from app.models.journal import EventRow
from app.models.people import ContactDetails, Person
from app.models.portals import Team, TeamMember
from app.models.tickets import Participant, Ticket

_tenant = bindparam("tenant", type_=Uuid())
_ADDRESSES = Question(
    select(Person, ContactDetails.email)
    .join(ContactDetails, equal_in_tenant(ContactDetails.person_id, Person.id))
    .where(Person.tenant_id == _tenant, Person.id == any_(bindparam("people", type_=ARRAY(Uuid()))))
)

_first = aliased(EventRow)
#: What happened to the same ticket in the transaction an event comes from.
_told_with = (
    select()
    .select_from(EventRow)
    .join(
        _first,
        (_first.tenant_id == EventRow.tenant_id)
        & (_first.id == bindparam("event"))
        & (_first.xact == EventRow.xact)
        & (_first.ticket_id == EventRow.ticket_id),
    )
    .where(EventRow.tenant_id == _tenant)
)
_PUBLIC_COMMENT = Question(
    _told_with.add_columns(EventRow.subject_id)
    .where(EventRow.name == CommentAdded.name, EventRow.audience == "everyone")
    .limit(1)
)
_ASKED = Question(_told_with.add_columns(EventRow.data).where(EventRow.name == ApprovalAsked.name))

_files = (
    select(Attachment.name)
    .where(
        Attachment.tenant_id == _tenant,
        Attachment.ticket_id == bindparam("ticket"),
        Attachment.state != "infected",
    )
    .order_by(Attachment.created_at, Attachment.id)
)
_OF_COMMENT = Question(_files.where(Attachment.comment_id == bindparam("comment")))
_OF_TICKET = Question(
    _files.where(Attachment.comment_id.is_(None), Attachment.visibility == "public")
)

_PARTICIPANTS = Question(
    select(Participant.person_id)
    .join(Person, equal_in_tenant(Person.id, Participant.person_id))
    .where(
        Participant.tenant_id == _tenant,
        Participant.ticket_id == bindparam("ticket"),
        Person.side == "customer",
    )
    .order_by(Participant.added_at, Participant.person_id)
)
_hearing = (
    select(TeamMember.person_id)
    .join(Team, equal_in_tenant(Team.key, TeamMember.team))
    .where(TeamMember.tenant_id == _tenant, TeamMember.told_of_new)
    .order_by(TeamMember.person_id)
)
_OF_TEAM = Question(_hearing.where(Team.key == bindparam("named")))
_OF_DEPARTMENT = Question(_hearing.where(Team.department == bindparam("named")))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told: the person, the address, and the rights."""

    person: Person
    email: str
    actor: Actor


async def circle_of(
    session: AsyncSession, system: Actor, ticket: Ticket, circles: Iterable[Circle]
) -> dict[UUID, Reason]:
    """The people in some circles around a ticket, and why each is told; the first reason counts."""
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
    return (await recipients(session, system, [person_id])).get(person_id)


async def recipients(
    session: AsyncSession, system: Actor, people: Sequence[UUID]
) -> Mapping[UUID, Recipient]:
    """People as somebody who may be told, by their ids; without those who have no address."""
    asked = {"tenant": system.tenant_id, "people": list(people)}
    found = await _ADDRESSES.rows(session, asked) if people else []
    actors = await actors_for(session, system, found)
    return {person.id: Recipient(person, person.email, actors[person.id]) for person in found}


async def public_comment_with(session: AsyncSession, system: Actor, event_id: UUID) -> UUID | None:
    """The public comment that was written in the transaction an event comes from."""
    found = await _PUBLIC_COMMENT.row(session, {"tenant": system.tenant_id, "event": event_id})
    comment_id: UUID | None = found and found.subject_id
    return comment_id


async def asked_with(session: AsyncSession, system: Actor, event_id: UUID) -> frozenset[UUID]:
    """The people who were asked for approval in the transaction of an event: the mail that asks
    them says the rest too."""
    found = await _ASKED.rows(session, {"tenant": system.tenant_id, "event": event_id})
    return frozenset(
        UUID(person)
        for asked in found
        for person in (*asked.data["approvers"], *asked.data.get("substitutes", ()))
    )


async def names_of_files(
    session: AsyncSession, system: Actor, ticket_id: UUID, comment_id: UUID | None
) -> tuple[str, ...]:
    """The names of the files that came with a comment; without one, of those of the ticket itself
    that everyone who reads it may see."""
    asked = {"tenant": system.tenant_id, "ticket": ticket_id, "comment": comment_id}
    files = _OF_TICKET if comment_id is None else _OF_COMMENT
    return tuple(file.name for file in await files.rows(session, asked))


async def _participants(session: AsyncSession, system: Actor, ticket: Ticket) -> dict[UUID, Reason]:
    """The customers who take part in a ticket."""
    place = {"tenant": system.tenant_id, "ticket": ticket.id}
    reason: Reason = "participant"
    return {each.person_id: reason for each in await _PARTICIPANTS.rows(session, place)}


async def _desk(session: AsyncSession, system: Actor, ticket: Ticket) -> dict[UUID, Reason]:
    """The agents responsible for a ticket: the assignee if active, else the members of its team who
    want mails about new tickets (S1-17), without a team those of the department."""
    if ticket.assignee_id:
        state = await session.scalar(
            select(Person.state).where(
                Person.tenant_id == system.tenant_id, Person.id == ticket.assignee_id
            )
        )
        if state == "active":
            return {ticket.assignee_id: "assignee"}
    reason: Reason
    if ticket.team:
        hearing, named, reason = _OF_TEAM, ticket.team, "team"
    else:
        hearing, named, reason = _OF_DEPARTMENT, ticket.department, "department"
    members = await hearing.rows(session, {"tenant": system.tenant_id, "named": named})
    return {each.person_id: reason for each in members}
