"""Every look at people. Fetching is checking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Text, bindparam, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.database.asking import Question
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.people.addresses import address_key
from app.domain.people.policy import visible_to
from app.domain.people.problems import MembershipNotFound, PersonNotFound
from app.kernel.external_references import Reference
from app.kernel.ids import parse_id
from app.models.organizations import Membership, Organization
from app.models.people import ContactDetails, Person
from app.models.portals import Role, TeamMember


@dataclass(frozen=True, slots=True)
class Profile:
    """A person with address, teams and memberships, to be shown: rows that cannot be changed."""

    #: With `email`, `phone` and `teams` as columns of their own.
    person: Any
    #: With `role`, `organization_id` and `organization_name`, the oldest first.
    memberships: Sequence[Any]


_teams = (
    select(TeamMember.team)
    .where(TeamMember.tenant_id == Person.tenant_id, TeamMember.person_id == Person.id)
    .order_by(TeamMember.team)
)
_PROFILE = Question(
    select(
        Person,
        ContactDetails.email,
        ContactDetails.phone,
        func.array(_teams.scalar_subquery(), type_=ARRAY(Text())).label("teams"),
    )
    .outerjoin(ContactDetails, equal_in_tenant(ContactDetails.person_id, Person.id))
    .where(Person.tenant_id == bindparam("tenant"), Person.id == bindparam("person"))
)
_MEMBERSHIPS = Question(
    select(
        Membership.role,
        Membership.organization_id,
        Organization.name.label("organization_name"),
    )
    .join(Organization, equal_in_tenant(Organization.id, Membership.organization_id))
    .where(Membership.tenant_id == bindparam("tenant"), Membership.person_id == bindparam("person"))
    .order_by(Membership.created_at, Membership.organization_id)
)

SORTS = {
    "name": SortKey(Person.sort_name, str),
    "created_at": SortKey(Person.created_at, datetime),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What a list is narrowed to."""

    side: str | None = None
    state: str | None = None
    email: str | None = None
    phone: str | None = None
    reference: Reference | None = None


async def people_page(
    session: AsyncSession,
    actor: Actor,
    narrowed: PeopleFilter,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Row[Any]]:
    """A page of the people `actor` may read, with their addresses."""

    def rows(hits: Subquery) -> AnySelect:
        return (
            select(Person, ContactDetails)
            .join(hits, hits.c.id == Person.id)
            .outerjoin(ContactDetails, equal_in_tenant(ContactDetails.person_id, Person.id))
            .where(Person.tenant_id == actor.tenant_id)
        )

    return await fetch_page(
        session,
        branches=[_narrowed_to(actor, narrowed)],
        source=Person,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
    )


def _narrowed_to(actor: Actor, narrowed: PeopleFilter) -> ColumnElement[bool]:
    conditions = (Person.tenant_id == actor.tenant_id) & visible_to(actor)
    if narrowed.side:
        conditions &= Person.side == narrowed.side
    if narrowed.state:
        conditions &= Person.state == narrowed.state
    if narrowed.email:
        conditions &= _reached_by(actor, ContactDetails.email_key == address_key(narrowed.email))
    if narrowed.phone:
        conditions &= _reached_by(actor, ContactDetails.phone == narrowed.phone)
    if narrowed.reference:
        # Customers are not told how others call them, nor whether a guess is right.
        conditions &= false() if actor.is_customer else true()
        conditions &= Person.external_source == narrowed.reference.source
        conditions &= Person.external_key == narrowed.reference.key
    return conditions


def _reached_by(actor: Actor, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Person.id.in_(
        select(ContactDetails.person_id).where(
            ContactDetails.tenant_id == actor.tenant_id, condition
        )
    )


async def members_page(
    session: AsyncSession,
    actor: Actor,
    organization_id: UUID,
    *,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[Row[Any]]:
    """A page of those who belong to an organization, as far as `actor` may read them."""
    members = select(Membership.person_id).where(
        Membership.tenant_id == actor.tenant_id, Membership.organization_id == organization_id
    )
    narrowed = (Person.tenant_id == actor.tenant_id) & visible_to(actor) & Person.id.in_(members)

    def rows(hits: Subquery) -> AnySelect:
        return (
            select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .join(hits, hits.c.id == Person.id)
            .where(
                Person.tenant_id == actor.tenant_id,
                Membership.tenant_id == actor.tenant_id,
                Membership.organization_id == organization_id,
            )
        )

    return await fetch_page(
        session,
        branches=[narrowed],
        source=Person,
        sort=SORTS[sort],
        descending=descending,
        after=after,
        limit=limit,
        rows=rows,
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
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Person | None = await session.scalar(statement)
    if found is None:
        raise PersonNotFound
    return found


async def profile_of(session: AsyncSession, actor: Actor, person_id: UUID) -> Profile:
    """Oneself, or whoever was fetched with `person_for`, with address, memberships and teams.
    Raises `PersonNotFound` for whom the wall does not show."""
    asked = {"tenant": actor.tenant_id, "person": person_id}
    person = await _PROFILE.row(session, asked)
    if person is None:
        raise PersonNotFound
    return Profile(person, await _MEMBERSHIPS.rows(session, asked))


async def memberships_of(
    session: AsyncSession, actor: Actor, person_id: UUID
) -> Sequence[tuple[Membership, Organization]]:
    """Where a person belongs, as far as the actor may know."""
    rows = await session.execute(
        select(Membership, Organization)
        .join(Organization, equal_in_tenant(Organization.id, Membership.organization_id))
        .where(Membership.tenant_id == actor.tenant_id, Membership.person_id == person_id)
        .order_by(Membership.created_at, Membership.organization_id)
    )
    return [(row[0], row[1]) for row in rows]


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
            .join(ContactDetails, equal_in_tenant(ContactDetails.person_id, Person.id))
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


async def person_meant(
    session: AsyncSession, system: Actor, person_id: UUID | None, email: str | None
) -> Person | None:
    """The person named by id, or else by address; `None` for nobody. Whether the caller may know is
    for him to check."""
    if person_id is not None:
        return await session.get(Person, (system.tenant_id, person_id))
    found = await person_by_email(session, system, address_key(email or ""))
    return found[0] if found else None
