"""One request is one transaction: all of it or nothing, kept before it is answered.

Failures are planted where a reaction runs inside the request's own transaction.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import psycopg
import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.domain.sign_in.problems import TooManyAttempts
from app.domain.tickets.problems import TicketClosed
from app.journal.events import Recorded
from app.reactions import reactions
from tests.desk import Desk
from tests.factories.tickets import answers, opened

Superuser = psycopg.AsyncConnection[Any]
Reaction = Callable[[AsyncSession, Actor, Recorded], Awaitable[None]]
Plant = Callable[..., None]


@pytest.fixture(autouse=True)
async def _connections_that_live(desk: Desk) -> AsyncIterator[None]:
    """What is broken here is broken for nobody else."""
    yield
    await desk.app.state.database.engine.dispose()


@pytest.fixture
def plant(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Let a reaction happen in the transaction that opens a ticket."""

    def planted(*what: Reaction) -> None:
        told = replace(reactions(), in_the_transaction={"ticket.opened": what})
        monkeypatch.setitem(desk.app.state.database._info, "reactions", told)

    return planted


@pytest.fixture
async def unjudged(desk: Desk, member: AsyncClient) -> AsyncIterator[AsyncClient]:
    """The member, with answers that no document allows for."""
    async with desk.anybody() as client:
        client.event_hooks = {}
        client.headers["Authorization"] = member.headers["Authorization"]
        yield client


def fails(count: int, *statements: str) -> tuple[Reaction, list[int]]:
    """A reaction that fails by SQL so many times; how often it ran is counted."""
    ran: list[int] = []

    async def react(session: AsyncSession, _actor: Actor, _event: Recorded) -> None:
        ran.append(1)
        if len(ran) <= count:
            for statement in statements:
                await session.execute(text(statement))

    return react, ran


def raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END $$"


async def left_behind(superuser: Superuser) -> tuple[int, ...]:
    """What is there: tickets, events, jobs, remembered answers."""
    found = await superuser.execute(
        "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM events),"
        " (SELECT count(*) FROM queue.procrastinate_jobs),"
        " (SELECT count(*) FROM idempotency_records)"
    )
    row = await found.fetchone()
    assert row is not None
    return tuple(row)


