"""Every night: check that people who were invited as guests are still in the directory, and end the
access of those who are not.

Their tickets stay, and the access can be restored. A directory that does not answer ends nobody's
access."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import system_transaction
from app.database.joins import equal_in_tenant
from app.database.tenancy import AsSystem, Nowhere
from app.domain.federation.lifecycle import GUESTS_CHECKED_AFTER
from app.domain.federation.providers import rules_of
from app.domain.invitations.reactions import DirectoryTools, directory_of, inviting_provider
from app.domain.people.actions import change_person
from app.domain.tenants.definition import Definition
from app.domain.tenants.definition.identity import Entra
from app.domain.tenants.queries import definition_of
from app.gateways.directory import DirectoryUnavailable
from app.kernel import clock
from app.kernel.logging import logger
from app.models.federation import ExternalIdentity
from app.models.people import Person

log = logger("guests")
_AT_ONCE = 150


async def check_guests(tools: DirectoryTools) -> int:
    """Check every tenant's guests who were not checked for a day. Returns 0: there is no more to
    do."""
    async with tools.database.transaction(Nowhere()) as session:
        tenants = (await session.scalars(text("SELECT id FROM wall.tenants()"))).all()
    for tenant in tenants:
        async with system_transaction(tools.database, tenant) as (session, system):
            definition = await definition_of(session, system) if system.definition_version else None
        provider = inviting_provider(definition, None) if definition else None
        if definition and provider:
            await _check(tools, system, definition, provider)
    return 0


async def _check(
    tools: DirectoryTools, system: Actor, definition: Definition, provider: Entra
) -> None:
    while True:
        async with tools.database.transaction(AsSystem(system.tenant_id)) as session:
            due = await _due(session, system, provider)
        if not due:
            return
        try:
            async with directory_of(tools.settings, definition, provider) as directory:
                gone = await directory.gone({identity.subject for identity in due})
        except DirectoryUnavailable as error:
            log.warning("guests_not_checked", reason=error.reason)
            return
        async with tools.database.transaction(AsSystem(system.tenant_id)) as session:
            await _note(session, system, due, gone)


async def _due(session: AsyncSession, system: Actor, provider: Entra) -> Sequence[ExternalIdentity]:
    found = await session.scalars(
        select(ExternalIdentity)
        .join(Person, equal_in_tenant(Person.id, ExternalIdentity.person_id))
        .where(
            ExternalIdentity.tenant_id == system.tenant_id,
            ExternalIdentity.provider == provider.key,
            ExternalIdentity.issuer == rules_of(provider).expected.issuer,
            ExternalIdentity.client_id.is_(None),
            Person.state != "inactive",
            or_(
                ExternalIdentity.checked_at.is_(None),
                ExternalIdentity.checked_at < clock.now() - GUESTS_CHECKED_AFTER,
            ),
        )
        .order_by(ExternalIdentity.id)
        .limit(_AT_ONCE)
    )
    return found.all()


async def _note(
    session: AsyncSession, system: Actor, asked: Sequence[ExternalIdentity], gone: set[str]
) -> None:
    ids: list[UUID] = [identity.id for identity in asked]
    await session.execute(
        update(ExternalIdentity)
        .where(ExternalIdentity.tenant_id == system.tenant_id, ExternalIdentity.id.in_(ids))
        .values(checked_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    for identity in asked:
        if identity.subject in gone:
            await change_person(
                session,
                system,
                identity.person_id,
                expected_version=None,
                changes={"state": "inactive"},
            )
