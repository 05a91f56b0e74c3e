"""What a script may do with an API key: what its scopes say, as its owner, and noted."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.keys import OWN_TICKETS, calling, key_of
from tests.factories.people import Clock, changed, new_address, newcomer, signed_in
from tests.factories.tickets import opened
from tests.refusals import refusal


async def test_me_says_that_a_key_acts_and_what_it_carries(desk: Desk, boss: AsyncClient) -> None:
    made = await key_of(boss, *OWN_TICKETS, name="Import")
    told = (await calling(desk, made).get("/v1/me")).json()
    assert told["id"] == (await boss.get("/v1/me")).json()["id"]
    assert told["acting_through"] == {
        "kind": "api_key",
        "id": made["id"],
        "name": "Import",
        "scopes": sorted(OWN_TICKETS),
        "organization": None,
    }
    assert told["permissions"] == sorted(OWN_TICKETS)
    assert (await boss.get("/v1/me")).json()["acting_through"] is None


async def test_a_key_does_what_its_scopes_say_and_nothing_else(
    desk: Desk, boss: AsyncClient
) -> None:
    script = calling(desk, await key_of(boss, "tickets:create", "tickets:read:own"))
    ticket = await opened(script)
    path = f"/v1/tickets/{ticket['id']}"
    said = await script.post(f"{path}/comments", json={"body": "A word"})
    assert said.status_code == 403
    tag = (await script.get(path)).headers["etag"]
    changed = await script.patch(path, json={"subject": "Other"}, headers={"If-Match": tag})
    assert changed.status_code == 403
    assert (await boss.post(f"{path}/comments", json={"body": "A word"})).status_code == 201


async def test_a_key_that_reads_no_ticket_is_told_so_when_it_opens_one(
    desk: Desk, admin: AsyncClient
) -> None:
    asker = await newcomer(desk)
    script = calling(desk, await key_of(admin, "tickets:open_on_behalf", "people:read"))
    new = {"type": "support", "subject": "S", "description": "D", "on_behalf_of": str(asker.id)}
    answer = await script.post("/v1/tickets", json=new)
    assert refusal(answer) == (403, "forbidden")
    assert "tickets:read:tenant" in answer.json()["detail"]


async def test_what_needs_no_permission_of_a_person_needs_a_scope_of_a_key(
    desk: Desk, lead: AsyncClient, boss: AsyncClient
) -> None:
    """Taking part in a ticket of others lets its owner read it, but not a key that reads none."""
    elsewhere = await signed_in(desk, await newcomer(desk))
    ticket = await opened(elsewhere)
    me = (await boss.get("/v1/me")).json()["id"]
    taken = await lead.post(f"/v1/tickets/{ticket['id']}/participants", json={"person": me})
    assert taken.status_code == 201, taken.text
    path = f"/v1/tickets/{ticket['id']}"
    assert (await boss.get(path)).status_code == 200
    blind = calling(desk, await key_of(boss, "tickets:create"))
    assert (await blind.get(path)).status_code == 404
    assert (await blind.get("/v1/tickets")).json()["items"] == []
    reads = calling(desk, await key_of(boss, "tickets:read:own"))
    assert (await reads.get(path)).status_code == 200
    assert (await reads.post(f"{path}/comments", json={"body": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v1/me", {"name": "Somebody Else"}),
        ("POST", "/v1/me/password", {"present": "x", "password": "a long enough one"}),
        ("GET", "/v1/me/sessions", None),
        ("DELETE", "/v1/me/sessions/00000000-0000-7000-8000-000000000000", None),
        ("DELETE", "/v1/sessions/current", None),
        ("GET", "/v1/api-keys", None),
        ("POST", "/v1/api-keys", {"name": "Another", "scopes": ["tickets:create"]}),
        ("POST", "/v1/api-keys/{own}/rotation", {}),
        ("DELETE", "/v1/api-keys/{own}", None),
    ],
)
async def test_a_key_changes_no_password_and_makes_no_key_or_session(
    desk: Desk, boss: AsyncClient, method: str, path: str, body: Any
) -> None:
    made = await key_of(boss, *OWN_TICKETS)
    script = calling(desk, made)
    headers = {"If-Match": "*"} if method == "PATCH" else {}
    answer = await script.request(
        method, path.replace("{own}", made["id"]), json=body, headers=headers
    )
    assert refusal(answer) == (403, "only-in-person")
    assert len((await boss.get("/v1/api-keys")).json()["items"]) == 1


@pytest.mark.parametrize("more", [(), ("roles:assign", "portal_access:grant")])
async def test_a_key_gives_its_owner_no_other_address_to_sign_in_with(
    desk: Desk, more: tuple[str, ...]
) -> None:
    """Whoever found it could have a link to a new password mailed there, and be its owner."""
    who = await newcomer(desk, role="lead", side="agent")
    owner = await signed_in(desk, who)
    key = calling(desk, await key_of(owner, "people:read", "people:write", *more))
    refused = await changed(key, who.id, email=new_address("thief"))
    assert refusal(refused) == (403, "role-above-ones-own" if more else "forbidden")
    assert (await owner.get("/v1/me")).json()["email"] == who.email
    assert (await changed(owner, who.id, phone="+358401234567")).status_code == 200


async def test_an_idempotency_key_of_a_person_is_not_his_api_keys(
    desk: Desk, boss: AsyncClient
) -> None:
    """A stored answer would show a key what its scopes do not."""
    sent = {"type": "support", "subject": "Once", "description": "How?"}
    headers = {"Idempotency-Key": "the-same"}
    first = await boss.post("/v1/tickets", json=sent, headers=headers)
    script = calling(desk, await key_of(boss, "tickets:create", "tickets:read:own"))
    second = await script.post("/v1/tickets", json=sent, headers=headers)
    assert second.status_code == 201
    assert "idempotent-replayed" not in second.headers
    assert second.json()["id"] != first.json()["id"]


async def test_what_a_key_does_is_its_owners_deed_and_names_the_key(
    desk: Desk, boss: AsyncClient, superuser: AsyncConnection
) -> None:
    made = await key_of(boss, *OWN_TICKETS)
    ticket = await opened(calling(desk, made))
    rows = await superuser.execute(
        "SELECT actor_id::text, api_key_id::text, session_id FROM events"
        " WHERE name = 'ticket.opened' AND ticket_id = %s",
        [ticket["id"]],
    )
    me = (await boss.get("/v1/me")).json()["id"]
    assert await rows.fetchall() == [(me, made["id"], None)]


async def test_its_last_use_is_noted_once_a_minute(
    desk: Desk, boss: AsyncClient, hands: Clock
) -> None:
    made = await key_of(boss, *OWN_TICKETS)

    async def last_used() -> Any:
        return (await boss.get(f"/v1/api-keys/{made['id']}")).json()["last_used_at"]

    assert await last_used() is None
    script = calling(desk, made)
    await script.get("/v1/me")
    first = await last_used()
    assert first
    hands.forward(seconds=50)
    await script.get("/v1/me")
    assert await last_used() == first
    hands.forward(seconds=20)
    await script.get("/v1/me")
    assert await last_used() > first


async def test_the_first_use_of_a_day_from_a_network_is_written_down(
    desk: Desk, boss: AsyncClient, superuser: AsyncConnection, hands: Clock
) -> None:
    made = await key_of(boss, *OWN_TICKETS)
    headers = {"Authorization": f"Bearer {made['key']}"}
    here, there = desk.anybody(address="198.51.100.7"), desk.anybody(address="203.0.113.9")
    for client in (here, here, there, here):
        assert (await client.get("/v1/me", headers=headers)).status_code == 200
    hands.forward(days=1)
    await here.get("/v1/me", headers=headers)
    rows = await superuser.execute(
        "SELECT data->>'network' FROM events WHERE name = 'api_key.used'"
        " AND data->>'api_key' = %s ORDER BY position",
        [made["id"]],
    )
    networks = [network for (network,) in await rows.fetchall()]
    assert networks == ["198.51.100.0/24", "203.0.113.0/24", "198.51.100.0/24"]


async def test_a_key_of_one_tenant_means_nothing_to_another(desk: Desk, boss: AsyncClient) -> None:
    """The tenant follows from the key: it reads its own, and nothing of another's exists."""
    elsewhere = await desk.client("lead@tvox.example", "tvox")
    people = (await elsewhere.get("/v1/people?limit=1")).json()["items"]
    script = calling(desk, await key_of(boss, *OWN_TICKETS))
    assert (await script.get("/v1/me")).json()["portal"] == "crm-service"
    assert (await script.get(f"/v1/people/{people[0]['id']}")).status_code == 404
