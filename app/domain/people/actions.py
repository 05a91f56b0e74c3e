"""Every change of people and of where they belong."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.access.system import as_system
from app.domain.organizations.queries import organization_for
from app.domain.people.addresses import address_key, readable_address
from app.domain.people.events import (
    PersonChanged,
    PersonCreated,
    PersonDeactivated,
    RightsChanged,
)
from app.domain.people.problems import (
    EmailTaken,
    NotOneself,
    PersonNotFound,
    RoleAboveOnesOwn,
    RoleUnknown,
    TeamUnknown,
    WrongSide,
)
from app.domain.people.queries import membership_for, person_by_email, person_for, role_for
from app.journal import record
from app.kernel import clock, ids
from app.kernel.problems import Fault
from app.kernel.sorting import sort_key
from app.kernel.versions import expect
from app.models.organizations import Membership
from app.models.people import ContactDetails, Person
from app.models.portals import Team, TeamMember

#: What `change_person` takes; `change_oneself` takes the first three.
OWN_CHANGEABLE = frozenset({"name", "language", "muted"})
CHANGEABLE = OWN_CHANGEABLE | {"email", "phone", "state", "role"}


async def create_person(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    email: str,
    side: str = "customer",
    language: str | None = None,
    phone: str | None = None,
    role: str | None = None,
) -> Person:
    """A new person, who cannot sign in before the portal is opened for him (S4-2, S4-3).

    Needs `people:write`, for an agent `roles:assign` too. Raises `EmailInvalid`, `EmailTaken`,
    `RoleUnknown`, `WrongSide`."""
    require(actor, "people:write")
    if side == "agent":
        require(actor, "roles:assign")
        await _known_role(session, actor, role, "agent", "/role")
    elif role is not None:
        raise WrongSide(faults=(_at("wrong-side", WrongSide.detail, "/role"),))
    address = readable_address(email)
    key = address_key(address)
    await _refuse_taken(session, actor, key)
    now = clock.now()
    person = Person(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        side=side,
        state="invited",
        name=name,
        sort_name=sort_key(name),
        language=language,
        role=role,
        muted=False,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    await session.flush()
    added = await session.execute(
        insert(ContactDetails)
        .values(
            tenant_id=actor.tenant_id,
            person_id=person.id,
            email=address,
            email_key=key,
            phone=phone,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "email_key"])
        .returning(ContactDetails.person_id)
    )
    if added.one_or_none() is None:
        raise _taken()
    await record(session, actor, PersonCreated(subject_id=person.id, side=side))
    return person


async def change_person(
    session: AsyncSession,
    actor: Actor,
    reference: str | UUID,
    *,
    expected_version: int | None,
    changes: dict[str, Any],
) -> Person:
    """Change what `changes` names (`CHANGEABLE`). Needs `people:write`; a role `roles:assign`.

    `state: inactive` ends the person's access at once. Raises `PersonNotFound`, `Stale`,
    `NotOneself` and what `create_person` raises."""
    person = await person_for(session, actor, reference, lock=True)
    require(actor, "people:write")
    expect(person.version, expected_version)
    if person.id == actor.person_id and {"state", "role"} & changes.keys():
        raise NotOneself
    if person.side == "agent" and person.id != actor.person_id:
        require(actor, "roles:assign")
    if "role" in changes:
        if person.side != "agent":
            raise WrongSide(faults=(_at("wrong-side", WrongSide.detail, "/role"),))
        await _known_role(session, actor, changes["role"], "agent", "/role")
    await _apply(session, actor, person, changes)
    return person


async def change_oneself(
    session: AsyncSession, actor: Actor, *, expected_version: int | None, changes: dict[str, Any]
) -> Person:
    """Change one's own name, language or mail setting (`OWN_CHANGEABLE`)."""
    person = await session.scalar(
        select(Person)
        .where(Person.tenant_id == actor.tenant_id, Person.id == actor.person)
        .with_for_update()
    )
    if person is None:
        raise PersonNotFound
    expect(person.version, expected_version)
    await _apply(session, actor, person, changes)
    return person


async def _apply(
    session: AsyncSession, actor: Actor, person: Person, changes: dict[str, Any]
) -> None:
    before = person.state
    contact = await session.get(ContactDetails, (actor.tenant_id, person.id))
    if contact is None:
        raise PersonNotFound
    if "email" in changes:
        address = readable_address(changes["email"])
        await _refuse_taken(session, actor, address_key(address), besides=person.id)
        contact.email, contact.email_key = address, address_key(address)
    if "phone" in changes:
        contact.phone = changes["phone"]
    if "name" in changes:
        person.name, person.sort_name = changes["name"], sort_key(changes["name"])
    for field in ("language", "muted", "role", "state"):
        if field in changes:
            setattr(person, field, changes[field])
    if not (session.is_modified(person) or session.is_modified(contact)):
        return
    person.version += 1
    person.updated_at = clock.now()
    changed = PersonChanged(subject_id=person.id, changed=tuple(sorted(changes)))
    await record(session, actor, changed)
    if "role" in changes:
        await record(session, actor, RightsChanged(subject_id=person.id, role=person.role))
    if before != "inactive" and person.state == "inactive":
        await record(session, actor, PersonDeactivated(subject_id=person.id))


