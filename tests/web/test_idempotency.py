"""`Idempotency-Key`: asking twice does once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from httpx2 import AsyncClient, Response

from app.jobs import housekeeping
from app.kernel import clock
from tests.bench import bench_of
from tests.desk import Desk
from tests.factories.tickets import answers, codes, person_of

Superuser = psycopg.AsyncConnection[Any]


@pytest.fixture
def key() -> str:
    return uuid4().hex


async def asked(client: AsyncClient, key: str, path: str = "/v1/tickets", **body: Any) -> Response:
    return await client.post(path, json=body or answers(), headers={"Idempotency-Key": key})


async def test_asking_again_shows_the_first_answer(member: AsyncClient, key: str) -> None:
    first = await asked(member, key)
    again = await asked(member, key)
    assert first.status_code == again.status_code == 201
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == first.content
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


async def test_a_key_in_quotes_is_the_same_key(member: AsyncClient, key: str) -> None:
    first = await asked(member, key)
    again = await asked(member, f'"{key}"')
    assert again.json()["id"] == first.json()["id"]


async def test_another_body_is_another_request(member: AsyncClient, key: str) -> None:
    await asked(member, key)
    answer = await asked(member, key, **answers(subject="Something else"))
    assert codes(answer)[:2] == (422, "idempotency-key-reused")


async def test_a_key_is_of_its_caller_and_its_path(
    member: AsyncClient, colleague: AsyncClient, key: str
) -> None:
    first = (await asked(member, key)).json()
    others = (await asked(colleague, key)).json()
    assert first["id"] != others["id"]
    said = await asked(member, key, f"/v1/tickets/{first['id']}/comments", body="Words.")
    assert said.status_code == 201
    assert "idempotent-replayed" not in said.headers


async def test_a_refusal_is_not_remembered(member: AsyncClient, key: str) -> None:
    refused = await asked(member, key, **answers(severity="sev99"))
    assert refused.status_code == 422
    assert (await asked(member, key)).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", '"', '"a', 'a"b', "é", "x" * 256])
async def test_a_key_that_is_none_is_refused(member: AsyncClient, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    answer = await member.post("/v1/tickets", json=answers(), headers=headers)
    assert codes(answer)[:2] == (422, "idempotency-key-invalid")


async def test_two_at_once_do_it_once(member: AsyncClient, superuser: Superuser, key: str) -> None:
    await superuser.execute("BEGIN")
    # Nobody opens a ticket, so the first is still running when the second comes.
    await superuser.execute("LOCK TABLE tickets IN SHARE MODE")
    first = asyncio.create_task(asked(member, key))
    await asyncio.sleep(0.3)
    second = await asked(member, key)
    await superuser.execute("COMMIT")
    made = await first
    assert codes(second)[:2] == (409, "idempotency-in-progress")
    assert int(second.headers["retry-after"]) >= 1
    assert made.status_code == 201
    assert (await asked(member, key)).json()["id"] == made.json()["id"]


async def test_many_at_once_make_one_ticket(
    member: AsyncClient, superuser: Superuser, key: str
) -> None:
    found = await asyncio.gather(*(asked(member, key) for _ in range(8)))
    assert {answer.status_code for answer in found} <= {201, 409}
    made = {answer.json()["id"] for answer in found if answer.status_code == 201}
    assert len(made) == 1


async def test_a_replay_shows_nothing_to_whoever_may_not_see_it_any_more(
    desk: Desk, superuser: Superuser, key: str
) -> None:
    someone = await desk.client("member2@globex.example")
    person = await person_of(desk, "member2@globex.example")
    ticket = (await asked(someone, key)).json()
    comments = f"/v1/tickets/{ticket['id']}/comments"
    said = await asked(someone, key, comments, body="Words.")
    assert said.status_code == 201
    await superuser.execute(
        "UPDATE memberships SET role = 'perus' WHERE person_id = %s", [person["id"]]
    )
    colleague = await person_of(desk, "member@globex.example")
    moved = "UPDATE tickets SET requester_id = %s WHERE id = %s"
    await superuser.execute(moved, [colleague["id"], ticket["id"]])
    assert codes(await asked(someone, key))[:2] == (404, "ticket-not-found")
    again = await asked(someone, key, comments, body="Words.")
    assert codes(again)[:2] == (404, "ticket-not-found")


async def test_a_replay_is_refused_to_whoever_has_been_shut_out(
    desk: Desk, agent: AsyncClient, superuser: Superuser, key: str
) -> None:
    new = {"side": "customer", "name": "Somebody new", "email": f"{key}@acme.example"}
    made = await asked(agent, key, "/v1/people", **new)
    assert made.status_code == 201
    role = "UPDATE roles SET permissions = array_remove(permissions, 'people:read') WHERE key = 'agent'"  # noqa: E501
    back = "UPDATE roles SET permissions = array_append(permissions, 'people:read') WHERE key = 'agent'"  # noqa: E501
    await superuser.execute(role)
    try:
        again = await asked(agent, key, "/v1/people", **new)
    finally:
        await superuser.execute(back)
    assert codes(again)[:2] == (404, "person-not-found")


async def test_answers_are_remembered_for_48_hours_and_then_swept(
    desk: Desk, member: AsyncClient, superuser: Superuser, key: str
) -> None:
    async def sweep_after(hours: int) -> None:
        made = "UPDATE idempotency_records SET created_at = %s WHERE key = %s"
        await superuser.execute(made, [clock.now() - timedelta(hours=hours), key])
        async with bench_of(desk) as bench:
            await housekeeping.sweep(bench)

    first = (await asked(member, key)).json()["id"]
    await sweep_after(49)
    assert (await asked(member, key)).json()["id"] == first
    await sweep_after(73)
    assert (await asked(member, key)).json()["id"] != first
