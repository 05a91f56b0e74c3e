"""Acting as the system: a person's request for a while (`as_system`), the worker in transactions
of its own (`system_transaction`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database import tenancy
from app.database.session import Database
from app.kernel.problems import Problem


@asynccontextmanager
async def as_system(session: AsyncSession, actor: Actor) -> AsyncIterator[Actor]:
    """For the block, act as the system of the actor's tenant, inside the same transaction.

    So a customer's act may cause what a customer may not see. Afterwards the side that was left
    holds again; what the system has not written yet is written before. After an error other than a
    `Problem` the transaction can only be rolled back, and its settings go with it."""
    if actor.is_system:
        yield actor
        return
    left = await tenancy.change_side(session, "system")
    try:
        yield Actor.system(actor.tenant_id, actor.definition_version)
    except Problem:
        await tenancy.change_side(session, left)
        raise
    await tenancy.change_side(session, left)


@asynccontextmanager
async def system_transaction(
    database: Database, tenant_id: UUID
) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """One transaction as the system of a tenant, with the definition that is in force in it."""
    async with database.transaction(tenancy.AsSystem(tenant_id)) as session:
        yield session, await system_of(session, tenant_id)


async def system_of(session: AsyncSession, tenant_id: UUID) -> Actor:
    """The system of a tenant, in a transaction of its side (`tenancy.AsSystem`) that has begun or
    begins here."""
    _ = await session.connection()
    return Actor.system(tenant_id, tenancy.entered(session)["definition_version"])
