"""External references of tickets: which ticket has one, and who may set one (S3-22)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database.external_references import claim, holder_of
from app.domain.tickets.problems import NotForCustomers
from app.kernel.external_references import Reference
from app.models.tickets import Ticket


async def held_by(session: AsyncSession, actor: Actor, reference: Reference) -> UUID | None:
    """The ticket that has this reference, whoever may read it. Until the transaction ends nobody
    else can set it: others who ask meanwhile wait."""
    await claim(session, actor.tenant_id, Ticket, reference)
    async with as_system(session, actor) as system:
        return await holder_of(session, system.tenant_id, Ticket, reference)


def refuse_customers(actor: Actor) -> None:
    """Raise `NotForCustomers` for customers: references are for the provider and its systems."""
    if actor.is_customer:
        raise NotForCustomers.at("/external_ref", NotForCustomers.title)
