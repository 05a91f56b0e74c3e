"""The participants of a ticket, and everybody who can see it."""

from typing import Any

from fastapi import APIRouter

from app.domain.tenants.queries import definition_of
from app.domain.tickets.access import readers_of
from app.domain.tickets.participants import add_participant as add
from app.domain.tickets.participants import participants_of
from app.domain.tickets.participants import remove_participant as remove
from app.domain.tickets.problems import (
    ParticipantNotFitting,
    ParticipantNotFound,
    TicketClosed,
    TicketNotFound,
    TooManyParticipants,
)
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.kernel.problems import Forbidden
from app.routers.people import PersonPath
from app.routers.tickets import TicketPath
from app.schemas.base import PersonReference
from app.schemas.participants import (
    Access,
    AccessEntry,
    ParticipantNew,
    Participants,
    ParticipantShape,
)
from app.web.authentication import Caller, Session
from app.web.declare import Trait, problems, traits
from app.web.route import UnitOfWorkRoute

router = APIRouter(prefix="/v1/tickets/{ticket}", tags=["tickets"], route_class=UnitOfWorkRoute)


@router.get("/participants", response_model=Participants, responses=problems(TicketNotFound))
async def list_participants(session: Session, actor: Caller, ticket: TicketPath) -> Any:
    """The participants of a ticket, without its requester. Needs `tickets:read` for it."""
    return await _shown(session, actor, await ticket_for(session, actor, ticket))


@router.post(
    "/participants",
    status_code=201,
    response_model=Participants,
    responses=problems(
        TicketNotFound, Forbidden, TicketClosed, ParticipantNotFitting, TooManyParticipants
    ),
    openapi_extra=traits(Trait.IDEMPOTENT),
)
async def add_participant(
    session: Session, actor: Caller, ticket: TicketPath, body: ParticipantNew
) -> Any:
    """Add a participant: the person can then read the ticket, its public comments and files, and
    comment. Agents with `tickets:update` for it add any customer, customers with `tickets:comment`
    a colleague of the ticket's organization."""
    sight = await add(session, actor, ticket, person_id=body.person, email=body.email)
    return await _shown(session, actor, sight)


@router.delete(
    "/participants/{person}",
    status_code=204,
    responses=problems(TicketNotFound, Forbidden, ParticipantNotFound),
)
async def remove_participant(
    session: Session, actor: Caller, ticket: TicketPath, person: PersonPath
) -> None:
    """Remove a participant. Agents need `tickets:update` for the ticket, customers
    `tickets:comment`; everybody may remove themselves."""
    await remove(session, actor, ticket, person)


@router.get("/access", response_model=Access, responses=problems(TicketNotFound))
async def get_access(session: Session, actor: Caller, ticket: TicketPath) -> Any:
    """Everybody who can see a ticket, and by which rule. Needs `tickets:read` for it; customers are
    shown their own side, agents both."""
    sight = await ticket_for(session, actor, ticket)
    definition = await definition_of(session, actor)
    return Access(
        private=sight.ticket.private,
        confidential=definition.department_of[sight.ticket.department].confidential,
        items=[
            AccessEntry(
                person=PersonReference(id=reader.person.id, name=reader.person.name),
                side="agent" if reader.person.side == "agent" else "customer",
                rule=reader.rule,
                role=reader.role,
                may_comment=reader.may_comment,
                may_update=reader.may_update,
            )
            for reader in await readers_of(session, actor, sight)
        ],
    )


async def _shown(session: Session, actor: Caller, sight: TicketInSight) -> Participants:
    return Participants(
        items=[
            ParticipantShape(
                person=PersonReference(id=person.id, name=person.name), since=held.added_at
            )
            for held, person in await participants_of(session, actor, sight)
        ]
    )
