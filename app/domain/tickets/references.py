"""How another system calls a ticket: a source and a key, unique in the tenant (S3-22)."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.references import claim
from app.domain.tickets.problems import NotForCustomers
from app.kernel.problems import Fault
from app.kernel.references import Reference
from app.models.tickets import Ticket


async def held_by(session: AsyncSession, actor: Actor, reference: Reference) -> UUID | None:
    """The ticket that has this reference, whoever may read it. Until the end of the transaction
    nobody else can give it away: whoever asks meanwhile waits."""
    await claim(session, actor.tenant_id, "ticket", reference)
    async with as_system(session, actor) as system:
        found: UUID | None = await session.scalar(
            select(Ticket.id).where(
                Ticket.tenant_id == system.tenant_id,
                Ticket.external_source == reference.source,
                Ticket.external_key == reference.key,
            )
        )
    return found


def refuse_customers(actor: Actor) -> None:
    """Raise `NotForCustomers`: references are the provider's and his systems' own."""
    if actor.is_customer:
        fault = Fault("not-for-customers", NotForCustomers.title, "/external_ref")
        raise NotForCustomers(faults=(fault,))
