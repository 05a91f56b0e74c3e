"""`as_system`: the one place where a person's request gets the rights of the system for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database import tenancy
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
