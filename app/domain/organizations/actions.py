"""Every change of organizations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.database.constraints import violated
from app.domain.organizations.email_domains import compared, keep_domains
from app.domain.organizations.events import OrganizationChanged, OrganizationCreated
from app.domain.organizations.external_references import held_by, taken
from app.domain.organizations.queries import organization_for
from app.journal import record
from app.kernel import clock, ids
from app.kernel.external_references import Reference
from app.kernel.sorting import sort_key
from app.kernel.versions import expect
from app.models.organizations import Organization

#: What `change_organization` takes.
CHANGEABLE = frozenset({"name", "state", "external_ref", "email_domains"})


async def create_organization(
    session: AsyncSession,
    actor: Actor,
    *,
    name: str,
    external_ref: Reference | None = None,
    email_domains: Sequence[str] = (),
) -> Organization:
    """A new customer organization. Needs `organizations:write`. Raises
    `OrganizationReferenceTaken` and what its e-mail domains raise."""
    require(actor, "organizations:write")
    domains = compared(email_domains)
    await _refuse_taken(session, actor, external_ref)
    now = clock.now()
    source, key = external_ref or (None, None)
    organization = Organization(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        name=name,
        sort_name=sort_key(name),
        state="active",
        external_source=source,
        external_key=key,
        created_at=now,
        updated_at=now,
    )
    session.add(organization)
    await _keep(session)
    await keep_domains(session, actor, organization.id, domains)
    await record(session, actor, OrganizationCreated(subject_id=organization.id))
    return organization


async def change_organization(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    expected_version: int | None,
    changes: dict[str, Any],
) -> Organization:
    """Change what `changes` names (`CHANGEABLE`). Needs `organizations:write`.

    An inactive organization keeps its tickets; its members lose their access with the next
    request. Raises `OrganizationNotFound`, `Stale`, `OrganizationReferenceTaken`,
    `EmailDomainInvalid`, `EmailDomainPublic`, `EmailDomainTaken`."""
    await organization_for(session, actor, reference)
    require(actor, "organizations:write")
    organization = await organization_for(session, actor, reference, lock=True)
    expect(organization.version, expected_version)
    if "external_ref" in changes:
        await _refuse_taken(session, actor, changes["external_ref"], besides=organization)
        organization.external_source, organization.external_key = changes["external_ref"] or (
            None,
            None,
        )
    if "name" in changes:
        organization.name = changes["name"]
        organization.sort_name = sort_key(changes["name"])
    organization.state = changes.get("state", organization.state)
    modified = session.is_modified(organization)
    if "email_domains" in changes:
        domains = compared(changes["email_domains"])
        modified |= await keep_domains(session, actor, organization.id, domains)
    if modified:
        organization.version += 1
        organization.updated_at = clock.now()
        await _keep(session)
        changed = OrganizationChanged(subject_id=organization.id, changed=tuple(sorted(changes)))
        await record(session, actor, changed)
    return organization


async def _refuse_taken(
    session: AsyncSession,
    actor: Actor,
    reference: Reference | None,
    *,
    besides: Organization | None = None,
) -> None:
    if reference is None:
        return
    holder = await held_by(session, actor, reference)
    if holder is not None and (besides is None or holder != besides.id):
        raise taken()


async def _keep(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        # Somebody else took this reference at the same moment.
        if violated(error) == "uq_organizations_tenant_id_external_source_external_key":
            raise taken() from error
        raise