async def test_a_failure_at_the_very_end_leaves_nothing(
    unjudged: AsyncClient, superuser: Superuser, plant: Plant
) -> None:
    async def breaks(*_: object) -> None:
        raise RuntimeError("planted")

    before = await left_behind(superuser)
    plant(breaks)
    answer = await unjudged.post(
        "/v1/tickets", json=answers(), headers={"Idempotency-Key": "never-kept"}
    )
    assert answer.status_code == 500
    told = answer.json()
    assert told["code"] == "internal-error"
    assert told["instance"] == answer.headers["x-request-id"]
    assert told["instance"] in told["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert "ratelimit" in answer.headers
    assert await left_behind(superuser) == before


async def test_a_refusal_by_a_reaction_leaves_nothing_and_is_answered(
    unjudged: AsyncClient, superuser: Superuser, plant: Plant
) -> None:
    async def refuses(*_: object) -> None:
        raise TicketClosed

    before = await left_behind(superuser)
    plant(refuses)
    answer = await unjudged.post("/v1/tickets", json=answers())
    assert (answer.status_code, answer.json()["code"]) == (409, "ticket-closed")
    assert await left_behind(superuser) == before


async def test_a_refusal_that_keeps_writes_keeps_them(
    unjudged: AsyncClient, superuser: Superuser, plant: Plant
) -> None:
    assert TooManyAttempts.keeps_writes

    async def refuses(*_: object) -> None:
        raise TooManyAttempts(headers={"Retry-After": "1"})

    before = await left_behind(superuser)
    plant(refuses)
    answer = await unjudged.post("/v1/tickets", json=answers())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (await left_behind(superuser))[0] == before[0] + 1


@pytest.mark.parametrize("code", ["40001", "40P01"])
async def test_a_lost_race_is_run_again(
    member: AsyncClient, superuser: Superuser, plant: Plant, code: str
) -> None:
    reaction, ran = fails(2, raising(code))
    # A connection that another test has cut off would be one more loss.
    await member.get("/v1/me")
    before = await left_behind(superuser)
    plant(reaction)
    await opened(member)
    assert len(ran) == 3
    after = await left_behind(superuser)
    assert after[0] == before[0] + 1


async def test_who_loses_every_race_is_told_to_come_back(
    member: AsyncClient, superuser: Superuser, plant: Plant
) -> None:
    reaction, ran = fails(9, raising("40001"))
    before = await left_behind(superuser)
    plant(reaction)
    answer = await member.post("/v1/tickets", json=answers())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert len(ran) == 3
    assert await left_behind(superuser) == before


@pytest.mark.parametrize("code", ["57014", "55P03"])
async def test_what_takes_too_long_is_told_so(member: AsyncClient, plant: Plant, code: str) -> None:
    plant(fails(1, raising(code))[0])
    answer = await member.post("/v1/tickets", json=answers())
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")


async def test_connections_that_died_in_the_pool_are_survived(
    desk: Desk, member: AsyncClient, superuser: Superuser
) -> None:
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'skranke-api'"  # noqa: E501
    await member.get("/v1/me")
    assert (await superuser.execute(ended)).rowcount > 0
    assert (await member.get("/v1/me")).status_code == 200
    await superuser.execute(ended)
    await opened(member)
    await superuser.execute(ended)
    async with desk.anybody() as anybody:
        assert (await anybody.get("/readyz")).status_code == 200


async def test_a_connection_that_breaks_midway_is_replaced(
    member: AsyncClient, superuser: Superuser, plant: Plant
) -> None:
    ran = []

    async def breaks(session: AsyncSession, _actor: Actor, _event: Recorded) -> None:
        ran.append(1)
        if len(ran) == 1:
            own = await session.scalar(text("SELECT pg_backend_pid()"))
            await superuser.execute("SELECT pg_terminate_backend(%s)", [own])
            await session.execute(text("SELECT 1"))

    before = await left_behind(superuser)
    plant(breaks)
    await opened(member)
    assert len(ran) == 2
    assert (await left_behind(superuser))[0] == before[0] + 1


@pytest.fixture
async def breaks_at_commit(superuser: Superuser) -> AsyncIterator[None]:
    """Connections that end themselves when a new ticket is to be kept."""
    await superuser.execute(
        "CREATE FUNCTION public.break_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER break_off AFTER INSERT ON tickets"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.break_off()"
    )
    yield
    await superuser.execute("DROP FUNCTION public.break_off() CASCADE")


@pytest.mark.usefixtures("breaks_at_commit")
async def test_nobody_is_told_nothing_happened_when_that_is_not_known(
    member: AsyncClient, superuser: Superuser
) -> None:
    before = await left_behind(superuser)
    answer = await member.post("/v1/tickets", json=answers())
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome-unknown")
    assert "retry-after" in answer.headers
    assert await left_behind(superuser) == before


async def test_what_is_answered_is_kept_already(
    desk: Desk, member: AsyncClient, superuser: Superuser
) -> None:
    counted = []

    async def looking(scope: Any, receive: Any, send: Any) -> None:
        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                counted.append((await left_behind(superuser))[0])
            await send(message)

        await desk.app(scope, receive, answer)

    before = (await left_behind(superuser))[0]
    transport = httpx2.ASGITransport(app=looking)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        client.headers["Authorization"] = member.headers["Authorization"]
        await opened(client)
    assert counted == [before + 1]


async def test_a_pool_without_a_free_connection_says_so(
    desk: Desk, member: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = desk.app.state.database.engine
    monkeypatch.setattr(engine.pool, "_timeout", 0.05)
    held = [await engine.connect() for _ in range(engine.pool.size())]
    try:
        answer = await member.get("/v1/me")
    finally:
        for connection in held:
            await connection.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert (await member.get("/v1/me")).status_code == 200
