"""E-mail domains of organizations: whoever has a mailbox there belongs to the organization.

Agents enter them; domains in which anybody can get a mailbox are refused."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.joins import equal_in_tenant
from app.domain.organizations.problems import (
    EmailDomainInvalid,
    EmailDomainPublic,
    EmailDomainTaken,
)
from app.kernel import clock
from app.kernel.mail_domains import domain_key, is_public
from app.kernel.problems import Problem
from app.models.organizations import EmailDomain, Organization


def compared(domains: Sequence[str]) -> list[str]:
    """Domains as they are kept, each once. Raises `EmailDomainInvalid`, `EmailDomainPublic`."""
    found = []
    for place, text in enumerate(domains):
        key = domain_key(text)
        if key is None:
            raise _wrong(EmailDomainInvalid, place)
        if is_public(key):
            raise _wrong(EmailDomainPublic, place)
        found.append(key)
    return sorted(set(found))


async def keep_domains(
    session: AsyncSession, actor: Actor, organization_id: UUID, domains: Sequence[str]
) -> bool:
    """Make these (`compared`) the domains of an organization; whether that changes anything. Raises
    `EmailDomainTaken`."""
    held = (await domains_of(session, actor, [organization_id])).get(organization_id, [])
    if held == list(domains):
        return False
    await session.execute(
        delete(EmailDomain).where(
            EmailDomain.tenant_id == actor.tenant_id,
            EmailDomain.organization_id == organization_id,
            EmailDomain.domain.not_in(domains),
        )
    )
    for domain in domains:
        if domain in held:
            continue
        added = await session.execute(
            insert(EmailDomain)
            .values(
                tenant_id=actor.tenant_id,
                domain=domain,
                organization_id=organization_id,
                created_at=clock.now(),
            )
            .on_conflict_do_nothing(index_elements=["tenant_id", "domain"])
            .returning(EmailDomain.domain)
        )
        if added.one_or_none() is None:
            raise EmailDomainTaken(domain=domain)
    return True


async def domains_of(
    session: AsyncSession, actor: Actor, organizations: Sequence[UUID]
) -> Mapping[UUID, list[str]]:
    """The domains of some organizations, in their order."""
    rows = await session.execute(
        select(EmailDomain.organization_id, EmailDomain.domain)
        .where(
            EmailDomain.tenant_id == actor.tenant_id,
            EmailDomain.organization_id.in_(organizations),
        )
        .order_by(EmailDomain.domain)
    )
    found: dict[UUID, list[str]] = {}
    for organization_id, domain in rows:
        found.setdefault(organization_id, []).append(domain)
    return found


async def organization_of_domain(
    session: AsyncSession, system: Actor, domain: str
) -> Organization | None:
    """The active organization that has an e-mail domain."""
    found: Organization | None = await session.scalar(
        select(Organization)
        .join(EmailDomain, equal_in_tenant(EmailDomain.organization_id, Organization.id))
        .where(
            EmailDomain.tenant_id == system.tenant_id,
            EmailDomain.domain == domain,
            Organization.state == "active",
        )
    )
    return found


def _wrong(kind: type[EmailDomainInvalid | EmailDomainPublic], place: int) -> Problem:
    return kind.at(f"/email_domains/{place}")
