"""When an API key opens nothing: mistyped, misplaced, revoked, rotated, its owner's rights gone."""

from httpx2 import AsyncClient
from sqlalchemy import event

from tests.desk import Desk
from tests.factories.keys import ALL_TICKETS, OWN_TICKETS, calling, key_of
from tests.factories.people import Clock, changed, newcomer, signed_in
from tests.refusals import refusal


async def test_a_mistyped_key_is_refused_without_asking_the_database(
    desk: Desk, boss: AsyncClient
) -> None:
    key = (await key_of(boss, *OWN_TICKETS))["key"]
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
            assert refusal(answer) == (401, "unauthenticated"), slip
        assert asked == []
        assert (await calling(desk, key).get("/v1/me")).status_code == 200
        assert len([each for each in asked if "wall.enter" in each]) == 1
    finally:
        event.remove(engine, "before_cursor_execute", listener)


async def test_a_key_in_another_place_than_the_header_opens_nothing(
    desk: Desk, boss: AsyncClient
) -> None:
    key = (await key_of(boss, *OWN_TICKETS))["key"]
    assert (await desk.anybody().get(f"/v1/me?access_token={key}")).status_code in {401, 422}
    cookie = {"Cookie": f"__Host-skranke={key}"}
    assert (await desk.anybody().get("/v1/me", headers=cookie)).status_code == 401
    basic = {"Authorization": f"Basic {key}"}
    assert (await desk.anybody().get("/v1/me", headers=basic)).status_code == 401


async def test_a_key_dies_with_its_owners_account(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, role="paakayttaja")
    script = calling(desk, await key_of(await signed_in(desk, who), *OWN_TICKETS))
    assert (await script.get("/v1/me")).status_code == 200
    assert (await changed(lead, who.id, state="inactive")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401
    # Should he come back, they stay ended: he makes new ones.
    assert (await changed(lead, who.id, state="active")).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_key_dies_with_its_owners_right_to_have_one(desk: Desk, lead: AsyncClient) -> None:
    who = await newcomer(desk, role="paakayttaja")
    script = calling(desk, await key_of(await signed_in(desk, who), *OWN_TICKETS))
    place = f"/v1/organizations/{who.organization}/members/{who.id}"
    assert (await lead.put(place, json={"role": "perus"})).status_code == 200
    assert (await script.get("/v1/me")).status_code == 401
    assert (await lead.put(place, json={"role": "paakayttaja"})).status_code == 200
    assert (await script.get("/v1/me")).status_code == 200


async def test_a_key_carries_no_more_than_its_owner_has_left(
    desk: Desk, admin: AsyncClient
) -> None:
    who = await newcomer(desk, side="agent", role="tenant_admin")
    script = calling(
        desk, await key_of(await signed_in(desk, who), "definition:write", *ALL_TICKETS)
    )
    assert "definition:write" in (await script.get("/v1/me")).json()["permissions"]
    assert (await changed(admin, who.id, role="lead")).status_code == 200
    assert (await script.get("/v1/me")).json()["permissions"] == sorted(ALL_TICKETS)


async def test_a_revoked_key_opens_nothing_from_the_next_request_on(
    desk: Desk, boss: AsyncClient
) -> None:
    made = await key_of(boss, *OWN_TICKETS)
    script = calling(desk, made)
    assert (await script.get("/v1/me")).status_code == 200
    for _ in range(2):
        assert (await boss.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    assert (await script.get("/v1/me")).status_code == 401
    assert (await boss.get(f"/v1/api-keys/{made['id']}")).json()["state"] == "revoked"
    rotated = await boss.post(f"/v1/api-keys/{made['id']}/rotation", json={})
    assert refusal(rotated) == (409, "api-key-ended")


async def test_while_a_key_is_rotated_two_secrets_are_good(
    desk: Desk, boss: AsyncClient, hands: Clock
) -> None:
    first = await key_of(boss, *OWN_TICKETS)
    rotation = f"/v1/api-keys/{first['id']}/rotation"
    second = (await boss.post(rotation, json={"overlap_seconds": 3600})).json()
    assert second["id"] == first["id"]
    assert len(second["secrets"]) == 2
    for held in (first, second):
        assert (await calling(desk, held).get("/v1/me")).status_code == 200
    assert refusal(await boss.post(rotation, json={})) == (409, "rotation-under-way")
    hands.forward(seconds=3600)
    assert (await calling(desk, first).get("/v1/me")).status_code == 401
    assert (await calling(desk, second).get("/v1/me")).status_code == 200


async def test_a_leaked_key_is_rotated_without_overlap(desk: Desk, boss: AsyncClient) -> None:
    first = await key_of(boss, *OWN_TICKETS)
    rotation = f"/v1/api-keys/{first['id']}/rotation"
    second = (await boss.post(rotation, json={})).json()
    third = (await boss.post(rotation, json={"overlap_seconds": 0})).json()
    assert [
        (await calling(desk, held).get("/v1/me")).status_code for held in (first, second, third)
    ] == [401, 401, 200]
