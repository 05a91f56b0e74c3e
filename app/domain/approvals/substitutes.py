"""Substitutes: who answers approvals for somebody who is away. A chain is not followed: a
substitute's own substitute answers for the substitute alone."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.domain.approvals.approvers import Asked, fitting
from app.domain.approvals.events import SubstituteDismissed, SubstituteNamed
from app.domain.approvals.lifecycle import STAND_IN
from app.domain.approvals.policy import in_force, unanswered_by
from app.domain.approvals.problems import (
    AbsenceOver,
    SubstituteAmbiguous,
    SubstituteNotFitting,
    SubstituteNotFound,
)
from app.domain.people.queries import person_meant
from app.journal import cancel_timer, record, set_timer
from app.kernel import clock
from app.models.approvals import Approval, Substitute
from app.models.organizations import Membership
from app.models.people import Person
from app.models.tickets import Ticket


async def substitute_of(session: AsyncSession, actor: Actor) -> tuple[Substitute, str]:
    """The actor's substitute, now or later, and the name. Raises `SubstituteNotFound`."""
    async with as_system(session, actor) as system:
        row = (
            await session.execute(
                select(Substitute, Person.name)
                .join(Person, equal_in_tenant(Person.id, Substitute.substitute_id))
                .where(
                    Substitute.tenant_id == system.tenant_id,
                    Substitute.person_id == actor.person,
                    Substitute.ends_at > clock.now(),
                )
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
    if row is None:
        raise SubstituteNotFound
    return row[0], row[1]


async def name_substitute(
    session: AsyncSession,
    actor: Actor,
    *,
    person_id: UUID | None = None,
    email: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime,
) -> tuple[Substitute, str]:
    """Name the actor's substitute, by id or by address, in place of the previous one.

    It must be an active colleague: an agent for an agent, a customer of one of the same
    organizations for a customer. The substitute becomes a participant of tickets that he could not
    read and that the actor is asked about. Raises `SubstituteAmbiguous`, `SubstituteNotFitting`,
    `AbsenceOver`."""
    if (person_id is None) == (email is None):
        raise SubstituteAmbiguous.at("/person")
    now = clock.now()
    begins = starts_at or now
    if ends_at <= max(begins, now):
        raise AbsenceOver.at("/ends_at")
    async with as_system(session, actor) as system:
        person = await person_meant(session, system, person_id, email)
        away = await session.get_one(Person, (system.tenant_id, actor.person))
        if person is None or not await _fits(session, system, away, person):
            pointer = "/person" if person_id else "/email"
            raise SubstituteNotFitting.at(pointer)
        named = {"substitute_id": person.id, "starts_at": begins, "ends_at": ends_at}
        await session.execute(
            insert(Substitute)
            .values(tenant_id=system.tenant_id, person_id=actor.person, **named)
            .on_conflict_do_update(index_elements=["tenant_id", "person_id"], set_=named)
        )
        await set_timer(session, system, STAND_IN, actor.person, begins)
    event = SubstituteNamed(
        subject_id=actor.person, substitute=person.id, starts_at=begins, ends_at=ends_at
    )
    await record(session, actor, event)
    return await substitute_of(session, actor)


async def dismiss_substitute(session: AsyncSession, actor: Actor) -> None:
    """Remove the actor's substitute. Raises `SubstituteNotFound`."""
    async with as_system(session, actor) as system:
        gone = await session.scalar(
            delete(Substitute)
            .where(Substitute.tenant_id == system.tenant_id, Substitute.person_id == actor.person)
            .returning(Substitute.substitute_id)
        )
        if gone is None:
            raise SubstituteNotFound
        await cancel_timer(session, system, STAND_IN, actor.person)
    await record(session, actor, SubstituteDismissed(subject_id=actor.person, substitute=gone))


async def stand_in(session: AsyncSession, system: Actor, person_id: UUID) -> None:
    """Timer: an absence has begun. The substitute becomes a participant of the tickets whose
    approvals wait for the person, where he could not read them."""
    deputies = await substitutes_for(session, system, [person_id])
    if not deputies:
        return
    tickets = await session.scalars(
        select(Ticket)
        .where(
            Ticket.tenant_id == system.tenant_id,
            exists().where(
                Approval.tenant_id == Ticket.tenant_id,
                Approval.ticket_id == Ticket.id,
                Approval.state == "pending",
                unanswered_by(person_id),
            ),
        )
        .order_by(Ticket.id)
    )
    for ticket in tickets.all():
        _ = await fitting(session, system, ticket, Asked(people=tuple(deputies)))


async def dismiss_unfitting(session: AsyncSession, system: Actor, person_id: UUID) -> None:
    """End the substitutions by and for a person in which the two are no longer colleagues."""
    held = await session.scalars(
        select(Substitute).where(
            Substitute.tenant_id == system.tenant_id,
            or_(Substitute.person_id == person_id, Substitute.substitute_id == person_id),
        )
    )
    for each in held.all():
        away = await session.get_one(Person, (system.tenant_id, each.person_id))
        deputy = await session.get_one(Person, (system.tenant_id, each.substitute_id))
        if await _fits(session, system, away, deputy):
            continue
        await session.delete(each)
        await cancel_timer(session, system, STAND_IN, away.id)
        gone = SubstituteDismissed(subject_id=away.id, substitute=deputy.id)
        await record(session, system, gone)


async def substitutes_for(
    session: AsyncSession, system: Actor, people: Collection[UUID]
) -> Sequence[UUID]:
    """The present substitutes of `people`, except those who are among them."""
    found = await session.scalars(
        select(Substitute.substitute_id)
        .where(
            Substitute.tenant_id == system.tenant_id,
            Substitute.person_id.in_(people),
            Substitute.substitute_id.not_in(people),
            in_force(clock.now()),
        )
        .distinct()
        .order_by(Substitute.substitute_id)
    )
    return found.all()


async def _fits(session: AsyncSession, system: Actor, away: Person, deputy: Person) -> bool:
    if deputy.id == away.id or deputy.side != away.side or deputy.state == "inactive":
        return False
    if away.side == "agent":
        return True
    mine = aliased(Membership)
    shared = await session.scalar(
        select(Membership.organization_id)
        .join(
            mine,
            equal_in_tenant(mine.organization_id, Membership.organization_id)
            & (mine.person_id == away.id),
        )
        .where(Membership.tenant_id == system.tenant_id, Membership.person_id == deputy.id)
        .limit(1)
    )
    return shared is not None
