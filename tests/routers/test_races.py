"""Two who do opposite things at the same moment: whoever is shut out stays out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient

from app.domain.sign_in.guesses import bucket_of
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Newcomer,
    bearer,
    new_address,
    newcomer,
    signed_in,
    try_to_sign_in,
)

_ALIVE = (
    "SELECT count(*) FROM sessions s WHERE s.person_id = %s AND s.ended_at IS NULL"
    " AND s.expires_at > now()"
)


@pytest.fixture
async def somebody(desk: Desk) -> Newcomer:
    """Somebody who signs in just then."""
    return await newcomer(desk)


@asynccontextmanager
async def underway(addresses: Addresses, database_name: str) -> AsyncIterator[Any]:
    """A transaction that has written and has not committed: somebody else's request."""
    address = addresses.of("superuser", database_name)
    async with await psycopg.AsyncConnection.connect(address) as connection:
        yield connection


async def waits(request: "asyncio.Task[Any]") -> None:
    """Give a request time enough to be done, were there nothing to wait for."""
    await asyncio.wait([request], timeout=0.7)


async def test_whoever_is_deactivated_while_he_signs_in_is_not_let_in(
    addresses: Addresses, database_name: str, nobody: AsyncClient, somebody: Newcomer
) -> None:
    async with underway(addresses, database_name) as other:
        await other.execute("UPDATE people SET state = 'inactive' WHERE id = %s", [somebody.id])
        attempt = asyncio.create_task(try_to_sign_in(nobody, somebody.email))
        await waits(attempt)
        await other.commit()
        assert (await attempt).status_code == 401


async def test_an_attempt_is_counted_before_it_is_tried(
    addresses: Addresses,
    database_name: str,
    nobody: AsyncClient,
    somebody: Newcomer,
    superuser: Any,
) -> None:
    """So that it counts although the caller, or the process, is gone before the answer."""
    async with underway(addresses, database_name) as other:
        await other.execute("SELECT 1 FROM people WHERE id = %s FOR UPDATE", [somebody.id])
        attempt = asyncio.create_task(try_to_sign_in(nobody, somebody.email, OTHER_PASSWORD))
        await waits(attempt)
        assert not attempt.done()
        rows = await superuser.execute(
            "SELECT failures FROM guess_counters WHERE bucket = %s",
            [bucket_of("account", somebody.email)],
        )
        assert await rows.fetchone() == (1,)
        await other.rollback()
        assert (await attempt).status_code == 401


async def test_an_old_password_does_not_slip_in_while_a_new_one_is_set(
    addresses: Addresses,
    database_name: str,
    desk: Desk,
    nobody: AsyncClient,
    somebody: Newcomer,
    superuser: Any,
) -> None:
    """Whichever is first: a session that was begun with the old password ends."""
    client = await signed_in(desk, somebody)
    change = {"present": PASSWORD, "password": OTHER_PASSWORD}
    for _ in range(3):
        tries = [try_to_sign_in(nobody, somebody.email) for _ in range(3)]
        changing = client.post("/v1/me/password", json=change)
        changed, *attempts = await asyncio.gather(changing, *tries)
        assert changed.status_code == 200
        for attempt in attempts:
            if attempt.status_code == 201:
                answer = await nobody.get("/v1/me", headers=bearer(attempt))
                assert answer.status_code == 401
        rows = await superuser.execute(_ALIVE, [somebody.id])
        assert await rows.fetchone() == (1,)
        client.headers.update(bearer(changed))
        back = {"present": OTHER_PASSWORD, "password": PASSWORD}
        client.headers.update(bearer(await client.post("/v1/me/password", json=back)))


async def test_a_refresh_does_not_outlive_a_deactivation(
    addresses: Addresses,
    database_name: str,
    nobody: AsyncClient,
    somebody: Newcomer,
    superuser: Any,
) -> None:
    told = (await try_to_sign_in(nobody, somebody.email)).json()
    async with underway(addresses, database_name) as other:
        await other.execute("UPDATE people SET state = 'inactive' WHERE id = %s", [somebody.id])
        await other.execute(
            "UPDATE sessions SET ended_at = now() WHERE person_id = %s", [somebody.id]
        )
        sent = {"refresh_token": told["refresh_token"]}
        attempt = asyncio.create_task(nobody.post("/v1/sessions/refresh", json=sent))
        await waits(attempt)
        await other.commit()
        assert (await attempt).status_code == 401
    rows = await superuser.execute(_ALIVE, [somebody.id])
    assert await rows.fetchone() == (0,)


async def test_a_link_used_while_its_owner_is_deactivated_opens_nothing(
    addresses: Addresses, database_name: str, desk: Desk, nobody: AsyncClient, somebody: Newcomer
) -> None:
    await nobody.post("/v1/portals/crm-service/password-resets", json={"email": somebody.email})
    await desk.work()
    (mail,) = desk.mails(somebody.email)
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    link = "/v1" + text[text.index("/password-resets/") :].split(maxsplit=1)[0]
    async with underway(addresses, database_name) as other:
        await other.execute("UPDATE people SET state = 'inactive' WHERE id = %s", [somebody.id])
        attempt = asyncio.create_task(nobody.post(link, json={"password": OTHER_PASSWORD}))
        await waits(attempt)
        await other.commit()
        assert (await attempt).status_code == 404


async def test_many_who_sign_in_at_once_with_the_right_password_hold_nobody_up(
    desk: Desk, nobody: AsyncClient
) -> None:
    people = [await newcomer(desk) for _ in range(6)]
    answers = await asyncio.gather(
        *(try_to_sign_in(nobody, who.email) for who in people),
        *(try_to_sign_in(nobody, new_address()) for _ in range(6)),
    )
    assert [answer.status_code for answer in answers] == [201] * 6 + [401] * 6
