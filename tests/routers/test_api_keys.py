"""API keys over HTTP: made once shown, good for so much, dead when they must be."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient
from psycopg import AsyncConnection
from sqlalchemy import event

from app.domain.api_keys.lifecycle import id_in, new_key, well_formed
from app.kernel.secrets import fingerprint
from tests.desk import Desk
from tests.factories.keys import calling, key_of, service_account
from tests.factories.people import Clock, changed, new_address, newcomer, signed_in

OWN = ("tickets:create", "tickets:read:own", "tickets:comment:own")
ALL_OF_IT = ("tickets:read:tenant", "tickets:comment:tenant", "tickets:update:tenant")


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    """The administrator of the tenant."""
    return await desk.client("admin@crm.example")


@pytest.fixture
async def boss(desk: Desk) -> AsyncClient:
    """A company admin of his own."""
    return await signed_in(desk, await newcomer(desk, role="paakayttaja"))


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def opened(client: AsyncClient, subject: str = "Opened") -> dict[str, Any]:
    new = {"type": "support", "subject": subject, "description": "How?"}
    answer = await client.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- made ----------------------------------------------------------------------------------------


async def test_a_key_is_shown_once_and_kept_as_a_hash(
    boss: AsyncClient, superuser: AsyncConnection
) -> None:
    made = await key_of(boss, *OWN)
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
    made = await key_of(boss, *OWN)
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts == timedelta(days=90)
    assert (await calling(desk, made).get("/v1/me")).status_code == 200
    hands.forward(days=90)
    assert code(await calling(desk, made).get("/v1/me")) == (401, "unauthenticated")
    sent = {"name": "Key", "scopes": OWN, "expires_in_days": 366}
    assert code(await boss.post("/v1/api-keys", json=sent))[0] in {401, 422}


async def test_a_replay_does_not_show_the_secret_again(boss: AsyncClient) -> None:
    sent = {"name": "Key", "scopes": OWN}
    again = {"Idempotency-Key": "once"}
    first = await boss.post("/v1/api-keys", json=sent, headers=again)
    assert first.status_code == 201
    second = await boss.post("/v1/api-keys", json=sent, headers=again)
    assert code(second) == (409, "already-created")
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
    assert code(answer) == (422, "scopes-above-ones-own")
    assert answer.json()["errors"][0]["pointer"] == f"/scopes/{len(scopes) - 1}"
    assert (await boss.get("/v1/api-keys")).json()["items"] == []


async def test_a_key_that_reads_no_ticket_is_told_so_when_it_opens_one(
    desk: Desk, admin: AsyncClient
) -> None:
    asker = await newcomer(desk)
    script = calling(desk, await key_of(admin, "tickets:open_on_behalf", "people:read"))
    new = {"type": "support", "subject": "S", "description": "D", "on_behalf_of": str(asker.id)}
    answer = await script.post("/v1/tickets", json=new)
    assert code(answer) == (403, "forbidden")
    assert "tickets:read:tenant" in answer.json()["detail"]


@pytest.mark.parametrize("scopes", [[], ["x" * 80], "tickets:create", [""], ["a:b"] * 61])
async def test_what_is_no_list_of_scopes_makes_no_key(boss: AsyncClient, scopes: Any) -> None:
    answer = await boss.post("/v1/api-keys", json={"name": "Key", "scopes": scopes})
    assert answer.status_code == 422


async def test_a_role_without_the_right_makes_no_key(member: AsyncClient) -> None:
    answer = await member.post("/v1/api-keys", json={"name": "Key", "scopes": ["tickets:create"]})
    assert code(answer) == (403, "forbidden")


async def test_nobody_makes_a_key_in_somebody_elses_name(
    desk: Desk, admin: AsyncClient, lead: AsyncClient
) -> None:
    person = (await newcomer(desk, side="agent", role="agent")).id
    sent = {"name": "Key", "scopes": ["tickets:create"], "person": person}
    assert code(await admin.post("/v1/api-keys", json=sent)) == (403, "not-a-service-account")
    assert code(await lead.post("/v1/api-keys", json=sent)) == (403, "forbidden")


async def test_an_administrator_takes_over_nobodys_key(desk: Desk, admin: AsyncClient) -> None:
    leader = await signed_in(desk, await newcomer(desk, side="agent", role="lead"))
    held = await key_of(leader, "tickets:create")
    answer = await admin.post(f"/v1/api-keys/{held['id']}/rotation", json={})
    assert code(answer) == (403, "not-a-service-account")
    assert (await calling(desk, held).get("/v1/me")).status_code == 200
    assert (await admin.delete(f"/v1/api-keys/{held['id']}")).status_code == 204
    assert (await calling(desk, held).get("/v1/me")).status_code == 401


# --- used ----------------------------------------------------------------------------------------


async def test_me_says_that_a_key_acts_and_what_it_carries(desk: Desk, boss: AsyncClient) -> None:
    made = await key_of(boss, *OWN, name="Import")
    told = (await calling(desk, made).get("/v1/me")).json()
    assert told["id"] == (await boss.get("/v1/me")).json()["id"]
    assert told["acting_through"] == {
        "kind": "api_key",
        "id": made["id"],
        "name": "Import",
        "scopes": sorted(OWN),
        "organization": None,
    }
    assert told["permissions"] == sorted(OWN)
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
    made = await key_of(boss, *OWN)
    script = calling(desk, made)
    headers = {"If-Match": "*"} if method == "PATCH" else {}
    answer = await script.request(
        method, path.replace("{own}", made["id"]), json=body, headers=headers
    )
    assert code(answer) == (403, "only-in-person")
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
    assert code(refused) == (403, "role-above-ones-own" if more else "forbidden")
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
    made = await key_of(boss, *OWN)
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
    made = await key_of(boss, *OWN)

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
    made = await key_of(boss, *OWN)
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


# --- refused -------------------------------------------------------------------------------------


async def test_a_mistyped_key_is_refused_without_asking_the_database(
    desk: Desk, boss: AsyncClient
) -> None:
    key = (await key_of(boss, *OWN))["key"]
    asked: list[str] = []
    engine = desk.app.state.database.engine.sync_engine
    listener = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listener)
    try:
        for slip in (
            key[:-1] + ("a" if key[-1] != "a" else "b"),
            key[:40] + ("a" if key[40] != "a" else "b") + key[41:],
            key.replace("skr_live", "skr_test"),
            key + "x",
            "skr_",
            "skr_live_x_y_z",
            key[:-7],
        ):
            answer = await calling(desk, slip).get("/v1/me")
            assert code(answer) == (401, "unauthenticated"), slip
        assert asked == []
        assert (await calling(desk, key).get("/v1/me")).status_code == 200
        assert len([each for each in asked if "wall.enter" in each]) == 1
    finally:
        event.remove(engine, "before_cursor_execute", listener)


async def test_a_key_in_another_place_than_the_header_opens_nothing(
    desk: Desk, boss: AsyncClient
) -> None:
    key = (await key_of(boss, *OWN))["key"]
    assert (await desk.anybody().get(f"/v1/me?access_token={key}")).status_code in {401, 422}
    cookie = {"Cookie": f"__Host-skranke={key}"}
    assert (await desk.anybody().get("/v1/me", headers=cookie)).status_code == 401
    basic = {"Authorization": f"Basic {key}"}
    assert (await desk.anybody().get("/v1/me", headers=basic)).status_code == 401


async def test_a_key_dies_with_its_owners_account(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, role="paakayttaja")
    script = calling(desk, await key_of(await signed_in(desk, who), *OWN))
    assert (await script.get("/v1/me")).status_code == 200
    assert (await changed(lead, who.id, state="inactive")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401
    # Should he come back, they stay ended: he makes new ones.
    assert (await changed(lead, who.id, state="active")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_key_dies_with_its_owners_right_to_have_one(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, role="paakayttaja")
    script = calling(desk, await key_of(await signed_in(desk, who), *OWN))
    place = f"/v1/organizations/{who.organization}/members/{who.id}"
    assert (await lead.put(place, json={"role": "perus"})).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401
    assert (await lead.put(place, json={"role": "paakayttaja"})).status_code == 200
    assert (await script.get("/v1/me")).status_code == 200


async def test_a_key_carries_no_more_than_its_owner_has_left(
    desk: Desk, admin: AsyncClient
) -> None:
    who = await newcomer(desk, side="agent", role="tenant_admin")
    script = calling(desk, await key_of(await signed_in(desk, who), "definition:write", *ALL_OF_IT))
    assert "definition:write" in (await script.get("/v1/me")).json()["permissions"]
    assert (await changed(admin, who.id, role="lead")).status_code == 200
    assert (await script.get("/v1/me")).json()["permissions"] == sorted(ALL_OF_IT)


async def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    desk: Desk, boss: AsyncClient
) -> None:
    made = await key_of(boss, *OWN)
    script = calling(desk, made)
    assert (await script.get("/v1/me")).status_code == 200
    for _ in range(2):
        assert (await boss.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    assert (await script.get("/v1/me")).status_code == 401
    assert (await boss.get(f"/v1/api-keys/{made['id']}")).json()["state"] == "revoked"
    rotated = await boss.post(f"/v1/api-keys/{made['id']}/rotation", json={})
    assert code(rotated) == (409, "api-key-ended")


# --- rotated -------------------------------------------------------------------------------------


async def test_while_a_key_is_rotated_two_secrets_are_good(
    desk: Desk, boss: AsyncClient, hands: Clock
) -> None:
    first = await key_of(boss, *OWN)
    rotation = f"/v1/api-keys/{first['id']}/rotation"
    second = (await boss.post(rotation, json={"overlap_seconds": 3600})).json()
    assert second["id"] == first["id"]
    assert len(second["secrets"]) == 2
    for held in (first, second):
        assert (await calling(desk, held).get("/v1/me")).status_code == 200
    assert code(await boss.post(rotation, json={})) == (409, "rotation-under-way")
    hands.forward(seconds=3600)
    assert (await calling(desk, first).get("/v1/me")).status_code == 401
    assert (await calling(desk, second).get("/v1/me")).status_code == 200


async def test_a_leaked_key_is_rotated_without_overlap(desk: Desk, boss: AsyncClient) -> None:
    first = await key_of(boss, *OWN)
    rotation = f"/v1/api-keys/{first['id']}/rotation"
    second = (await boss.post(rotation, json={})).json()
    third = (await boss.post(rotation, json={"overlap_seconds": 0})).json()
    assert [
        (await calling(desk, held).get("/v1/me")).status_code for held in (first, second, third)
    ] == [401, 401, 200]


# --- one organization ----------------------------------------------------------------------------


async def test_an_agents_key_of_one_organization_is_held_there_by_the_wall(
    desk: Desk, lead: AsyncClient, member: AsyncClient
) -> None:
    here = await newcomer(desk)
    mine, theirs = await opened(await signed_in(desk, here)), await opened(member)
    scopes = (
        *ALL_OF_IT,
        "organizations:read",
        "organizations:write",
        "people:read",
        "people:write",
    )
    made = await key_of(lead, *scopes, organization=here.organization)
    assert made["organization"]["id"] == here.organization
    script = calling(desk, made)
    seen = (await script.get("/v1/tickets?limit=100&include=total")).json()
    assert [each["id"] for each in seen["items"]] == [mine["id"]]
    assert seen["total"] == 1
    for path in ("", "/comments", "/history", "/access", "/participants", "/attachments"):
        assert (await script.get(f"/v1/tickets/{theirs['id']}{path}")).status_code == 404
        assert (await script.get(f"/v1/tickets/{mine['id']}{path}")).status_code == 200
    companies = (await script.get("/v1/organizations")).json()["items"]
    assert [each["id"] for each in companies] == [here.organization]
    people = (await script.get("/v1/people?limit=100")).json()["items"]
    assert {each["id"] for each in people} == {
        here.id,
        (await lead.get("/v1/me")).json()["id"],
    }
    made_elsewhere = await script.post("/v1/organizations", json={"name": "New Oy"})
    assert code(made_elsewhere) == (403, "outside-organization")
    new = {"name": "New", "email": "new-one@people.example"}
    assert code(await script.post("/v1/people", json=new)) == (403, "outside-organization")


async def test_a_customers_key_of_one_organization_knows_no_other_of_his(
    desk: Desk, lead: AsyncClient
) -> None:
    who = await newcomer(desk, role="paakayttaja")
    other = (await newcomer(desk)).organization
    granted = await lead.put(
        f"/v1/organizations/{other}/members/{who.id}", json={"role": "paakayttaja"}
    )
    assert granted.status_code == 200
    boss = await signed_in(desk, who)
    script = calling(desk, await key_of(boss, *OWN, organization=who.organization))
    companies = (await script.get("/v1/organizations")).json()["items"]
    assert [each["id"] for each in companies] == [who.organization]
    # Only one is left, so none need be named.
    assert (await opened(script))["organization"]["id"] == who.organization
    await lead.delete(f"/v1/organizations/{who.organization}/members/{who.id}")
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_key_of_one_organization_carries_nothing_that_reaches_over_the_tenant(
    desk: Desk, lead: AsyncClient
) -> None:
    organization = (await newcomer(desk)).organization
    sent = {"name": "Key", "scopes": ["roles:assign"], "organization": organization}
    assert code(await lead.post("/v1/api-keys", json=sent)) == (422, "scopes-above-ones-own")


@pytest.mark.parametrize("organization", ["00000000-0000-7000-8000-000000000000", "globex"])
async def test_a_key_is_not_bound_to_an_organization_one_does_not_see(
    boss: AsyncClient, stranger: AsyncClient, organization: str
) -> None:
    if organization == "globex":
        organization = (await stranger.get("/v1/organizations")).json()["items"][0]["id"]
    sent = {"name": "Key", "scopes": OWN, "organization": organization}
    answer = await boss.post("/v1/api-keys", json=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/organization"


# --- service accounts ----------------------------------------------------------------------------


async def test_a_service_account_acts_by_its_key_and_never_signs_in(
    desk: Desk, admin: AsyncClient
) -> None:
    robot = await service_account(admin)
    made = await key_of(admin, *ALL_OF_IT, person=robot)
    script = calling(desk, made)
    me = (await script.get("/v1/me")).json()
    assert (me["id"], me["service"], me["email"]) == (robot, True, None)
    assert code(await admin.post(f"/v1/people/{robot}/activation")) == (422, "cannot-sign-in")
    for change in ({"email": "robot@people.example"}, {"phone": "+358401234567"}):
        assert code(await changed(admin, robot, **change)) == (422, "reach-of-service")
    assert (await changed(admin, robot, name="Robot 2")).status_code == 200
    assert (await changed(admin, robot, state="inactive")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_service_accounts_key_does_not_outgrow_whoever_makes_it(
    admin: AsyncClient, lead: AsyncClient
) -> None:
    robot = await service_account(admin, role="agent")
    sent = {"name": "Key", "scopes": ["roles:assign"], "person": robot}
    assert code(await admin.post("/v1/api-keys", json=sent)) == (422, "scopes-above-ones-own")
    # A lead keeps no service accounts.
    new = {"name": "Robot", "side": "agent", "role": "agent", "service": True}
    assert code(await lead.post("/v1/people", json=new)) == (403, "forbidden")
    assert code(await changed(lead, robot, name="Mine")) == (403, "forbidden")


async def test_a_person_needs_an_address_and_a_service_account_has_none(admin: AsyncClient) -> None:
    nobody = await admin.post("/v1/people", json={"name": "Nobody"})
    assert code(nobody) == (422, "email-invalid")
    both = {"name": "Robot", "side": "agent", "role": "agent", "service": True}
    answer = await admin.post("/v1/people", json={**both, "email": "robot@people.example"})
    assert code(answer) == (422, "reach-of-service")


# --- lists ---------------------------------------------------------------------------------------


async def test_an_administrator_sees_everybodys_keys_and_others_their_own(
    desk: Desk, admin: AsyncClient, boss: AsyncClient
) -> None:
    held = [(await key_of(boss, *OWN, name=name))["id"] for name in ("b", "a", "c")]
    mine = (await boss.get("/v1/api-keys?sort=name")).json()["items"]
    assert [each["name"] for each in mine] == ["a", "b", "c"]
    me = (await boss.get("/v1/me")).json()["id"]
    first = await admin.get(f"/v1/api-keys?person={me}&limit=2")
    second = await admin.get(
        f"/v1/api-keys?person={me}&limit=2&cursor={first.json()['next_cursor']}"
    )
    seen = [each["id"] for each in (*first.json()["items"], *second.json()["items"])]
    assert seen == held[::-1]


async def test_a_key_of_one_tenant_means_nothing_to_another(desk: Desk, boss: AsyncClient) -> None:
    """The tenant follows from the key: it reads its own, and nothing of another's exists."""
    elsewhere = await desk.client("lead@tvox.example", "tvox")
    people = (await elsewhere.get("/v1/people?limit=1")).json()["items"]
    script = calling(desk, await key_of(boss, *OWN))
    assert (await script.get("/v1/me")).json()["portal"] == "crm-service"
    assert (await script.get(f"/v1/people/{people[0]['id']}")).status_code == 404


def test_every_key_says_which_it_is() -> None:
    for _ in range(200):
        key_id = uuid4()
        key = new_key("test", key_id)
        assert id_in(key) == key_id
        assert well_formed(key, "test")
        assert not well_formed(key, "live")
    assert id_in("skr_live_x") is None
