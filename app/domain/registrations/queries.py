"""Every look at registrations. Fetching is checking; the table itself shows the system alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.access.actor import Actor
from app.access.system import as_system
from app.database.joins import equal_in_tenant
from app.database.paging import AnySelect, Page, Position, SortKey, fetch_page
from app.domain.registrations.policy import TO_LET_IN, visible_to
from app.domain.registrations.problems import RegistrationNotFound
from app.domain.tenants.definition.portal import SelfRegistration
from app.domain.tenants.queries import definition_of
from app.kernel.ids import parse_id
from app.models.organizations import EmailDomain, Membership, Organization
from app.models.people import Person
from app.models.portals import Role
from app.models.registrations import Registration

SORTS = {"created_at": SortKey(Registration.created_at, datetime)}


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """A registration, the organization whose domain its address has, and who came of it."""

    registration: Registration
    organization: Organization | None
    person: Person | None


async def opened_to(session: AsyncSession, actor: Actor) -> SelfRegistration | None:
    """The settings for self-registration; `None` where the portal has none."""
    local = (await definition_of(session, actor)).sign_in.local
    return local.self_registration if local.enabled else None


async def registrations_page(
    session: AsyncSession,
    actor: Actor,
    *,
    state: str | None,
    sort: str,
    descending: bool,
    after: Position | None,
    limit: int,
) -> Page[RegistrationView]:
    """A page of the registrations `actor` may read."""
    opened = await opened_to(session, actor)
    condition = (Registration.tenant_id == actor.tenant_id) & visible_to(actor, opened)
    if state is not None:
        condition &= Registration.state == state

    def rows(hits: Subquery) -> AnySelect:
        return _shown(actor).join(hits, hits.c.id == Registration.id)

    async with as_system(session, actor):
        page = await fetch_page(
            session,
            branches=[condition],
            source=Registration,
            sort=SORTS[sort],
            descending=descending,
            after=after,
            limit=limit,
            rows=rows,
        )
    return Page([_view(row) for row in page.rows], page.next)


async def registration_view(
    session: AsyncSession, actor: Actor, reference: str | UUID
) -> RegistrationView:
    """One registration with all that is shown of it. Raises `RegistrationNotFound`."""
    held = await registration_for(session, actor, reference)
    async with as_system(session, actor):
        row = (await session.execute(_shown(actor).where(Registration.id == held.id))).one()
    return _view(row)


async def registration_for(
    session: AsyncSession, actor: Actor, reference: str | UUID, *, lock: bool = False
) -> Registration:
    """The registration with this id. Raises `RegistrationNotFound`, for one that may not be seen
    too."""
    registration_id = parse_id(str(reference))
    if registration_id is None:
        raise RegistrationNotFound
    opened = await opened_to(session, actor)
    statement = select(Registration).where(
        Registration.tenant_id == actor.tenant_id,
        Registration.id == registration_id,
        visible_to(actor, opened),
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    async with as_system(session, actor):
        found: Registration | None = await session.scalar(statement)
    if found is None:
        raise RegistrationNotFound
    return found


async def locked_of_address(
    session: AsyncSession, system: Actor, key: str
) -> Sequence[Registration]:
    """Every registration with an address, locked in one order for all who lock."""
    found = await session.scalars(
        select(Registration)
        .where(Registration.tenant_id == system.tenant_id, Registration.email_key == key)
        .order_by(Registration.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


async def deciders_of(
    session: AsyncSession, system: Actor, registration: Registration, opened: SelfRegistration
) -> Sequence[UUID]:
    """The people who may approve a registration and want mails: agents, and those who manage the
    colleagues of the organization that has the e-mail domain."""
    wanted: list[UUID] = []
    if "company_admin" in opened.let_in_by:
        wanted += await session.scalars(
            select(Person.id)
            .join(Membership, equal_in_tenant(Membership.person_id, Person.id))
            .join(Role, equal_in_tenant(Role.key, Membership.role))
            .join(
                EmailDomain,
                equal_in_tenant(EmailDomain.organization_id, Membership.organization_id),
            )
            .where(
                *_told(system),
                EmailDomain.domain == registration.domain,
                Role.permissions.contains(["colleagues:manage"]),
            )
        )
    if "agent" in opened.let_in_by:
        wanted += await session.scalars(
            select(Person.id)
            .join(Role, equal_in_tenant(Role.key, Person.role))
            .where(*_told(system), Role.permissions.contains(list(TO_LET_IN)))
        )
    return wanted


def _told(system: Actor) -> tuple[Any, ...]:
    return (
        Person.tenant_id == system.tenant_id,
        Person.state == "active",
        Person.muted.is_(False),
        Person.service.is_(False),
    )


def _shown(actor: Actor) -> AnySelect:
    return (
        select(Registration, Organization, Person)
        .outerjoin(EmailDomain, equal_in_tenant(EmailDomain.domain, Registration.domain))
        .outerjoin(Organization, equal_in_tenant(Organization.id, EmailDomain.organization_id))
        .outerjoin(Person, equal_in_tenant(Person.id, Registration.person_id))
        .where(Registration.tenant_id == actor.tenant_id)
        .execution_options(populate_existing=True)
    )


def _view(row: Any) -> RegistrationView:
    return RegistrationView(row.Registration, row.Organization, row.Person)
