"""What a person has set off is gone on with as the system, and only for that while."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.access.system import as_system
from app.database import tenancy
from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.problems import NotFound
from app.models.organizations import Organization
from tests.desk import Desk
from tests.factories import people


@pytest.fixture
async def session(desk: Desk) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """A transaction at the wall as a customer, and the customer."""
    async with people.as_system(desk) as (session, system):
        await tenancy.change_side(session, "customer")
        yield session, Actor(system.tenant_id, "customer", 5, new_id())
        await session.rollback()


async def side(session: AsyncSession) -> str:
    answer: str = await session.scalar(text("SELECT current_setting('app.side')")) or ""
    return answer


async def test_the_system_acts_for_a_while_and_then_the_person_again(
    session: tuple[AsyncSession, Actor],
) -> None:
    transaction, customer = session
    async with as_system(transaction, customer) as system:
        assert system == Actor.system(customer.tenant_id, 5)
        assert await side(transaction) == "system"
    assert await side(transaction) == "customer"


async def test_what_the_system_writes_is_written_before_the_person_is_back(
    session: tuple[AsyncSession, Actor],
) -> None:
    transaction, customer = session
    now = clock.now()
    made = Organization(
        tenant_id=customer.tenant_id,
        id=new_id(),
        name="Made",
        sort_name="made",
        created_at=now,
        updated_at=now,
    )
    with transaction.no_autoflush:  # whatever the session would do by itself
        async with as_system(transaction, customer):
            transaction.add(made)
    assert made not in transaction.new  # a customer writes no organizations


async def test_after_a_refusal_the_person_is_back_too(
    session: tuple[AsyncSession, Actor],
) -> None:
    transaction, customer = session
    with pytest.raises(NotFound):
        async with as_system(transaction, customer):
            raise NotFound
    assert await side(transaction) == "customer"


async def test_the_system_itself_goes_on_as_it_is(session: tuple[AsyncSession, Actor]) -> None:
    transaction, customer = session
    at_work = Actor.system(customer.tenant_id)
    async with as_system(transaction, at_work) as system:
        assert system is at_work
        assert await side(transaction) == "customer"  # nothing was asked of the database
    assert await side(transaction) == "customer"