async def grant_membership(
    session: AsyncSession, actor: Actor, organization: str | UUID, person: str | UUID, *, role: str
) -> Membership:
    """Let a person of the customer's side belong to an organization in a role, or change it.

    Agents need `organizations:write`; a company admin may set the role of those who already
    belong (`colleagues:manage`), not his own. Moving somebody moves no ticket."""
    company = await organization_for(session, actor, organization)
    somebody = await person_for(session, actor, person)
    _may_manage(actor, company.id, somebody.id)
    if somebody.side != "customer":
        raise WrongSide
    await _known_role(session, actor, role, "customer", "/role")
    async with as_system(session, actor):
        granted = (
            await session.scalars(
                insert(Membership)
                .values(
                    tenant_id=actor.tenant_id,
                    organization_id=company.id,
                    person_id=somebody.id,
                    role=role,
                    side="customer",
                    created_at=clock.now(),
                )
                .on_conflict_do_update(
                    index_elements=["tenant_id", "organization_id", "person_id"],
                    set_={"role": role},
                )
                .returning(Membership),
                execution_options={"populate_existing": True},
            )
        ).one()
        changed = RightsChanged(subject_id=somebody.id, organization_id=company.id, role=role)
        await record(session, actor, changed)
    return granted


async def end_membership(
    session: AsyncSession, actor: Actor, organization: str | UUID, person: str | UUID
) -> None:
    """Take a person out of an organization; his tickets stay. Rights as `grant_membership`."""
    company = await organization_for(session, actor, organization)
    somebody = await person_for(session, actor, person)
    _may_manage(actor, company.id, somebody.id)
    async with as_system(session, actor):
        membership = await membership_for(session, actor, company.id, somebody.id)
        await session.delete(membership)
        taken = RightsChanged(
            subject_id=somebody.id, organization_id=company.id, role=membership.role, taken=True
        )
        await record(session, actor, taken)


async def join_team(
    session: AsyncSession, actor: Actor, person: UUID, team: str, *, told_of_new: bool = True
) -> None:
    """Put an agent into a team, or change whether he is told of its new tickets (S1-17)."""
    somebody = await person_for(session, actor, person)
    require(actor, "roles:assign")
    if somebody.side != "agent":
        raise WrongSide
    known = await session.scalar(
        select(Team.key).where(
            Team.tenant_id == actor.tenant_id, Team.key == team, Team.retired_at.is_(None)
        )
    )
    if known is None:
        raise TeamUnknown
    await session.execute(
        insert(TeamMember)
        .values(
            tenant_id=actor.tenant_id, team=team, person_id=somebody.id, told_of_new=told_of_new
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "team", "person_id"], set_={"told_of_new": told_of_new}
        )
    )
    await record(session, actor, RightsChanged(subject_id=somebody.id, team=team))


async def leave_team(session: AsyncSession, actor: Actor, person: UUID, team: str) -> None:
    """Take an agent out of a team."""
    somebody = await person_for(session, actor, person)
    require(actor, "roles:assign")
    await session.execute(
        delete(TeamMember).where(
            TeamMember.tenant_id == actor.tenant_id,
            TeamMember.team == team,
            TeamMember.person_id == somebody.id,
        )
    )
    await record(session, actor, RightsChanged(subject_id=somebody.id, team=team, taken=True))


def _may_manage(actor: Actor, organization_id: UUID, person_id: UUID) -> None:
    if actor.is_customer:
        require(actor, "colleagues:manage", organization_id)
        if person_id == actor.person_id:
            raise NotOneself
    else:
        require(actor, "organizations:write")


async def _known_role(
    session: AsyncSession, actor: Actor, role: str | None, side: str, pointer: str
) -> None:
    known = None if role is None else await role_for(session, actor, role, side)
    if known is None:
        raise RoleUnknown(faults=(_at("role-unknown", RoleUnknown.detail, pointer),))
    # Nobody hands out more than he has himself.
    if side == "agent" and not actor.is_system and not set(known.permissions) <= actor.permissions:
        raise RoleAboveOnesOwn


async def _refuse_taken(
    session: AsyncSession, actor: Actor, key: str, *, besides: UUID | None = None
) -> None:
    async with as_system(session, actor) as system:
        holder = await person_by_email(session, system, key)
    if holder is not None and holder[0].id != besides:
        raise _taken()


def _taken() -> EmailTaken:
    return EmailTaken(faults=(_at("email-taken", EmailTaken.title, "/email"),))


def _at(code: str, detail: str, pointer: str) -> Fault:
    return Fault(code=code, detail=detail, pointer=pointer)
