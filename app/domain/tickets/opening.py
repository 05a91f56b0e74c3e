"""Opening a ticket: by a customer for himself, by an agent on somebody's behalf."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.agreements.queries import offer_for
from app.domain.attachments.actions import attach
from app.domain.forms.lifecycle import resolve
from app.domain.forms.policy import choose_form
from app.domain.forms.resolution import Resolution
from app.domain.people.problems import PersonNotFound
from app.domain.people.queries import memberships_of, person_for
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.queries import definition_of
from app.domain.tickets import policy
from app.domain.tickets.answers import form_side, write_answers
from app.domain.tickets.events import TicketOpened
from app.domain.tickets.moving import set_status
from app.domain.tickets.problems import (
    ChannelNotOffered,
    NoOrganization,
    NotForCustomers,
    OrganizationRequired,
    RequesterRequired,
)
from app.domain.tickets.queries import TicketInSight, ticket_for
from app.journal import record
from app.kernel import clock, ids
from app.kernel.problems import Fault
from app.models.people import Person
from app.models.tickets import Ticket, TicketCounter


async def open_ticket(
    session: AsyncSession,
    actor: Actor,
    *,
    answers: Mapping[str, Any],
    form: str | None = None,
    organization_id: UUID | None = None,
    on_behalf_of: UUID | None = None,
    private: bool = False,
    attachment_ids: Sequence[UUID] = (),
) -> TicketInSight:
    """Open a ticket. Customer and contact come from the caller (S0-12); an agent names in
    `on_behalf_of` whom it is for. `answers` are those to the form, standard and own fields alike.

    Raises `ChannelNotOffered`, `OrganizationRequired`, `NoOrganization`, `RequesterRequired`,
    `Invalid` with what the form refuses, and what `attachments.attach` raises."""
    requester = await _requester(session, actor, on_behalf_of)
    home = await _home(session, actor, requester, organization_id)
    definition = await definition_of(session, actor)
    chosen = choose_form(
        definition,
        form_key=form,
        type_key=answers.get("type"),
        side=form_side(actor),
        roles=actor.roles_in(home),
        unseen=policy.unseen(actor, definition.department_of),
    )
    _offered(definition, chosen.department, "agent" if actor.is_agent else "portal")
    side = form_side(actor)
    offer = await offer_for(session, actor, definition, home)
    said = offer.answers(chosen, answers, side)
    resolution = resolve(
        definition, chosen, said, side=side, offered=offer.narrowing(said)
    ).accepted()
    ticket = _new_ticket(actor, definition, resolution, requester.id, home)
    ticket.entitlement_id = offer.charged(resolution.values, answers)
    ticket.private = private
    ticket.channel = "agent" if actor.is_agent else "portal"
    ticket.number = await _next_number(session, actor)
    session.add(ticket)
    await session.flush()
    opened = TicketOpened(
        ticket=ticket,
        channel=ticket.channel,
        type=ticket.type,
        status=ticket.status,
        on_behalf=on_behalf_of is not None,
    )
    await record(session, actor, opened)
    await attach(session, actor, attachment_ids, ticket=ticket)
    return await ticket_for(session, actor, ticket.id)


async def _requester(session: AsyncSession, actor: Actor, on_behalf_of: UUID | None) -> Person:
    if actor.is_customer:
        if on_behalf_of is not None and on_behalf_of != actor.person_id:
            raise NotForCustomers(faults=(_fault(NotForCustomers, "/on_behalf_of"),))
        require(actor, "tickets:create")
        return await person_for(session, actor, actor.person)
    require(actor, "tickets:open_on_behalf")
    if on_behalf_of is None:
        raise RequesterRequired(faults=(_fault(RequesterRequired, "/on_behalf_of"),))
    try:
        person = await person_for(session, actor, on_behalf_of)
    except PersonNotFound:
        person = None
    if person is None or person.side != "customer" or person.state == "inactive":
        raise RequesterRequired(faults=(_fault(RequesterRequired, "/on_behalf_of"),))
    return person


async def _home(
    session: AsyncSession, actor: Actor, requester: Person, wanted: UUID | None
) -> UUID:
    if actor.is_customer:
        possible = actor.organizations_where("tickets:create")
    else:
        belongs = await memberships_of(session, actor, requester.id)
        possible = [company.id for _, company in belongs if company.state == "active"]
    if not possible and actor.is_agent:
        fault = Fault(
            "no-organization", "This person belongs to no active organization.", "/on_behalf_of"
        )
        raise RequesterRequired(faults=(fault,))
    if not possible:
        raise NoOrganization
    if wanted is not None:
        if wanted not in possible:
            raise OrganizationRequired(faults=(_fault(OrganizationRequired, "/organization"),))
        return wanted
    if len(possible) > 1:
        raise OrganizationRequired(faults=(_fault(OrganizationRequired, "/organization"),))
    return possible[0]


def _offered(definition: Definition, department: str, channel: str) -> None:
    offered = definition.channels(department)
    if channel not in offered:
        raise ChannelNotOffered(
            portal=definition.portal.slug, channels=", ".join(sorted(offered)) or "-"
        )


def _new_ticket(
    actor: Actor, definition: Definition, resolution: Resolution, requester_id: UUID, home: UUID
) -> Ticket:
    now = clock.now()
    department = resolution.form.department
    team = definition.department_of[department].default_team
    ticket = Ticket(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        organization_id=home,
        requester_id=requester_id,
        department=department,
        department_rank=definition.rank("departments", department),
        team=team,
        team_rank=definition.rank("teams", team),
        private=False,
        definition_version=actor.definition_version,
        created_at=now,
        created_by=actor.person_id,
        updated_at=now,
    )
    write_answers(ticket, definition, resolution)
    status = definition.initial_status(ticket.type)
    set_status(ticket, definition, status)
    return ticket


async def _next_number(session: AsyncSession, actor: Actor) -> int:
    """The tenant's next number; its row stays locked until the end of the transaction."""
    taken: int | None = await session.scalar(
        update(TicketCounter)
        .where(TicketCounter.tenant_id == actor.tenant_id)
        .values(last_number=TicketCounter.last_number + 1)
        .returning(TicketCounter.last_number),
        execution_options={"synchronize_session": False},
    )
    if taken is None:
        raise LookupError(f"tenant {actor.tenant_id} has no ticket counter")
    return taken


def _fault(kind: Any, pointer: str) -> Fault:
    return Fault(code=kind.code, detail=kind.title, pointer=pointer)
