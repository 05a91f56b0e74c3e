"""Mails about the security of one's account: what was changed, and what to do if it was not you."""

import asyncio

import pyotp
import pytest
from httpx2 import AsyncClient
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    Newcomer,
    changed,
    new_address,
    new_network,
    newcomer,
    signed_in,
)
from tests.mailbox import text_of

FACTORS = "/v1/me/factors"


@pytest.fixture
async def owner(desk: Desk) -> Newcomer:
    """Somebody whose account it is; of its setting up he hears nothing."""
    made = await newcomer(desk)
    await desk.work()
    assert desk.mails(made.email) == []
    return made


async def told(desk: Desk, email: str) -> list[str]:
    """The subjects of what somebody was mailed, once the worker has done its work."""
    await desk.work()
    return [str(mail["Subject"]).partition(": ")[2] for mail in desk.mails(email)]


async def in_english(client: AsyncClient) -> None:
    tag = (await client.get("/v1/me")).headers["etag"]
    answer = await client.patch("/v1/me", json={"language": "en"}, headers={"If-Match": tag})
    assert answer.status_code == 200


async def test_whoever_changes_his_password_is_told(desk: Desk, owner: Newcomer) -> None:
    client = await signed_in(desk, owner)
    await in_english(client)
    sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
    assert (await client.post("/v1/me/password", json=sent)).status_code == 200
    assert await told(desk, owner.email) == ["Your password was changed"]
    (mail,) = desk.mails(owner.email)
    text = text_of(mail)
    assert "If it was not you, choose a new password at once" in text
    assert "support@crm.example" in text
    for secret in (PASSWORD, OTHER_PASSWORD, "skl_"):
        assert secret not in mail.as_string()


async def test_a_new_password_by_link_is_told_too_and_a_first_one_not(
    desk: Desk, owner: Newcomer, agent: AsyncClient
) -> None:
    caller = desk.anybody(address=new_network())
    await caller.post("/v1/portals/crm-service/password-resets", json={"email": owner.email})
    await desk.work()
    token = text_of(desk.mails(owner.email)[0]).partition("/password-resets/")[2].split()[0]
    used = await caller.post(f"/v1/password-resets/{token}", json={"password": OTHER_PASSWORD})
    assert used.status_code == 204
    await desk.work()
    # In the portal's own language, as he has chosen none.
    assert "Salasanasi vaihdettiin" in str(desk.mails(owner.email)[-1]["Subject"])
    new = {"name": "Contact", "email": new_address(), "language": "en"}
    person = (await agent.post("/v1/people", json=new)).json()["id"]
    place = f"/v1/organizations/{owner.organization}/members/{person}"
    assert (await agent.put(place, json={"role": "perus"})).status_code == 200
    assert (await agent.post(f"/v1/people/{person}/activation")).status_code == 202
    await desk.work()
    token = text_of(desk.mails(new["email"])[0]).partition("/password-resets/")[2].split()[0]
    used = await caller.post(f"/v1/password-resets/{token}", json={"password": PASSWORD})
    assert used.status_code == 204
    await desk.work()
    assert len(desk.mails(new["email"])) == 1


async def test_second_factors_are_told_when_added_removed_and_reset(
    desk: Desk, owner: Newcomer, hands: Clock, agent: AsyncClient
) -> None:
    client = await signed_in(desk, owner)
    await in_english(client)

    async def add() -> str:
        begun = await client.post(FACTORS, json={"label": "Phone", "password": PASSWORD})
        path = f"{FACTORS}/{begun.json()['id']}"
        code = pyotp.TOTP(begun.json()["secret"]).at(hands.now)
        assert (await client.post(f"{path}/confirmation", json={"code": code})).status_code == 200
        hands.forward(seconds=30)
        return path

    path = await add()
    removed = await client.post(f"{path}/removal", json={"password": PASSWORD})
    assert removed.status_code == 204
    await add()
    assert (await agent.delete(f"/v1/people/{owner.id}/factors")).status_code == 204
    added = "A second factor was added to your account"
    assert sorted(await told(desk, owner.email)) == [
        added,
        added,
        "A second factor was removed from your account",
        "The second factors of your account were reset",
    ]


async def test_another_address_is_told_at_the_former_one_which_is_then_forgotten(
    desk: Desk, owner: Newcomer, agent: AsyncClient, superuser: AsyncConnection
) -> None:
    await in_english(await signed_in(desk, owner))
    first, second = new_address(), new_address()
    for email in (first, second):
        assert (await changed(agent, owner.id, email=email)).status_code == 200
    heading = "The e-mail address of your account was changed"
    assert await told(desk, owner.email) == [heading]
    assert await told(desk, first) == [heading]
    assert await told(desk, second) == []
    (mail,) = desk.mails(owner.email)
    assert first not in mail.as_string()
    assert second not in mail.as_string()
    rows = await superuser.execute(
        "SELECT data::text FROM events WHERE subject_id = %s", [owner.id]
    )
    journal = " ".join(str(data) for (data,) in await rows.fetchall())
    assert "@" not in journal


async def test_a_slip_that_is_mended_before_anybody_came_in_is_told_to_nobody(
    desk: Desk, agent: AsyncClient
) -> None:
    wrong = new_address()
    new = {"name": "Contact", "email": wrong}
    person = (await agent.post("/v1/people", json=new)).json()["id"]
    assert (await changed(agent, person, email=new_address())).status_code == 200
    assert await told(desk, wrong) == []


async def test_the_same_address_in_other_letters_is_no_other_address(
    desk: Desk, owner: Newcomer, agent: AsyncClient
) -> None:
    upper = owner.email.upper()
    assert (await changed(agent, owner.id, email=upper)).status_code == 200
    assert await told(desk, owner.email) == []


async def test_somebody_who_wants_no_mails_about_tickets_is_warned_all_the_same_and_once(
    desk: Desk, owner: Newcomer, agent: AsyncClient
) -> None:
    assert (await changed(agent, owner.id, muted=True, language="en")).status_code == 200
    client = await signed_in(desk, owner)
    sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
    answers = await asyncio.gather(*(client.post("/v1/me/password", json=sent) for _ in range(3)))
    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert await told(desk, owner.email) == ["Your password was changed"]
    assert await told(desk, owner.email) == ["Your password was changed"]
