"""Giving another system's name to one thing alone, however many ask for it at once."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.references import Reference


async def claim(session: AsyncSession, tenant_id: UUID, noun: str, reference: Reference) -> None:
    """Until the end of the transaction nobody else gives this name to a `noun`, or takes it away
    through a call of this: whoever asks meanwhile waits."""
    name = "|".join((f"{noun}-reference", str(tenant_id), *reference))
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
