"""Every look at people. Fetching is checking."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.people.policy import visible_to
from app.domain.people.problems import MembershipNotFound, PersonNotFound
from app.kernel.ids import parse_id
from app.models.organizations import Membership, Organization
from app.models.people import ContactDetails, Person
from app.models.portals import Role, TeamMember


@dataclass(frozen=True, slots=True)
class Profile:
    """A person with what belongs to him."""

    person: Person
    contact: ContactDetails | None
    memberships: Sequence[tuple[Membership, Organization]]
    teams: Sequence[str]


def people_visible_to(actor: Actor) -> Select[tuple[Person, ContactDetails | None]]:
    """The people `actor` may read, with their addresses."""
    return (
        select(Person, ContactDetails)
        .outerjoin(
            ContactDetails,
            (ContactDetails.tenant_id == Person.tenant_id)
            & (ContactDetails.person_id == Person.id),
        )
        .where(Person.tenant_id == actor.tenant_id, visible_to(actor))
    )


async def person_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> Person:
    """The person with this id. Raises `PersonNotFound`, for whom one may not read too."""
    person_id = parse_id(str(reference))
    if person_id is None:
        raise PersonNotFound
    statement = select(Person).where(
        Person.tenant_id == actor.tenant_id, Person.id == person_id, visible_to(actor)
    )
    if lock:
        statement = statement.with_for_update()
    found: Person | None = await session.scalar(statement)
    if found is None:
        raise PersonNotFound
    return found


async def profile_of(session: AsyncSession, actor: Actor, person: Person) -> Profile:
    """A person (fetched with `person_for`) with address, memberships and teams."""
    contact = await session.get(ContactDetails, (actor.tenant_id, person.id))
    memberships = await memberships_of(session, actor, person.id)
    teams = await session.scalars(
        select(TeamMember.team)
        .where(TeamMember.tenant_id == actor.tenant_id, TeamMember.person_id == person.id)
        .order_by(TeamMember.team)
    )
    return Profile(person, contact, memberships, teams.all() if actor.side != "customer" else ())


async def memberships_of(
    session: AsyncSession, actor: Actor, person_id: UUID
) -> Sequence[tuple[Membership, Organization]]:
    """Where a person belongs, as far as the actor may know."""
    rows = await session.execute(
        select(Membership, Organization)
        .join(
            Organization,
            (Organization.tenant_id == Membership.tenant_id)
            & (Organization.id == Membership.organization_id),
        )
        .where(Membership.tenant_id == actor.tenant_id, Membership.person_id == person_id)
        .order_by(Membership.created_at, Membership.organization_id)
    )
    return [(row[0], row[1]) for row in rows]


def members_of(actor: Actor, organization_id: UUID) -> Select[tuple[Membership, Person]]:
    """Who belongs to an organization, as far as `actor` may read them."""
    return (
        select(Membership, Person)
        .join(
            Person,
            (Person.tenant_id == Membership.tenant_id) & (Person.id == Membership.person_id),
        )
        .where(
            Membership.tenant_id == actor.tenant_id,
            Membership.organization_id == organization_id,
            visible_to(actor),
        )
    )


async def membership_for(
    session: AsyncSession, actor: Actor, organization_id: UUID, person_id: UUID
) -> Membership:
    """A person's place in an organization, locked. Raises `MembershipNotFound`."""
    found: Membership | None = await session.scalar(
        select(Membership)
        .where(
            Membership.tenant_id == actor.tenant_id,
            Membership.organization_id == organization_id,
            Membership.person_id == person_id,
        )
        .with_for_update()
    )
    if found is None:
        raise MembershipNotFound
    return found


async def person_by_email(
    session: AsyncSession, actor: Actor, key: str
) -> tuple[Person, ContactDetails] | None:
    """Whoever has this address (`addresses.address_key`). Only the system may ask so openly."""
    row = (
        await session.execute(
            select(Person, ContactDetails)
            .join(
                ContactDetails,
                (ContactDetails.tenant_id == Person.tenant_id)
                & (ContactDetails.person_id == Person.id),
            )
            .where(ContactDetails.tenant_id == actor.tenant_id, ContactDetails.email_key == key)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def role_for(session: AsyncSession, actor: Actor, key: str, side: str) -> Role | None:
    """A role of one side that can still be given."""
    found: Role | None = await session.scalar(
        select(Role).where(
            Role.tenant_id == actor.tenant_id,
            Role.key == key,
            Role.side == side,
            Role.retired_at.is_(None),
        )
    )
    return found
