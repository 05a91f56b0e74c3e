"""What happened: written where it was made true, kept as it was, heard at once and later."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.session import Database
from app.database.tenancy import AsSystem
from app.journal import Event, Reactions, Recorded, record
from app.journal.history import recorded
from app.journal.reactions import where
from tests.desk import Desk

Superuser = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(Event):
    name: ClassVar[str] = "kettle.boiled"
    cups: int
    who: UUID | None = None
    kinds: tuple[str, ...] = ()
    at: datetime | None = None
    strong: bool = False


#: Keeps what the worker is to do where a test can look, for as long as the transaction lasts.
_DEFER = text(
    "SELECT set_config('test.later', concat_ws(' ', CAST(:tenant_id AS text), CAST(:id AS text),"
    " array_to_string(CAST(:reactions AS text[]), ' ')), true) AS later"
).columns()


class Heard:
    """What reactions were told, and what the worker is to do."""

    def __init__(self) -> None:
        self.at_once: list[tuple[Actor, Recorded]] = []
        self.concerned = True

    async def react(self, _session: AsyncSession, actor: Actor, event: Recorded) -> None:
        self.at_once.append((actor, event))

    async def is_concerned(self, session: AsyncSession, actor: Actor, _event: Recorded) -> bool:
        assert await _side(session) == actor.side  # whoever acts is asked, not yet the system
        return self.concerned

    def reactions(self) -> Reactions:
        return Reactions(
            in_the_transaction={"kettle.boiled": [where(self.is_concerned)(self.react)]},
            afterwards={"kettle.boiled": ["pour", "drink"], "kettle.broke": ["weep"]},
            defer=_DEFER,
        )


async def _later(session: AsyncSession) -> str | None:
    later: str | None = await session.scalar(text("SELECT current_setting('test.later', true)"))
    return later or None


async def _side(session: AsyncSession) -> str:
    return str(await session.scalar(text("SELECT current_setting('app.side')")))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def tenant(superuser: Superuser) -> UUID:
    row = await (
        await superuser.execute("SELECT id FROM tenants WHERE slug = 'crm-service'")
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


@pytest.fixture
async def session(desk: Desk, tenant: UUID, heard: Heard) -> AsyncIterator[AsyncSession]:
    """A transaction that is never kept."""
    database: Database = desk.app.state.database
    async with database.session(AsSystem(tenant)) as session:
        session.info["reactions"] = heard.reactions()
        yield session
        await session.rollback()


def test_data_is_what_json_holds_without_what_is_empty() -> None:
    who = uuid4()
    at = datetime(2026, 11, 22, tzinfo=UTC)
    event = KettleBoiled(cups=0, who=who, kinds=("tea",), at=at, subject_id=uuid4())
    assert event.data() == {
        "cups": 0,
        "who": str(who),
        "kinds": ["tea"],
        "at": "2026-11-22T00:00:00+00:00",
        "strong": False,
    }
    assert KettleBoiled(cups=1).data() == {"cups": 1, "strong": False}
    assert replace(event, audience="agents").data() == event.data()


async def test_an_event_is_read_as_it_was_recorded(session: AsyncSession, tenant: UUID) -> None:
    subject = uuid4()
    written = await record(
        session, Actor.system(tenant), KettleBoiled(cups=2, subject_id=subject, audience="system")
    )
    assert (written.name, written.subject_id, written.audience) == (
        "kettle.boiled",
        subject,
        "system",
    )
    assert await recorded(session, tenant, written.id) == written
    assert await recorded(session, tenant, uuid4()) is None


async def test_it_is_heard_at_once_as_the_system_and_later_by_name(
    session: AsyncSession, tenant: UUID, heard: Heard
) -> None:
    agent = Actor(tenant_id=tenant, side="agent", definition_version=1, person_id=uuid4())
    await session.execute(
        text("SELECT set_config('app.side', 'agent', true), set_config('app.person', :me, true)"),
        {"me": str(agent.person_id)},
    )
    written = await record(session, agent, KettleBoiled(cups=2))
    ((actor, event),) = heard.at_once
    assert (actor.is_system, actor.tenant_id, event) == (True, tenant, written)
    assert await _later(session) == f"{tenant} {written.id} pour drink"
    assert await _side(session) == "agent"


async def test_what_says_that_it_is_not_concerned_is_not_told(
    session: AsyncSession, tenant: UUID, heard: Heard
) -> None:
    heard.concerned = False
    written = await record(session, Actor.system(tenant), KettleBoiled(cups=2))
    assert heard.at_once == []
    assert await _later(session) == f"{tenant} {written.id} pour drink"


async def test_without_a_door_nothing_follows(
    session: AsyncSession, tenant: UUID, heard: Heard
) -> None:
    del session.info["reactions"]
    await record(session, Actor.system(tenant), KettleBoiled(cups=2))
    assert (heard.at_once, await _later(session)) == ([], None)


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET name = 'x'", "DELETE FROM events", "TRUNCATE events"]
)
async def test_what_happened_is_not_changed(
    session: AsyncSession, tenant: UUID, statement: str
) -> None:
    await record(session, Actor.system(tenant), KettleBoiled(cups=2))
    with pytest.raises(ProgrammingError, match="permission denied"):
        await session.execute(text(statement))


async def test_positions_follow_the_order_of_recording(session: AsyncSession, tenant: UUID) -> None:
    ids = [
        (await record(session, Actor.system(tenant), KettleBoiled(cups=cups))).id
        for cups in range(5)
    ]
    found = await session.execute(
        text(
            "SELECT id, xact = (pg_current_xact_id()::text)::bigint FROM events"
            " WHERE name = 'kettle.boiled' ORDER BY xact, position"
        )
    )
    assert [tuple(row) for row in found] == [(each, True) for each in ids]
