"""A clock was a day ahead and is put back: nothing that was given meanwhile lives a day longer, and
nobody waits a day for what was counted."""

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.people import (
    Clock,
    Newcomer,
    bearer,
    newcomer,
    signed_in,
    try_to_sign_in,
)
from tests.factories.second_factors import challenged, confirmed, give


@pytest.fixture
async def somebody(desk: Desk) -> Newcomer:
    return await newcomer(desk)


async def test_an_access_token_of_tomorrow_is_refused_and_exchanged(
    somebody: Newcomer, elsewhere: httpx2.AsyncClient, hands: Clock
) -> None:
    hands.forward(days=1)
    tokens = await try_to_sign_in(elsewhere, somebody.email)
    assert (await elsewhere.get("/v1/me", headers=bearer(tokens))).status_code == 200
    hands.back(days=1)
    assert (await elsewhere.get("/v1/me", headers=bearer(tokens))).status_code == 401
    renewed = await elsewhere.post(
        "/v1/sessions/refresh", json={"refresh_token": tokens.json()["refresh_token"]}
    )
    assert (await elsewhere.get("/v1/me", headers=bearer(renewed))).status_code == 200
    hands.forward(minutes=11)
    assert (await elsewhere.get("/v1/me", headers=bearer(renewed))).status_code == 401


async def test_a_session_that_was_used_tomorrow_rests_from_its_next_use_on(
    somebody: Newcomer, elsewhere: httpx2.AsyncClient, hands: Clock
) -> None:
    cookie = await try_to_sign_in(elsewhere, somebody.email, delivery="cookie")
    own = {"Cookie": cookie.headers["set-cookie"].split(";")[0]}
    hands.forward(days=1)
    assert (await elsewhere.get("/v1/me", headers=own)).status_code == 200
    hands.back(days=1)
    assert (await elsewhere.get("/v1/me", headers=own)).status_code == 200
    hands.forward(days=14, minutes=2)
    assert (await elsewhere.get("/v1/me", headers=own)).status_code == 401


async def test_wrong_guesses_of_tomorrow_keep_nobody_out_today(
    somebody: Newcomer, elsewhere: httpx2.AsyncClient, hands: Clock
) -> None:
    hands.forward(days=1)
    told = [
        (await try_to_sign_in(elsewhere, somebody.email, "not it, I am afraid")).status_code
        for _ in range(7)
    ]
    assert told[-1] == 429
    hands.back(days=1)
    assert (await try_to_sign_in(elsewhere, somebody.email)).status_code == 201


async def test_a_code_of_tomorrow_keeps_no_code_of_today_out(
    desk: Desk, somebody: Newcomer, elsewhere: httpx2.AsyncClient, hands: Clock
) -> None:
    hands.forward(days=1)
    app, _ = await confirmed(await signed_in(desk, somebody), hands)
    hands.back(days=1)
    first = await challenged(elsewhere, somebody)
    code = app.code(hands)
    assert (await give(elsewhere, first, code=code)).status_code == 201
    again = await give(elsewhere, await challenged(elsewhere, somebody), code=code)
    assert again.status_code == 422
