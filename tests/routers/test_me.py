"""Oneself over HTTP: who one is, one's language, password and sessions."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    Newcomer,
    bearer,
    new_network,
    newcomer,
    signed_in,
    try_to_sign_in,
)


@pytest.fixture
async def somebody(desk: Desk) -> Newcomer:
    """A member of an organization of his own."""
    return await newcomer(desk, name="Some Body")


@pytest.fixture(scope="module")
async def settled(desk: Desk) -> AsyncClient:
    """Somebody of whom nothing comes to change."""
    return await signed_in(desk, await newcomer(desk, name="Some Body"))


@pytest.fixture
async def client(desk: Desk, somebody: Newcomer) -> AsyncClient:
    """His client."""
    return await signed_in(desk, somebody)


async def change_me(client: AsyncClient, **changes: Any) -> Response:
    tag = (await client.get("/v1/me")).headers["etag"]
    return await client.patch("/v1/me", json=changes, headers={"If-Match": tag})


async def change_password(
    client: AsyncClient, new: str, present: str = PASSWORD, **more: Any
) -> Response:
    return await client.post("/v1/me/password", json={"present": present, "password": new, **more})


async def test_one_sees_who_one_is_and_what_one_may_do(
    client: AsyncClient, somebody: Newcomer
) -> None:
    me = (await client.get("/v1/me")).json()
    assert (me["id"], me["email"], me["name"]) == (somebody.id, somebody.email, "Some Body")
    assert (me["side"], me["state"], me["portal"]) == ("customer", "active", "crm-service")
    assert me["must_change_password"] is False
    (place,) = me["memberships"]
    assert (place["organization"]["id"], place["role"]) == (somebody.organization, "perus")
    assert "tickets:create" in me["permissions"]
    assert me["permissions_by_organization"] == {somebody.organization: me["permissions"]}
    assert me["teams"] == []


async def test_one_changes_ones_own_name_language_and_mails(client: AsyncClient) -> None:
    answer = await change_me(client, name="Another Name", language="sv", muted=True)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["name"], told["language"], told["muted"]) == ("Another Name", "sv", True)


async def test_what_is_absent_stays_and_null_clears_what_can_be_empty(client: AsyncClient) -> None:
    await change_me(client, language="fi", muted=True)
    told = (await change_me(client, name="Only Name")).json()
    assert (told["language"], told["muted"]) == ("fi", True)
    assert (await change_me(client, language=None)).json()["language"] is None
    for field in ("name", "muted"):
        refused = await change_me(client, **{field: None})
        assert refused.status_code == 422
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "paakayttaja"},
        {"side": "agent"},
        {"state": "inactive"},
        {"email": "other@people.example"},
        {"id": "0190a0a0-0000-7000-8000-000000000000"},
        {"memberships": []},
        {"must_change_password": False},
        {"version": 7},
    ],
)
async def test_one_changes_nothing_else_of_oneself(
    settled: AsyncClient, change: dict[str, Any]
) -> None:
    before = (await settled.get("/v1/me")).json()
    refused = await change_me(settled, **change)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "unknown"
    assert (await settled.get("/v1/me")).json() == before


async def test_a_change_says_which_version_it_changes(client: AsyncClient) -> None:
    first = (await client.get("/v1/me")).headers["etag"]
    told = {"name": "New Name"}
    assert (await client.patch("/v1/me", json=told)).status_code == 428
    fresh = await client.patch("/v1/me", json=told, headers={"If-Match": first})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != first
    stale = await client.patch("/v1/me", json=told, headers={"If-Match": first})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    odd = await client.patch("/v1/me", json=told, headers={"If-Match": "yesterday's"})
    assert odd.status_code == 400


async def test_a_change_of_nothing_is_no_new_version(client: AsyncClient) -> None:
    first = await client.get("/v1/me")
    again = await change_me(client, name="Some Body")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.json() == first.json()


async def test_whoever_has_it_already_is_not_sent_it_again(client: AsyncClient) -> None:
    tag = (await client.get("/v1/me")).headers["etag"]
    answer = await client.get("/v1/me", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    await change_me(client, name="Changed")
    answer = await client.get("/v1/me", headers={"If-None-Match": tag})
    assert answer.status_code == 200


async def test_ones_own_language_wins_over_what_the_browser_asks_for(client: AsyncClient) -> None:
    async def title(languages: str) -> str:
        headers = {"Accept-Language": languages}
        answer = await client.get("/v1/tickets/no-such-ticket", headers=headers)
        return str(answer.json()["title"])

    asked = {tongue: await title(tongue) for tongue in ("nb", "sv", "fi", "da", "it", "en")}
    assert len(set(asked.values())) == 6
    assert await title("nn-NO, en;q=0.5") == await title("no") == asked["nb"]
    assert await title("de, it;q=0.3, sv;q=0.7") == asked["sv"]
    assert await title("de") == await title("*") == asked["en"]
    await change_me(client, language="fi")
    assert {await title(tongue) for tongue in asked} == {asked["fi"]}


# --- password ------------------------------------------------------------------------------------


async def test_a_new_password_ends_everything_else_and_goes_on_with_a_new_session(
    desk: Desk, client: AsyncClient, somebody: Newcomer, nobody: AsyncClient
) -> None:
    elsewhere = await signed_in(desk, somebody)
    first = await try_to_sign_in(nobody, somebody.email)
    answer = await change_password(client, OTHER_PASSWORD)
    assert answer.status_code == 200
    assert answer.json()["state"] == "signed_in"
    assert "set-cookie" not in answer.headers
    for ended in (elsewhere, client):
        assert (await ended.get("/v1/me")).status_code == 401
    token = {"refresh_token": first.json()["refresh_token"]}
    assert (await nobody.post("/v1/sessions/refresh", json=token)).status_code == 401
    assert (await nobody.get("/v1/me", headers=bearer(answer))).status_code == 200
    assert (await try_to_sign_in(nobody, somebody.email, PASSWORD)).status_code == 401
    assert (await try_to_sign_in(nobody, somebody.email, OTHER_PASSWORD)).status_code == 201


async def test_in_a_browser_the_new_session_comes_as_a_cookie(
    desk: Desk, somebody: Newcomer, nobody: AsyncClient
) -> None:
    signed = await try_to_sign_in(nobody, somebody.email, delivery="cookie")
    cookie = signed.headers["set-cookie"].partition(";")[0]
    async with desk.anybody(**{"Cookie": cookie, "X-Skranke-Request": "1"}) as browser:
        answer = await change_password(browser, OTHER_PASSWORD)
        assert answer.status_code == 200
        assert answer.json()["access_token"] is None
        fresh = answer.headers["set-cookie"].partition(";")[0]
        assert fresh != cookie
        assert (await browser.get("/v1/me")).status_code == 401
    async with desk.anybody(Cookie=fresh) as browser:
        assert (await browser.get("/v1/me")).status_code == 200


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("fourteen chars", "password-too-short"),
        ("ﬁ" * 7, "password-too-short"),
        ("every word in this sentence is one of many that it takes " * 3, "password-too-long"),
        ("password password", "password-too-easy"),
        ("aaaaaaaaaaaaaaaaaaaa", "password-too-easy"),
        ("123456789012345678", "password-too-easy"),
        ("qwertyuiopasdfghj", "password-too-easy"),
        ("P4ssw0rd!P4ssw0rd!", "password-too-easy"),
        ("some body some body", "password-too-easy"),
        ("SomeBody-2026-2027", "password-too-easy"),
        ("CRM-service Support Portal", "password-too-easy"),
        ("skranke-skranke-skranke", "password-too-easy"),
        (PASSWORD, "password-unchanged"),
    ],
)
async def test_a_password_that_is_easy_to_guess_is_refused_with_its_place(
    settled: AsyncClient, new: str, code: str
) -> None:
    answer = await change_password(settled, new)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/password"]
    assert (await settled.get("/v1/me")).status_code == 200


async def test_ones_own_address_is_no_password(client: AsyncClient, somebody: Newcomer) -> None:
    answer = await change_password(client, somebody.email)
    assert answer.json()["code"] == "password-too-easy"


async def test_the_present_password_must_be_right_and_guessing_it_gets_slow(
    desk: Desk, somebody: Newcomer, hands: Clock
) -> None:
    caller = desk.anybody(address=new_network())
    caller.headers.update(bearer(await try_to_sign_in(caller, somebody.email)))
    for number in range(5):
        answer = await change_password(caller, OTHER_PASSWORD, f"not the right one {number}")
        assert (answer.status_code, answer.json()["code"]) == (422, "password-wrong")
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/present"]
    waiting = await change_password(caller, OTHER_PASSWORD)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "1")
    elsewhere = desk.anybody(address=new_network())
    assert (await try_to_sign_in(elsewhere, somebody.email)).status_code == 201
    hands.forward(seconds=1)
    assert (await change_password(caller, OTHER_PASSWORD)).status_code == 200


async def test_of_two_who_change_it_at_once_both_end_with_one_password(
    desk: Desk, somebody: Newcomer, nobody: AsyncClient
) -> None:
    clients = [await signed_in(desk, somebody) for _ in range(2)]
    words = ["a first one, quite long", "a second one, as long"]
    answers = await asyncio.gather(
        *(change_password(one, new) for one, new in zip(clients, words, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    tries = [(await try_to_sign_in(nobody, somebody.email, new)).status_code for new in words]
    assert sorted(tries) == [201, 401]
    (kept,) = [answer for answer in answers if answer.status_code == 200]
    assert (await nobody.get("/v1/me", headers=bearer(kept))).status_code == 200


async def test_a_password_that_must_be_changed_leaves_three_routes(
    desk: Desk, nobody: AsyncClient
) -> None:
    """S4-20."""
    somebody = await newcomer(desk, must_change=True)
    answer = await try_to_sign_in(nobody, somebody.email)
    assert answer.json()["state"] == "password_change_required"
    async with desk.anybody(**bearer(answer)) as client:
        assert (await client.get("/v1/me")).json()["must_change_password"] is True
        for method, path, sent in (
            ("GET", "/v1/tickets", None),
            ("GET", "/v1/catalogue", None),
            ("GET", "/v1/me/sessions", None),
            ("GET", "/v1/people", None),
            ("PATCH", "/v1/me", {"name": "Somebody Else"}),
            ("POST", "/v1/tickets", {"type": "bug", "subject": "x"}),
        ):
            refused = await client.request(method, path, json=sent, headers={"If-Match": "*"})
            assert (refused.status_code, refused.json()["code"]) == (
                403,
                "password-change-required",
            )
        changed = await change_password(client, OTHER_PASSWORD)
    assert (changed.status_code, changed.json()["state"]) == (200, "signed_in")
    async with desk.anybody(**bearer(changed)) as client:
        assert (await client.get("/v1/tickets")).status_code == 200
        assert (await client.delete("/v1/sessions/current")).status_code == 204


# --- sessions ------------------------------------------------------------------------------------


async def test_one_sees_where_one_is_signed_in_and_signs_out_there(
    desk: Desk, client: AsyncClient, somebody: Newcomer
) -> None:
    phone = desk.anybody(**{"User-Agent": "A Telephone"})
    phone.headers.update(bearer(await try_to_sign_in(phone, somebody.email)))
    sessions = (await client.get("/v1/me/sessions")).json()["items"]
    assert [(held["current"], held["delivery"]) for held in sessions] == [
        (False, "tokens"),
        (True, "tokens"),
    ]
    assert sessions[0]["device"] == "A Telephone"
    assert sessions[0]["network"] == "127.0.0.1"
    path = f"/v1/me/sessions/{sessions[0]['id']}"
    assert (await client.delete(path)).status_code == 204
    assert (await phone.get("/v1/me")).status_code == 401
    assert (await client.delete(path)).status_code == 404
    assert len((await client.get("/v1/me/sessions")).json()["items"]) == 1


async def test_nobody_signs_somebody_else_out(
    desk: Desk, client: AsyncClient, agent: AsyncClient
) -> None:
    (held,) = (await client.get("/v1/me/sessions")).json()["items"]
    for other in (await signed_in(desk, await newcomer(desk)), agent):
        answer = await other.delete(f"/v1/me/sessions/{held['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "session-not-found")
        assert (await other.delete("/v1/me/sessions/not-an-id")).status_code == 404
    assert (await client.get("/v1/me")).status_code == 200


async def test_a_session_that_was_left_alone_too_long_is_not_shown(
    desk: Desk, somebody: Newcomer, hands: Clock
) -> None:
    caller = desk.anybody(address=new_network())
    await try_to_sign_in(caller, somebody.email)
    hands.forward(days=15)
    caller.headers.update(bearer(await try_to_sign_in(caller, somebody.email)))
    assert len((await caller.get("/v1/me/sessions")).json()["items"]) == 1
