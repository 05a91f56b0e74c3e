"""A race lost at any statement of a request: it is run again, and happens once.

The server itself refuses the n-th statement, for every n up to COMMIT, as it does when two
transactions cannot both be right (40001) or wait for each other (40P01).
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import Response
from sqlalchemy import Connection, event

from tests.desk import Desk
from tests.factories.approvals import PORTAL, asked_about, decided, mended
from tests.factories.tickets import answers, opened

Superuser = psycopg.AsyncConnection[Any]
#: Makes what a request needs anew; answers the request.
Prepared = Callable[[Desk], Awaitable[Callable[[], Awaitable[Response]]]]

_CODES = ("40001", "40P01")
_LEFT_BEHIND = (
    "SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM comments),"
    " (SELECT count(*) FROM approval_decisions), (SELECT count(*) FROM events),"
    " (SELECT count(*) FROM timers), (SELECT count(*) FROM idempotency_records),"
    " (SELECT count(*) FROM queue.procrastinate_jobs),"
    " (SELECT coalesce(sum(version), 0) FROM tickets)"
)


@contextmanager
def refusing(desk: Desk, nth: int, code: str) -> Iterator[list[str]]:
    """The server refuses the n-th statement from now on, once. Yields what was said to it."""
    engine = desk.app.state.database.engine.sync_engine
    planted = f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END $$"
    said: list[str] = []

    def before(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> tuple[str, Any]:
        if statement == planted:
            return statement, parameters
        said.append(statement)
        return (planted, None) if len(said) == nth else (statement, parameters)

    def commit(connection: Any) -> None:
        said.append("COMMIT")
        if len(said) == nth:
            try:
                connection.cursor().execute(planted)
            finally:
                connection.rollback()  # as the server does where COMMIT fails
        keep(connection)

    keep = engine.dialect.do_commit
    event.listen(engine, "before_cursor_execute", before, retval=True)
    engine.dialect.do_commit = commit
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", before)
        engine.dialect.do_commit = keep


async def opening(desk: Desk) -> Callable[[], Awaitable[Response]]:
    member = await desk.client("member@acme.example")
    return lambda: member.post("/v1/tickets", json=answers())


async def opening_with_a_key(desk: Desk) -> Callable[[], Awaitable[Response]]:
    member = await desk.client("member@acme.example")
    key = {"Idempotency-Key": f"race-{uuid4()}"}
    return lambda: member.post("/v1/tickets", json=answers(), headers=key)


async def commenting(desk: Desk) -> Callable[[], Awaitable[Response]]:
    member = await desk.client("member@acme.example")
    path = f"/v1/tickets/{(await opened(member))['id']}/comments"
    return lambda: member.post(path, json={"body": "More of it."})


async def moving(desk: Desk) -> Callable[[], Awaitable[Response]]:
    agent = await desk.client("agent@crm.example")
    ticket = await opened(await desk.client("member@acme.example"))
    step = next(
        action["input"]["transition"]
        for action in (await agent.get(f"/v1/tickets/{ticket['id']}")).json()["allowed_actions"]
        if action["action"] == "transition" and action["allowed"] and not action["needs_comment"]
    )
    path = f"/v1/tickets/{ticket['id']}/transitions"
    return lambda: agent.post(path, json={"transition": step})


async def deciding(desk: Desk) -> Callable[[], Awaitable[Response]]:
    customer = await desk.client("member@acme.example", PORTAL)
    agent = await desk.client("agent@extend.example", PORTAL)
    approval = await asked_about(customer, await mended(customer, agent))
    return lambda: decided(customer, approval, "approved")


async def effects(superuser: Superuser, request: Callable[[], Awaitable[Response]]) -> Any:
    """What a request answers and what it leaves behind."""
    before = await (await superuser.execute(_LEFT_BEHIND)).fetchone()
    answer = await request()
    after = await (await superuser.execute(_LEFT_BEHIND)).fetchone()
    assert before is not None
    assert after is not None
    left = tuple(b - a for a, b in zip(before, after, strict=True))
    return answer.status_code, sorted(answer.json()), left


@pytest.mark.slow
@pytest.mark.parametrize(
    "prepared",
    [opening, opening_with_a_key, commenting, moving, deciding],
    ids=lambda prepared: prepared.__name__,
)
async def test_a_race_lost_at_any_statement_is_run_again_and_happens_once(
    desk: Desk, superuser: Superuser, prepared: Prepared
) -> None:
    with refusing(desk, 0, "") as said:
        expected = await effects(superuser, await prepared(desk))
        first = await prepared(desk)
        del said[:]
        assert await effects(superuser, first) == expected
        count = len(said)
    assert said[-1] == "COMMIT"
    assert expected[0] in {200, 201}
    assert count >= 4
    for nth in range(1, count + 1):
        request = await prepared(desk)
        with refusing(desk, nth, _CODES[nth % 2]) as said:
            told = await effects(superuser, request)
        assert told == expected, f"at statement {nth} of {count}: {said[nth - 1]}"
        assert len(said) > count, "nothing was refused"
    print(f"{prepared.__name__}: refused at each of {count} statements")  # noqa: T201
