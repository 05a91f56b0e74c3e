"""Signing in over HTTP: with tokens, with a cookie, and being refused."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Newcomer,
    bearer,
    changed,
    new_address,
    newcomer,
    signed_in,
    try_to_sign_in,
)

COOKIE = "__Host-skranke"
SESSIONS = "/v1/portals/crm-service/sessions"


@pytest.fixture(scope="module")
async def somebody(desk: Desk) -> Newcomer:
    """Somebody of whom nothing comes to change."""
    return await newcomer(desk, name="Somebody New")


async def test_whoever_signs_in_gets_tokens_and_is_told_who_he_is(
    nobody: AsyncClient, somebody: Newcomer
) -> None:
    answer = await try_to_sign_in(nobody, somebody.email)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["state"], told["token_type"], told["expires_in"]) == ("signed_in", "Bearer", 600)
    assert told["person"] == {"id": somebody.id, "name": "Somebody New"}
    assert told["access_token"].startswith("ska_")
    assert told["refresh_token"].startswith("skf_")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert (await nobody.get("/v1/me", headers=bearer(answer))).json()["id"] == somebody.id


async def test_the_address_may_be_written_in_capitals_and_with_spaces_around_it(
    nobody: AsyncClient, somebody: Newcomer
) -> None:
    answer = await try_to_sign_in(nobody, f"  {somebody.email.upper()} ")
    assert answer.status_code == 201


async def test_the_same_password_in_another_unicode_form_is_the_same(
    desk: Desk, nobody: AsyncClient
) -> None:
    composed, decomposed = "kesäyön pitkä uni 7", "kesa\u0308yo\u0308n pitka\u0308 uni 7"
    somebody = await newcomer(desk)
    client = await signed_in(desk, somebody)
    told = {"present": PASSWORD, "password": composed}
    assert (await client.post("/v1/me/password", json=told)).status_code == 200
    assert (await try_to_sign_in(nobody, somebody.email, decomposed)).status_code == 201


async def test_the_address_of_another_portal_opens_nothing_here(nobody: AsyncClient) -> None:
    told = {"email": "member@acme.example", "password": PASSWORD}
    answer = await nobody.post("/v1/portals/no-such-portal/sessions", json=told)
    assert (answer.status_code, answer.json()["code"]) == (404, "portal-not-found")


async def test_people_of_one_tenant_are_strangers_in_another(
    nobody: AsyncClient, somebody: Newcomer
) -> None:
    told = {"email": somebody.email, "password": PASSWORD}
    answer = await nobody.post("/v1/portals/extend/sessions", json=told)
    assert answer.status_code == 401


def alike(answer: Response) -> dict[str, Any]:
    """All of an answer that could tell something."""
    body = answer.json()
    headers = dict(answer.headers)
    for header in ("x-request-id", "ratelimit"):
        headers.pop(header)
    assert body.pop("instance")
    return {"status": answer.status_code, "headers": headers, "body": body}


async def test_nobody_learns_from_a_refusal_whether_there_is_such_a_person(
    desk: Desk, nobody: AsyncClient, agent: AsyncClient
) -> None:
    known, inactive = await newcomer(desk), await newcomer(desk)
    assert (await changed(agent, inactive.id, state="inactive")).status_code == 200
    invited = new_address()
    made = await agent.post("/v1/people", json={"name": "Invited", "email": invited})
    assert made.json()["state"] == "invited"
    refusals = [
        await try_to_sign_in(nobody, known.email, OTHER_PASSWORD),
        await try_to_sign_in(nobody, new_address()),
        await try_to_sign_in(nobody, inactive.email, PASSWORD),
        await try_to_sign_in(nobody, inactive.email, OTHER_PASSWORD),
        await try_to_sign_in(nobody, invited),
        await try_to_sign_in(nobody, "no address at all"),
    ]
    first, *others = map(alike, refusals)
    assert first["status"] == 401
    assert first["body"]["code"] == "sign-in-refused"
    for other in others:
        assert other == first


async def test_refused_sign_ins_are_written_down_although_the_answer_is_a_problem(
    desk: Desk, nobody: AsyncClient, superuser: Any
) -> None:
    somebody = await newcomer(desk)
    await try_to_sign_in(nobody, somebody.email, OTHER_PASSWORD)
    await try_to_sign_in(nobody, somebody.email)
    rows = await superuser.execute(
        "SELECT name, data->>'reason', audience FROM events WHERE subject_id = %s"
        " AND name LIKE 'session.%%' ORDER BY position",
        [somebody.id],
    )
    assert await rows.fetchall() == [
        ("session.refused", "wrong", "system"),
        ("session.started", None, "system"),
    ]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"password": PASSWORD}, "/email"),
        ({"email": "a@b.example"}, "/password"),
        ({"email": "a@b.example", "password": PASSWORD, "delivery": "mail"}, "/delivery"),
        ({"email": "a@b.example", "password": PASSWORD, "role": "lead"}, "/role"),
        ({"email": "a\0@b.example", "password": PASSWORD}, "/email"),
        ({"email": "a@b.example", "password": "p\ud800"}, "/password"),
        ({"email": "a@b.example", "password": "p" * 1001}, "/password"),
        ({"email": ["a@b.example"], "password": PASSWORD}, "/email"),
    ],
)
async def test_what_cannot_be_tried_is_refused_with_its_place(
    nobody: AsyncClient, sent: dict[str, Any], pointer: str
) -> None:
    answer = await nobody.post(
        SESSIONS, content=json.dumps(sent), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


# --- with a cookie -------------------------------------------------------------------------------


async def cookie_of(client: AsyncClient, email: str) -> tuple[str, str]:
    """A session cookie: its value, and how it was set."""
    answer = await try_to_sign_in(client, email, delivery="cookie")
    assert answer.status_code == 201, answer.text
    assert answer.json()["access_token"] is None
    assert answer.json()["refresh_token"] is None
    how = answer.headers["set-cookie"]
    name, _, value = how.partition(";")[0].partition("=")
    assert name == COOKIE
    return value, how


def browser(desk: Desk, cookie: str, **headers: str) -> AsyncClient:
    return desk.anybody(**{"Cookie": f"{COOKIE}={cookie}", **headers})


async def test_a_browsers_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(
    desk: Desk, nobody: AsyncClient
) -> None:
    value, how = await cookie_of(nobody, (await newcomer(desk)).email)
    assert value.startswith("skc_")
    flags = {part.strip().lower() for part in how.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)


async def test_with_a_cookie_reading_needs_nothing_more(
    desk: Desk, nobody: AsyncClient, somebody: Newcomer
) -> None:
    value, _ = await cookie_of(nobody, somebody.email)
    async with browser(desk, value) as client:
        assert (await client.get("/v1/me")).json()["id"] == somebody.id


OUR_HEADER = {"X-Skranke-Request": "1"}
OURS, THEIRS = "http://127.0.0.1:8000", "https://elsewhere.example"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": OURS}, 403),
        ({**OUR_HEADER, "Origin": THEIRS}, 403),
        ({**OUR_HEADER, "Origin": "null"}, 403),
        ({**OUR_HEADER, "Origin": f"{OURS}.elsewhere.example"}, 403),
        ({**OUR_HEADER, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**OUR_HEADER, "Sec-Fetch-Site": "same-site"}, 403),
        ({**OUR_HEADER, "Origin": OURS}, 204),
        (OUR_HEADER, 204),
        ({**OUR_HEADER, "Sec-Fetch-Site": "same-origin"}, 204),
    ],
)
async def test_with_a_cookie_changing_needs_our_header_and_an_origin_of_ours(
    desk: Desk, nobody: AsyncClient, somebody: Newcomer, headers: dict[str, str], status: int
) -> None:
    value, _ = await cookie_of(nobody, somebody.email)
    async with browser(desk, value) as client:
        answer = await client.delete("/v1/sessions/current", headers=headers)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "cross-site-refused"
            assert (await client.get("/v1/me")).status_code == 200


async def test_a_bearer_needs_neither_header_nor_origin(desk: Desk) -> None:
    client = await signed_in(desk, await newcomer(desk))
    answer = await client.delete("/v1/sessions/current", headers={"Origin": THEIRS})
    assert answer.status_code == 204


async def test_signing_out_in_a_browser_takes_the_cookie_back_and_ends_it(
    desk: Desk, nobody: AsyncClient
) -> None:
    value, _ = await cookie_of(nobody, (await newcomer(desk)).email)
    async with browser(desk, value, **OUR_HEADER) as client:
        answer = await client.delete("/v1/sessions/current")
        assert answer.status_code == 204
        assert answer.headers["set-cookie"].startswith(f'{COOKIE}=""; ')
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert (await client.get("/v1/me")).status_code == 401


async def test_a_session_somebody_else_chose_is_never_taken_over(
    desk: Desk, nobody: AsyncClient
) -> None:
    somebody = await newcomer(desk)
    planted, _ = await cookie_of(nobody, (await newcomer(desk)).email)
    async with browser(desk, planted, **OUR_HEADER) as client:
        fresh, _ = await cookie_of(client, somebody.email)
    assert fresh != planted
    async with browser(desk, planted) as client:
        assert (await client.get("/v1/me")).json()["id"] != somebody.id


async def test_a_token_of_one_kind_is_of_no_use_as_another(
    desk: Desk, nobody: AsyncClient, somebody: Newcomer
) -> None:
    told = (await try_to_sign_in(nobody, somebody.email)).json()
    cookie, _ = await cookie_of(nobody, somebody.email)
    for token in (told["refresh_token"], cookie, told["access_token"][:-1], "", "ska_x"):
        headers = {"Authorization": f"Bearer {token}"}
        assert (await nobody.get("/v1/me", headers=headers)).status_code == 401
    for token in (told["access_token"], told["refresh_token"]):
        async with browser(desk, token) as client:
            assert (await client.get("/v1/me")).status_code == 401
    for token in (told["access_token"], cookie):
        answer = await nobody.post("/v1/sessions/refresh", json={"refresh_token": token})
        assert answer.status_code == 401
        assert answer.json()["code"] == "refresh-refused"


async def test_whoever_is_not_signed_in_is_told_how_to(nobody: AsyncClient) -> None:
    answer = await nobody.get("/v1/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == 'Bearer realm="skranke"'
