"""API keys are made once shown, for no more than their maker may, and listed."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from psycopg import AsyncConnection

from app.kernel.secrets import fingerprint
from tests.desk import Desk
from tests.factories.keys import OWN_TICKETS, calling, key_of
from tests.factories.people import Clock, newcomer, signed_in
from tests.refusals import refusal


async def test_a_key_is_shown_once_and_kept_as_a_hash(
    boss: AsyncClient, superuser: AsyncConnection
) -> None:
    made = await key_of(boss, *OWN_TICKETS)
    assert re.fullmatch(r"skr_live_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", made["key"])
    read = (await boss.get(f"/v1/api-keys/{made['id']}")).json()
    assert "key" not in read
    assert made["key"] not in (await boss.get("/v1/api-keys")).text
    row = await (
        await superuser.execute(
            "SELECT fingerprint, api_key_secrets::text FROM api_key_secrets WHERE api_key_id = %s",
            [made["id"]],
        )
    ).fetchone()
    assert row
    assert row[0] == fingerprint(made["key"])
    assert made["key"].split("_")[3] not in row[1]


async def test_a_key_lasts_ninety_days_unless_said_and_a_year_at_most(
    boss: AsyncClient, desk: Desk, hands: Clock
) -> None:
    sent = {"name": "Key", "scopes": OWN_TICKETS, "expires_in_days": 366}
    assert (await boss.post("/v1/api-keys", json=sent)).status_code == 422
    made = await key_of(boss, *OWN_TICKETS)
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts == timedelta(days=90)
    assert (await calling(desk, made).get("/v1/me")).status_code == 200
    hands.forward(days=90)
    assert refusal(await calling(desk, made).get("/v1/me")) == (401, "unauthenticated")


async def test_a_replay_does_not_show_the_secret_again(boss: AsyncClient) -> None:
    sent = {"name": "Key", "scopes": OWN_TICKETS}
    again = {"Idempotency-Key": "once"}
    first = await boss.post("/v1/api-keys", json=sent, headers=again)
    assert first.status_code == 201
    second = await boss.post("/v1/api-keys", json=sent, headers=again)
    assert refusal(second) == (409, "already-created")
    assert len((await boss.get("/v1/api-keys")).json()["items"]) == 1


@pytest.mark.parametrize(
    "scopes",
    [
        ["no_such:verb"],
        ["tickets:read:tenant"],
        ["definition:write"],
        ["api_keys:create"],
        ["tickets:create", "people:write"],
    ],
)
async def test_no_key_may_more_than_its_maker(boss: AsyncClient, scopes: list[str]) -> None:
    answer = await boss.post("/v1/api-keys", json={"name": "Key", "scopes": scopes})
    assert refusal(answer) == (422, "scopes-above-ones-own")
    assert answer.json()["errors"][0]["pointer"] == f"/scopes/{len(scopes) - 1}"
    assert (await boss.get("/v1/api-keys")).json()["items"] == []


@pytest.mark.parametrize("scopes", [[], ["x" * 80], "tickets:create", [""], ["a:b"] * 61])
async def test_what_is_no_list_of_scopes_makes_no_key(boss: AsyncClient, scopes: Any) -> None:
    answer = await boss.post("/v1/api-keys", json={"name": "Key", "scopes": scopes})
    assert answer.status_code == 422


async def test_a_role_without_the_right_makes_no_key(member: AsyncClient) -> None:
    answer = await member.post("/v1/api-keys", json={"name": "Key", "scopes": ["tickets:create"]})
    assert refusal(answer) == (403, "forbidden")


async def test_nobody_makes_a_key_in_somebody_elses_name(
    desk: Desk, admin: AsyncClient, lead: AsyncClient
) -> None:
    person = (await newcomer(desk, side="agent", role="agent")).id
    sent = {"name": "Key", "scopes": ["tickets:create"], "person": person}
    assert refusal(await admin.post("/v1/api-keys", json=sent)) == (403, "not-a-service-account")
    assert refusal(await lead.post("/v1/api-keys", json=sent)) == (403, "forbidden")


async def test_an_administrator_takes_over_nobodys_key(desk: Desk, admin: AsyncClient) -> None:
    leader = await signed_in(desk, await newcomer(desk, side="agent", role="lead"))
    held = await key_of(leader, "tickets:create")
    answer = await admin.post(f"/v1/api-keys/{held['id']}/rotation", json={})
    assert refusal(answer) == (403, "not-a-service-account")
    assert (await calling(desk, held).get("/v1/me")).status_code == 200
    assert (await admin.delete(f"/v1/api-keys/{held['id']}")).status_code == 204
    assert (await calling(desk, held).get("/v1/me")).status_code == 401


async def test_an_administrator_sees_everybodys_keys_and_others_their_own(
    desk: Desk, admin: AsyncClient, boss: AsyncClient
) -> None:
    held = [(await key_of(boss, *OWN_TICKETS, name=name))["id"] for name in ("b", "a", "c")]
    mine = (await boss.get("/v1/api-keys?sort=name")).json()["items"]
    assert [each["name"] for each in mine] == ["a", "b", "c"]
    me = (await boss.get("/v1/me")).json()["id"]
    first = await admin.get(f"/v1/api-keys?person={me}&limit=2")
    second = await admin.get(
        f"/v1/api-keys?person={me}&limit=2&cursor={first.json()['next_cursor']}"
    )
    seen = [each["id"] for each in (*first.json()["items"], *second.json()["items"])]
    assert seen == held[::-1]
