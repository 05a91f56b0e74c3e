"""What a code is good for: once, in time, for the app it was given to."""

import asyncio

import pytest
from httpx2 import AsyncClient
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.apps import (
    CLAIMED,
    LOOPBACK,
    Flow,
    app_of,
    in_query,
)
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    Newcomer,
    changed,
)
from tests.routers.oauth2.conftest import refused


@pytest.mark.parametrize(
    "bent",
    [
        {"code_verifier": "a" * 43},
        {"code_verifier": "short"},
        {"code_verifier": "ü" * 50},
        {"redirect_uri": LOOPBACK},
        {"redirect_uri": "http://127.0.0.1:53683/back"},
        {"redirect_uri": CLAIMED},
        {"code": "sko_guessed"},
    ],
)
async def test_a_code_is_bound_to_address_and_verifier(
    flow: Flow, person: AsyncClient, bent: dict[str, str]
) -> None:
    code = await flow.code(person)
    assert refused(await flow.exchange(code, **bent), "invalid_grant")
    assert (await flow.exchange(code)).status_code == 200, "whoever has both still gets in"


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier", "grant_type"])
async def test_what_is_missing_is_said(flow: Flow, person: AsyncClient, missing: str) -> None:
    code = await flow.code(person)
    assert refused(await flow.exchange(code, **{missing: None}), "invalid_request")


async def test_a_code_is_good_for_the_app_it_was_given_to(
    desk: Desk, admin: AsyncClient, flow: Flow, web: Flow, person: AsyncClient
) -> None:
    other = Flow(desk, await app_of(admin), verifier=flow.verifier)
    code = await flow.code(person)
    assert refused(await other.exchange(code), "invalid_grant")
    stolen = await web.exchange(code, redirect_uri=flow.redirect_uri, code_verifier=flow.verifier)
    assert refused(stolen, "invalid_grant")
    assert (await flow.exchange(code)).status_code == 200


async def test_a_code_of_one_tenant_is_nothing_in_another(
    desk: Desk, flow: Flow, person: AsyncClient
) -> None:
    other_admin = await desk.client("admin@tvox.example", "tvox")
    other = Flow(desk, await app_of(other_admin), verifier=flow.verifier)
    code = await flow.code(person)
    assert refused(await other.exchange(code), "invalid_grant")
    tokens = (await flow.exchange(code)).json()
    assert refused(await other.refresh(tokens), "invalid_grant")
    assert (await other.posts("revoke", token=tokens["access_token"])).status_code == 200
    assert await flow.works(tokens)


async def test_a_code_is_good_for_a_minute(flow: Flow, person: AsyncClient, hands: Clock) -> None:
    first, second = await flow.code(person), await flow.code(person)
    hands.forward(seconds=59)
    assert (await flow.exchange(first)).status_code == 200
    hands.forward(seconds=1)
    assert refused(await flow.exchange(second), "invalid_grant")


async def test_a_code_used_again_ends_what_it_was_given_for(
    flow: Flow, person: AsyncClient
) -> None:
    code = await flow.code(person)
    tokens = (await flow.exchange(code)).json()
    assert await flow.works(tokens)
    assert refused(await flow.exchange(code), "invalid_grant")
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_grant")


async def test_of_many_who_show_a_code_at_once_nobody_keeps_anything(
    flow: Flow, person: AsyncClient
) -> None:
    code = await flow.code(person)
    answers = await asyncio.gather(*(flow.exchange(code) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 400, 400, 400]
    tokens = next(each.json() for each in answers if each.status_code == 200)
    assert not await flow.works(tokens)


@pytest.mark.parametrize("what", ["deactivated", "password"])
async def test_a_code_on_its_way_dies_with_its_persons_sessions(
    flow: Flow, lead: AsyncClient, person: AsyncClient, who: Newcomer, what: str
) -> None:
    code = await flow.code(person)
    if what == "deactivated":
        assert (await changed(lead, who.id, state="inactive")).status_code == 200
    else:
        sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
        assert (await person.post("/v1/me/password", json=sent)).status_code == 200
    assert refused(await flow.exchange(code), "invalid_grant")


async def test_secrets_are_kept_as_hashes(
    flow: Flow, person: AsyncClient, superuser: AsyncConnection
) -> None:
    request = await flow.request()
    path = f"/v1/authorizations/{request}/decision"
    told = (await person.post(path, json={"allow": True})).json()["redirect_to"]
    rows = await superuser.execute("SELECT r::text FROM authorization_requests r")
    kept = str(await rows.fetchall())
    for secret in (request, in_query(told)["code"]):
        assert secret not in kept
        assert secret.encode().hex() not in kept
