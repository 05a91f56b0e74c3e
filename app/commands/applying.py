"""Definitions and demo people into the database: what `skranke portal` and `skranke run` share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.commands.failures import CommandFailed, Exit
from app.database.session import Database
from app.database.tenancy import AsSystem, ByPortal, Nowhere, entered
from app.domain.tenants.actions import Applied, apply_definition, lock_definitions
from app.domain.tenants.definition import Definition
from app.domain.tenants.loading import definition_from
from app.domain.tenants.planning import obstacles
from app.domain.tenants.problems import DefinitionError
from app.domain.tenants.queries import definition_in_force
from app.domain.tenants.strict_yaml import read
from app.kernel.ids import new_id
from app.kernel.settings import Settings
from app.reactions import reactions

#: The definitions the product brings; each has its demo people under the same name in `demo/`.
SHIPPED = Path(__file__).parent.parent / "portals"


def shipped_files() -> list[Path]:
    """The shipped definitions, in the order of their names."""
    return sorted(SHIPPED.glob("*.yaml"))


@asynccontextmanager
async def opened(settings: Settings, info: dict[str, Any] | None = None) -> AsyncIterator[Database]:
    """The worker's role's database, for as long as a command needs it; `info` as `Database`."""
    if settings.worker_database_url is None:
        raise CommandFailed("SKRANKE_WORKER_DATABASE_URL is not set.", Exit.SETTINGS)
    database = Database(settings.worker_database_url, pool_size=3, name="command", info=info)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def at_portal(database: Database, slug: str) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """One transaction as the system of the portal's tenant, committed at the end of the block.

    Raises `LookupError` where there is no such portal."""
    async with database.transaction(ByPortal(slug)) as session:
        _ = await session.connection()
        found = entered(session)
        if found is None:
            raise LookupError(f"There is no portal {slug!r} here.")
        yield session, Actor.system(UUID(found["tenant"]), found["definition_version"])


async def in_force(database: Database, slug: str) -> Definition | None:
    """The definition in force in a portal, or `None` where there is no such portal."""
    try:
        async with at_portal(database, slug) as (session, actor):
            return (await definition_in_force(session, actor))[1]
    except LookupError:
        return None


async def checked_step(database: Database, file: Path) -> tuple[Definition | None, Definition]:
    """The definition in force and the one in `file` that would follow it.

    Raises `DefinitionError`, also for what cannot follow."""
    source = read(file)
    definition = definition_from(source)
    previous = await in_force(database, definition.portal.slug)
    flaws = obstacles(previous, definition)
    if flaws:
        raise DefinitionError(tuple(source.mistake(flaw.path, flaw.message) for flaw in flaws))
    return previous, definition


async def apply_file(database: Database, file: Path) -> Applied:
    """Put the definition in `file` in force, and make its tenant where there is none.

    One at a time in the installation: a second one waits. Raises `DefinitionError`; then nothing
    was applied."""
    async with database.transaction(Nowhere()) as guard:
        await lock_definitions(guard)
        _, definition = await checked_step(database, file)
        slug = definition.portal.slug
        if await in_force(database, slug) is not None:
            async with at_portal(database, slug) as (session, actor):
                # Tickets there already follow it, in the worker.
                session.info["reactions"] = reactions()
                return await apply_definition(session, actor, definition)
        tenant_id = new_id()
        async with database.transaction(AsSystem(tenant_id)) as session:
            return await apply_definition(session, Actor.system(tenant_id), definition)
