"""Second factors: an app's code beside the password, recovery codes, and the portal that asks."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.desk import Desk
from tests.factories.people import (
    PASSWORD,
    Clock,
    Newcomer,
    bearer,
    new_network,
    newcomer,
    signed_in,
    try_to_sign_in,
)
from tests.factories.second_factors import FACTORS, App, begun, challenged, confirmed, give

Client = httpx2.AsyncClient


@pytest.fixture
async def wary(desk: Desk) -> Newcomer:
    """Somebody who is about to have a second factor."""
    return await newcomer(desk)


async def test_with_a_factor_a_right_password_gets_a_challenge_and_its_code_a_session(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, codes = await confirmed(await signed_in(desk, wary), hands)
    assert len(codes) == len(set(codes)) == 10
    challenge = await challenged(elsewhere, wary)
    answer = await give(elsewhere, challenge, code=app.code(hands))
    assert answer.json()["state"] == "signed_in"
    assert (await elsewhere.get("/v1/me", headers=bearer(answer))).json()["email"] == wary.email
    listed = (await elsewhere.get(FACTORS, headers=bearer(answer))).json()
    assert [factor["label"] for factor in listed["items"]] == ["Phone"]
    assert listed["recovery_codes_left"] == 10
    assert not listed["required"]


async def test_a_browser_gets_its_cookie_with_the_code_and_not_before(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    challenge = await challenged(elsewhere, wary, delivery="cookie")
    answer = await give(elsewhere, challenge, code=app.code(hands))
    assert answer.headers["set-cookie"].startswith("__Host-skranke=")
    assert answer.json()["access_token"] is None


async def test_a_code_is_taken_once_even_for_another_challenge(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    first, second = await challenged(elsewhere, wary), await challenged(elsewhere, wary)
    code = app.code(hands)
    assert (await give(elsewhere, first, code=code)).status_code == 201
    again = await give(elsewhere, second, code=code)
    assert (again.status_code, again.json()["code"]) == (422, "code-refused")
    assert again.json()["errors"][0]["pointer"] == "/code"


async def test_of_many_with_one_challenge_and_code_at_once_one_is_let_in(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    challenge, code = await challenged(elsewhere, wary), app.code(hands)
    answers = await asyncio.gather(*(give(elsewhere, challenge, code=code) for _ in range(5)))
    assert [answer.status_code for answer in answers].count(201) == 1


async def test_codes_of_the_steps_around_are_taken_and_older_ones_are_not(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    hands.forward(seconds=30)
    slow = app.code(hands)
    hands.forward(seconds=30)
    assert (await give(elsewhere, await challenged(elsewhere, wary), code=slow)).status_code == 201
    old = app.code(hands)
    hands.forward(seconds=60)
    refused = await give(elsewhere, await challenged(elsewhere, wary), code=old)
    assert refused.status_code == 422


async def test_a_challenge_lasts_ten_minutes(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    challenge = await challenged(elsewhere, wary)
    hands.forward(minutes=10, seconds=1)
    late = await give(elsewhere, challenge, code=app.code(hands))
    assert (late.status_code, late.json()["code"]) == (404, "challenge-of-no-use")


async def test_a_challenge_is_good_for_nothing_else(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    await confirmed(await signed_in(desk, wary), hands)
    challenge = await challenged(elsewhere, wary)
    for answer in (
        await elsewhere.get(f"/v1/password-resets/{challenge}"),
        await elsewhere.post(
            f"/v1/password-resets/{challenge}", json={"password": "nine dry cats under a bus"}
        ),
        await elsewhere.post(f"/v1/sessions/{challenge}/factor-setup", json={}),
    ):
        assert answer.status_code == 404
    bearing = await elsewhere.get("/v1/me", headers={"Authorization": f"Bearer {challenge}"})
    assert bearing.status_code == 401


async def test_a_challenge_dies_with_a_deactivation(
    desk: Desk, wary: Newcomer, elsewhere: Client, agent: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    challenge = await challenged(elsewhere, wary)
    path = f"/v1/people/{wary.id}"
    tag = (await agent.get(path)).headers["etag"]
    await agent.patch(path, json={"state": "inactive"}, headers={"If-Match": tag})
    assert (await give(elsewhere, challenge, code=app.code(hands))).status_code == 404


async def test_a_recovery_code_stands_in_for_the_app_once_however_it_is_typed(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    _, codes = await confirmed(await signed_in(desk, wary), hands)
    typed = codes[3].upper().replace("-", " ")
    answer = await give(elsewhere, await challenged(elsewhere, wary), recovery_code=typed)
    assert answer.status_code == 201
    listed = (await elsewhere.get(FACTORS, headers=bearer(answer))).json()
    assert listed["recovery_codes_left"] == 9
    again = await give(elsewhere, await challenged(elsewhere, wary), recovery_code=codes[3])
    assert again.status_code == 422
    assert again.json()["errors"][0]["pointer"] == "/recovery_code"


async def test_after_some_wrong_codes_one_waits_wherever_one_calls_from(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    challenge = await challenged(elsewhere, wary)
    answers = [await give(elsewhere, challenge, code="000000") for _ in range(7)]
    assert [answer.status_code for answer in answers][-1] == 429
    other = desk.anybody(address=new_network())
    right = await give(other, await challenged(other, wary), code=app.code(hands))
    assert right.status_code == 429
    hands.forward(minutes=16)
    freed = await give(other, await challenged(other, wary), code=app.code(hands))
    assert freed.status_code == 201


@pytest.mark.parametrize(
    "proof",
    [{}, {"code": "12345"}, {"code": "abcdef"}, {"code": "123456", "recovery_code": "x"}],
)
async def test_a_proof_is_one_code_of_one_kind(elsewhere: Client, proof: dict[str, str]) -> None:
    assert (await give(elsewhere, "skx_unknown", **proof)).status_code == 422


async def test_a_factor_counts_only_once_its_first_code_was_shown(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    app = await begun(client)
    wrong = await client.post(f"{FACTORS}/{app.id}/confirmation", json={"code": "000000"})
    assert wrong.status_code == 422
    assert (await try_to_sign_in(elsewhere, wary.email)).json()["state"] == "signed_in"
    later = await begun(client, "Tablet")
    listed = (await client.get(FACTORS)).json()["items"]
    assert [(factor["id"], factor["confirmed"]) for factor in listed] == [(later.id, False)]


async def test_adding_removing_and_new_codes_need_the_password(
    desk: Desk, wary: Newcomer, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    app, _ = await confirmed(client, hands)
    for path, body in (
        (FACTORS, {"label": "Mine now", "password": "not his"}),
        (f"{FACTORS}/{app.id}/removal", {"password": "not his"}),
        ("/v1/me/recovery-codes", {"password": "not his"}),
    ):
        answer = await client.post(path, json=body)
        assert answer.json()["code"] == "password-wrong"
    assert len((await client.get(FACTORS)).json()["items"]) == 1


async def test_a_factor_is_confirmed_and_removed_by_nobody_else(
    desk: Desk, wary: Newcomer, hands: Clock
) -> None:
    app, _ = await confirmed(await signed_in(desk, wary), hands)
    other = await signed_in(desk, await newcomer(desk))
    for deed, body in (("confirmation", {"code": "123456"}), ("removal", {"password": PASSWORD})):
        answer = await other.post(f"{FACTORS}/{app.id}/{deed}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "factor-not-found")


async def test_with_the_last_factor_go_the_recovery_codes(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    app, _ = await confirmed(client, hands)
    twice = await client.post(f"{FACTORS}/{app.id}/confirmation", json={"code": app.code(hands)})
    assert (twice.status_code, twice.json()["code"]) == (409, "factor-confirmed")
    removed = await client.post(f"{FACTORS}/{app.id}/removal", json={"password": PASSWORD})
    assert removed.status_code == 204
    listed = (await client.get(FACTORS)).json()
    assert (listed["items"], listed["recovery_codes_left"]) == ([], 0)
    assert (await try_to_sign_in(elsewhere, wary.email)).json()["state"] == "signed_in"


async def test_new_recovery_codes_take_the_place_of_the_old_ones(
    desk: Desk, wary: Newcomer, elsewhere: Client, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    _, old = await confirmed(client, hands)
    again = await client.post("/v1/me/recovery-codes", json={"password": PASSWORD})
    assert again.status_code == 201
    new = again.json()["items"]
    assert not set(old) & set(new)
    challenge = await challenged(elsewhere, wary)
    assert (await give(elsewhere, challenge, recovery_code=old[0])).status_code == 422
    assert (await give(elsewhere, challenge, recovery_code=new[0])).status_code == 201


async def test_nobody_has_more_than_five(desk: Desk, wary: Newcomer, hands: Clock) -> None:
    client = await signed_in(desk, wary)
    for number in range(5):
        await confirmed(client, hands, f"Phone {number}")
    sixth = await client.post(FACTORS, json={"label": "One more", "password": PASSWORD})
    assert (sixth.status_code, sixth.json()["code"]) == (422, "too-many-factors")


async def test_whoever_lost_his_phone_is_helped_by_the_desk_and_signed_out(
    desk: Desk, wary: Newcomer, elsewhere: Client, agent: Client, member: Client, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    await confirmed(client, hands)
    assert (await member.delete(f"/v1/people/{wary.id}/factors")).status_code == 404
    assert (await agent.delete(f"/v1/people/{wary.id}/factors")).status_code == 204
    assert (await client.get("/v1/me")).status_code == 401
    assert (await try_to_sign_in(elsewhere, wary.email)).json()["state"] == "signed_in"


async def test_an_agent_takes_no_factor_from_a_lead_nor_from_himself(
    desk: Desk, agent: Client
) -> None:
    boss = await newcomer(desk, side="agent", role="lead")
    refused = await agent.delete(f"/v1/people/{boss.id}/factors")
    assert refused.status_code == 403
    himself = (await agent.get("/v1/me")).json()["id"]
    assert (await agent.delete(f"/v1/people/{himself}/factors")).json()["code"] == "not-oneself"


async def test_a_portal_that_asks_lets_its_agents_in_with_a_factor_they_add_on_the_way(
    desk: Desk, strict: str, elsewhere: Client, hands: Clock
) -> None:
    wary = await newcomer(desk, side="agent", role="agent", portal=strict)
    sent = {"email": wary.email, "password": PASSWORD}
    state = (await elsewhere.post(f"/v1/portals/{strict}/sessions", json=sent)).json()
    assert state["state"] == "second_factor_setup_required"
    assert state["ways"] == ["totp"]
    early = await give(elsewhere, state["challenge"], code="123456")
    assert early.json()["code"] == "factor-not-found"
    path = f"/v1/sessions/{state['challenge']}/factor-setup"
    first = App((await elsewhere.post(path, json={})).json())
    app = App((await elsewhere.post(path, json={"label": "Phone"})).json())
    assert (await give(elsewhere, state["challenge"], code=first.code(hands))).status_code == 422
    answer = await give(elsewhere, state["challenge"], code=app.code(hands))
    assert answer.json()["state"] == "signed_in"
    assert len(answer.json()["recovery_codes"]) == 10
    mine = (await elsewhere.get(FACTORS, headers=bearer(answer))).json()
    assert mine["required"]
    kept = await elsewhere.post(
        f"{FACTORS}/{app.id}/removal", json={"password": PASSWORD}, headers=bearer(answer)
    )
    assert (kept.status_code, kept.json()["code"]) == (422, "second-factor-needed")


async def test_it_asks_company_admins_too_and_members_not(
    desk: Desk, strict: str, elsewhere: Client
) -> None:
    states = {}
    for role in ("member", "boss"):
        who = await newcomer(desk, role=role, portal=strict)
        sent = {"email": who.email, "password": PASSWORD}
        answer = await elsewhere.post(f"/v1/portals/{strict}/sessions", json=sent)
        states[role] = answer.json()["state"]
    assert states == {"member": "signed_in", "boss": "second_factor_setup_required"}


async def test_what_is_stored_of_a_factor_opens_with_nobodys_key_but_ours(
    desk: Desk, wary: Newcomer, superuser: Any, hands: Clock
) -> None:
    client = await signed_in(desk, wary)
    answer = await client.post(FACTORS, json={"label": "Phone", "password": PASSWORD})
    row = await superuser.execute(
        "SELECT sealed_secret FROM totp_factors WHERE person_id = %s", [wary.id]
    )
    (sealed,) = await row.fetchone()
    assert answer.json()["secret"].encode() not in sealed
