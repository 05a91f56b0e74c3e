"""Finding the row with an external reference, and giving it to one row alone."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.base import Referenced
from app.kernel.external_references import Reference


async def claim(
    session: AsyncSession, tenant_id: UUID, table: type[Referenced], reference: Reference
) -> None:
    """Lock a reference until the transaction ends: others who want to give it to a row of `table`,
    or take it away, wait."""
    name = "|".join((f"{table.__name__}-reference", str(tenant_id), *reference))
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def holder_of(
    session: AsyncSession, tenant_id: UUID, table: type[Referenced], reference: Reference
) -> UUID | None:
    """The id of the row that has this reference, as far as the session's side sees rows."""
    found: UUID | None = await session.scalar(
        select(table.id).where(
            table.tenant_id == tenant_id,
            table.external_source == reference.source,
            table.external_key == reference.key,
        )
    )
    return found
