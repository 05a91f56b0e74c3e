"""Creating, changing and deleting entitlements. For agents with `entitlements:write`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.require import require
from app.domain.entitlements.events import (
    EntitlementChanged,
    EntitlementCreated,
    EntitlementRemoved,
)
from app.domain.entitlements.lifecycle import last_day, template_of
from app.domain.entitlements.problems import AnotherDefault, EntitlementInUse
from app.domain.entitlements.queries import entitlement_for, today
from app.domain.organizations.problems import OrganizationNotFound
from app.domain.organizations.queries import organization_for
from app.domain.tenants.definition.document import Definition
from app.domain.tenants.definition.policies import EntitlementTemplate
from app.domain.tenants.queries import definition_of
from app.journal import record
from app.kernel import clock, ids
from app.kernel.problems import Fault, Invalid, not_a_choice
from app.kernel.sorting import sort_key
from app.kernel.versions import expect
from app.models.entitlements import Entitlement
from app.models.tickets import Ticket

#: What `change_entitlement` takes.
CHANGEABLE = frozenset({"name", "starts_on", "ends_on", "services", "default", "state"})


async def create_entitlement(
    session: AsyncSession,
    actor: Actor,
    *,
    organization_id: UUID,
    template: str,
    name: str | None = None,
    starts_on: date | None = None,
    ends_on: date | Literal["as the template"] | None = "as the template",
    services: Sequence[str] | None = None,
    default: bool | None = None,
) -> Entitlement:
    """Create an entitlement for an organization. What is left out comes from the template; the
    first day is today, and `ends_on=None` means no end. A new default replaces the previous one.
    Needs `entitlements:write`; raises `Invalid` with a pointer to what does not fit,
    `AnotherDefault`."""
    require(actor, "entitlements:write")
    definition = await definition_of(session, actor)
    held = _template(definition, template)
    await _fitting_organization(session, actor, organization_id)
    now = clock.now()
    starts_on = starts_on or today(definition)
    entitlement = Entitlement(
        tenant_id=actor.tenant_id,
        id=ids.new_id(),
        version=1,
        organization_id=organization_id,
        template=template,
        name=name,
        sort_name=_sort_name(definition, held, name),
        services=list(held.services if services is None else services),
        starts_on=starts_on,
        ends_on=last_day(starts_on, held.months) if ends_on == "as the template" else ends_on,
        is_default=held.default if default is None else default,
        state="active",
        created_at=now,
        updated_at=now,
    )
    _refuse_flaws(definition, entitlement)
    if entitlement.is_default:
        await _step_down(session, actor, entitlement)
    session.add(entitlement)
    await _flush(session)
    created = EntitlementCreated(
        subject_id=entitlement.id, template=template, organization=organization_id
    )
    await record(session, actor, created)
    return entitlement


async def change_entitlement(
    session: AsyncSession,
    actor: Actor,
    reference: str,
    *,
    expected_version: int | None,
    changes: Mapping[str, Any],
) -> Entitlement:
    """Change what `changes` names (`CHANGEABLE`). An ended one is offered no more; tickets that
    are charged to it stay so. Needs `entitlements:write`. Raises `EntitlementNotFound`, `Stale`,
    `Invalid`, `AnotherDefault`."""
    entitlement = await _for_writing(session, actor, reference)
    expect(entitlement.version, expected_version)
    definition = await definition_of(session, actor)
    before = {key: _held(entitlement, key) for key in changes}
    for key, value in changes.items():
        setattr(entitlement, _COLUMNS.get(key, key), value)
    changed = tuple(sorted(key for key in changes if before[key] != _held(entitlement, key)))
    if not changed:
        return entitlement
    held = template_of(definition, entitlement.template)
    entitlement.sort_name = _sort_name(definition, held, entitlement.name)
    with session.no_autoflush:
        _refuse_flaws(definition, entitlement)
        if entitlement.is_default and entitlement.state == "active":
            await _step_down(session, actor, entitlement)
    entitlement.version += 1
    entitlement.updated_at = clock.now()
    await _flush(session)
    await record(session, actor, EntitlementChanged(subject_id=entitlement.id, changed=changed))
    return entitlement


async def remove_entitlement(
    session: AsyncSession, actor: Actor, reference: str, *, expected_version: int | None
) -> None:
    """Take back an agreement that no ticket is charged to. Needs `entitlements:write`. Raises
    `EntitlementNotFound`, `Stale`, `EntitlementInUse`."""
    entitlement = await _for_writing(session, actor, reference)
    expect(entitlement.version, expected_version)
    used = exists().where(
        Ticket.tenant_id == actor.tenant_id, Ticket.entitlement_id == entitlement.id
    )
    if await session.scalar(select(used)):
        raise EntitlementInUse
    await session.delete(entitlement)
    try:
        await session.flush()
    except IntegrityError as error:  # a ticket that is closed to the actor holds it
        raise EntitlementInUse from error
    removed = EntitlementRemoved(
        subject_id=entitlement.id,
        template=entitlement.template,
        organization=entitlement.organization_id,
    )
    await record(session, actor, removed)


async def _for_writing(session: AsyncSession, actor: Actor, reference: str) -> Entitlement:
    """Locked for a change; readers without the permission get 403, because they cannot lock it."""
    await entitlement_for(session, actor, reference)
    require(actor, "entitlements:write")
    entitlement, _ = await entitlement_for(session, actor, reference, lock=True)
    return entitlement


_COLUMNS = {"default": "is_default"}


def _held(entitlement: Entitlement, key: str) -> Any:
    return getattr(entitlement, _COLUMNS.get(key, key))


def _template(definition: Definition, key: str) -> EntitlementTemplate:
    found = template_of(definition, key)
    if found is None or found.retired:
        raise Invalid(faults=(not_a_choice("/template"),))
    return found


async def _fitting_organization(session: AsyncSession, actor: Actor, organization_id: UUID) -> None:
    try:
        await organization_for(session, actor, organization_id)
    except OrganizationNotFound as error:
        raise Invalid(faults=(not_a_choice("/organization"),)) from error


def _refuse_flaws(definition: Definition, entitlement: Entitlement) -> None:
    faults = [
        not_a_choice(f"/services/{place}")
        for place, key in enumerate(entitlement.services)
        if key not in definition.service_of
    ]
    if entitlement.ends_on is not None and entitlement.ends_on < entitlement.starts_on:
        faults.append(Fault("ends-before-it-begins", "It cannot end before it begins.", "/ends_on"))
    if faults:
        raise Invalid(faults=tuple(faults))


def _sort_name(
    definition: Definition, template: EntitlementTemplate | None, name: str | None
) -> str:
    labels = template.labels if template else {}
    return sort_key(name or labels.get(definition.portal.default_language, ""))


async def _step_down(session: AsyncSession, actor: Actor, in_favour_of: Entitlement) -> None:
    """Take the default from the organization's other entitlement that has it: there is one
    default."""
    await session.execute(
        update(Entitlement)
        .where(
            Entitlement.tenant_id == actor.tenant_id,
            Entitlement.organization_id == in_favour_of.organization_id,
            Entitlement.id != in_favour_of.id,
            Entitlement.is_default,
        )
        .values(
            is_default=False, version=Entitlement.version + 1, updated_at=in_favour_of.updated_at
        )
    )


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        raise AnotherDefault from error
