"""Links in mails: a new password after forgetting it (S3-10), the first one (S3-8, S4-6)."""

import asyncio
import re
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
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
    new_organization,
    newcomer,
    signed_in,
    try_to_sign_in,
)
from tests.mailbox import text_of

RESETS = "/v1/portals/crm-service/password-resets"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/password-resets/skl_[A-Za-z0-9_-]{43})")


async def ask(client: AsyncClient, email: str) -> Response:
    return await client.post(RESETS, json={"email": email})


def links_to(desk: Desk, email: str) -> list[str]:
    """The paths of the links somebody was mailed, oldest first."""
    return ["/v1" + LINK.findall(text_of(mail))[0] for mail in desk.mails(email)]


async def mailed_link(desk: Desk, email: str) -> str:
    """The path of the newest link somebody was mailed, once the worker has done its work."""
    await desk.work()
    return links_to(desk, email)[-1]


async def use(client: AsyncClient, link: str, password: str = OTHER_PASSWORD) -> Response:
    return await client.post(link, json={"password": password})


def of_no_use(answer: Response) -> bool:
    return (answer.status_code, answer.json().get("code")) == (404, "link-of-no-use")


@pytest.fixture
async def forgetful(desk: Desk) -> Newcomer:
    """Somebody who has forgotten his password."""
    return await newcomer(desk)


async def test_whoever_forgot_his_password_sets_a_new_one_by_a_link_in_a_mail(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer
) -> None:
    before = await signed_in(desk, forgetful)
    answer = await ask(nobody, forgetful.email.upper())
    assert (answer.status_code, answer.content) == (202, b"")
    link = await mailed_link(desk, forgetful.email)
    for _ in range(2):
        looked = await nobody.get(link)
        assert looked.status_code == 200
        assert looked.json()["purpose"] == "password_reset"
        assert looked.json()["portal"] == "crm-service"
        assert looked.json()["password_min_length"] == 15
    assert (await use(nobody, link)).status_code == 204
    assert (await before.get("/v1/me")).status_code == 401
    assert (await try_to_sign_in(nobody, forgetful.email, PASSWORD)).status_code == 401
    assert (await try_to_sign_in(nobody, forgetful.email, OTHER_PASSWORD)).status_code == 201


async def test_a_link_works_once(desk: Desk, nobody: AsyncClient, forgetful: Newcomer) -> None:
    await ask(nobody, forgetful.email)
    link = await mailed_link(desk, forgetful.email)
    answers = await asyncio.gather(
        *(use(nobody, link, f"{OTHER_PASSWORD} {number}") for number in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 19
    (winner,) = [number for number, answer in enumerate(answers) if answer.status_code == 204]
    last = await try_to_sign_in(nobody, forgetful.email, f"{OTHER_PASSWORD} {winner}")
    assert last.status_code == 201


async def test_a_password_that_is_refused_leaves_the_link_good(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer
) -> None:
    await ask(nobody, forgetful.email)
    link = await mailed_link(desk, forgetful.email)
    refused = await use(nobody, link, "too short")
    assert (refused.status_code, refused.json()["code"]) == (422, "password-too-short")
    assert refused.json()["errors"][0]["pointer"] == "/password"
    assert (await use(nobody, link)).status_code == 204


async def test_used_expired_and_unknown_links_answer_alike(
    desk: Desk, hands: Clock, forgetful: Newcomer
) -> None:
    caller = desk.anybody(address=new_network())
    other = await newcomer(desk)
    for email in (forgetful.email, other.email):
        await ask(caller, email)
    used, expired = await mailed_link(desk, forgetful.email), await mailed_link(desk, other.email)
    await use(caller, used)
    hands.forward(minutes=60)
    told = []
    for link in (used, expired, "/v1/password-resets/skl_unknown"):
        for answer in (await caller.get(link), await use(caller, link, PASSWORD)):
            assert of_no_use(answer)
            told.append({**answer.json(), "instance": ""})
    assert all(body == told[0] for body in told)


async def test_asking_is_answered_alike_whoever_has_the_address(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer, agent: AsyncClient
) -> None:
    gone = await newcomer(desk)
    await changed(agent, gone.id, state="inactive")
    await desk.work()
    desk.forget_mails()
    emails = [forgetful.email, gone.email, new_address(), "not an address"]
    answers = [await ask(nobody, email) for email in emails]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    await desk.work()
    assert [mail["To"] for mail in desk.mails()] == [f"Newcomer <{forgetful.email}>"]


async def test_asking_writes_the_same_down_whoever_has_the_address(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer, superuser: AsyncConnection
) -> None:
    """Else how long it takes would tell."""

    async def written_by(email: str) -> list[int]:
        counts = []
        for table in ("public.events", "queue.procrastinate_jobs", "public.guess_counters"):
            rows = await superuser.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            (row,) = await rows.fetchall()
            counts.append(row[0])
        await ask(nobody, email)
        after = []
        for table in ("public.events", "queue.procrastinate_jobs", "public.guess_counters"):
            rows = await superuser.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            (row,) = await rows.fetchall()
            after.append(row[0])
        return [new - old for new, old in zip(after, counts, strict=True)]

    await ask(nobody, new_address())
    assert await written_by(forgetful.email) == await written_by(new_address()) == [1, 1, 1]


async def test_nobody_floods_a_mailbox_by_asking_in_its_owners_name(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer
) -> None:
    answers = [await ask(nobody, forgetful.email) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {202}
    await desk.work()
    assert len(desk.mails(forgetful.email)) == 5


async def test_asking_again_in_somebodys_name_does_not_spoil_the_link_he_has(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer
) -> None:
    await ask(nobody, forgetful.email)
    first = await mailed_link(desk, forgetful.email)
    await ask(nobody, forgetful.email)
    second = await mailed_link(desk, forgetful.email)
    assert first != second
    assert (await use(nobody, first)).status_code == 204
    assert of_no_use(await use(nobody, second))


async def test_a_new_password_ends_every_link(
    desk: Desk, nobody: AsyncClient, forgetful: Newcomer
) -> None:
    await ask(nobody, forgetful.email)
    link = await mailed_link(desk, forgetful.email)
    client = await signed_in(desk, forgetful)
    told = {"present": PASSWORD, "password": OTHER_PASSWORD}
    assert (await client.post("/v1/me/password", json=told)).status_code == 200
    assert of_no_use(await use(nobody, link, "a third one, long enough"))


async def test_another_address_ends_every_link_to_the_old_one(
    desk: Desk, nobody: AsyncClient, agent: AsyncClient, forgetful: Newcomer
) -> None:
    await ask(nobody, forgetful.email)
    link = await mailed_link(desk, forgetful.email)
    moved = await changed(agent, forgetful.id, email=new_address())
    assert moved.status_code == 200
    assert of_no_use(await nobody.get(link))
    assert of_no_use(await use(nobody, link))


async def test_a_link_does_not_outlive_a_deactivation(
    desk: Desk, nobody: AsyncClient, agent: AsyncClient, forgetful: Newcomer
) -> None:
    await ask(nobody, forgetful.email)
    link = await mailed_link(desk, forgetful.email)
    for state in ("inactive", "active"):
        assert (await changed(agent, forgetful.id, state=state)).status_code == 200
        assert of_no_use(await nobody.get(link))
        assert of_no_use(await use(nobody, link))


async def test_a_reset_ends_the_wait_after_wrong_guesses(
    desk: Desk, forgetful: Newcomer, hands: Clock
) -> None:
    caller = desk.anybody(address=new_network())
    tries = [await try_to_sign_in(caller, forgetful.email, OTHER_PASSWORD) for _ in range(6)]
    assert tries[-1].status_code == 429
    await ask(caller, forgetful.email)
    await use(caller, await mailed_link(desk, forgetful.email))
    assert (await try_to_sign_in(caller, forgetful.email, OTHER_PASSWORD)).status_code == 201


# --- the first password --------------------------------------------------------------------------


async def made(agent: AsyncClient, desk: Desk, **more: Any) -> Newcomer:
    """Somebody an agent has put down, and put into an organization."""
    new = {"name": "Contact", "email": new_address(), "language": "en", **more}
    answer = await agent.post("/v1/people", json=new)
    assert answer.status_code == 201, answer.text
    company = await new_organization(desk)
    place = f"/v1/organizations/{company}/members/{answer.json()['id']}"
    assert (await agent.put(place, json={"role": "perus"})).status_code == 200
    return Newcomer(answer.json()["id"], new["email"], company)


async def test_an_agent_opens_the_portal_for_somebody_new(
    desk: Desk, agent: AsyncClient, nobody: AsyncClient
) -> None:
    organization = await agent.post("/v1/organizations", json={"name": "Fresh Oy"})
    assert organization.status_code == 201
    company = organization.json()["id"]
    new = {"name": "First Contact", "email": new_address(), "language": "it"}
    person = (await agent.post("/v1/people", json=new)).json()
    assert person["state"] == "invited"
    homeless = await agent.post(f"/v1/people/{person['id']}/activation")
    assert (homeless.status_code, homeless.json()["code"]) == (422, "cannot-sign-in")
    place = f"/v1/organizations/{company}/members/{person['id']}"
    assert (await agent.put(place, json={"role": "perus"})).status_code == 200
    opened = await agent.post(f"/v1/people/{person['id']}/activation")
    assert (opened.status_code, opened.json()["state"]) == (202, "invited")
    link = await mailed_link(desk, new["email"])
    (mail,) = desk.mails(new["email"])
    assert mail["Subject"].startswith("Benvenut")
    assert new["email"] in text_of(mail)
    assert (await nobody.get(link)).json()["purpose"] == "activation"
    assert (await try_to_sign_in(nobody, new["email"])).status_code == 401
    assert (await use(nobody, link, PASSWORD)).status_code == 204
    client = await desk.sign_in(new["email"], PASSWORD)
    me = (await client.get("/v1/me")).json()
    assert (me["state"], me["language"]) == ("active", "it")
    assert [place["organization"]["id"] for place in me["memberships"]] == [company]


async def test_an_activation_link_lasts_a_week(
    desk: Desk, agent: AsyncClient, hands: Clock
) -> None:
    caller = desk.anybody(address=new_network())
    somebody = await made(agent, desk)
    await agent.post(f"/v1/people/{somebody.id}/activation")
    link = await mailed_link(desk, somebody.email)
    hands.forward(days=6, hours=23)
    assert (await caller.get(link)).status_code == 200
    hands.forward(hours=1)
    assert of_no_use(await use(caller, link))


async def test_whoever_was_only_invited_cannot_ask_for_a_reset(
    desk: Desk, agent: AsyncClient, nobody: AsyncClient
) -> None:
    somebody = await made(agent, desk)
    assert (await ask(nobody, somebody.email)).status_code == 202
    await desk.work()
    assert desk.mails(somebody.email) == []


async def test_customers_open_the_portal_for_nobody(
    desk: Desk, company_admin: AsyncClient, member: AsyncClient
) -> None:
    colleague = (await (await desk.client("member2@acme.example")).get("/v1/me")).json()["id"]
    path = f"/v1/people/{colleague}/activation"
    assert (await company_admin.post(path)).status_code == 403
    assert (await member.post(path)).status_code == 404


async def test_opening_the_portal_for_an_agent_needs_more_than_for_a_customer(
    desk: Desk, agent: AsyncClient, lead: AsyncClient
) -> None:
    new = {"name": "New agent", "email": new_address(), "side": "agent", "role": "agent"}
    assert (await agent.post("/v1/people", json=new)).status_code == 403
    person = await lead.post("/v1/people", json=new)
    assert person.status_code == 201
    path = f"/v1/people/{person.json()['id']}/activation"
    assert (await agent.post(path)).status_code == 403
    assert (await lead.post(path)).status_code == 202


async def test_the_desk_demands_another_password_and_nothing_else_is_open_before(
    desk: Desk, agent: AsyncClient, nobody: AsyncClient
) -> None:
    """S4-20."""
    who = await newcomer(desk)
    client = await signed_in(desk, who)
    assert (await agent.post(f"/v1/people/{who.id}/password-expiry")).status_code == 204
    shut = await client.get("/v1/tickets")
    assert (shut.status_code, shut.json()["code"]) == (403, "password-change-required")
    state = (await try_to_sign_in(nobody, who.email)).json()["state"]
    assert state == "password_change_required"
    sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
    assert (await client.post("/v1/me/password", json=sent)).status_code == 200
    again = await try_to_sign_in(nobody, who.email, OTHER_PASSWORD)
    assert again.json()["state"] == "signed_in"


async def test_nobody_demands_a_password_of_himself_of_somebody_above_or_of_who_has_none(
    desk: Desk, agent: AsyncClient, member: AsyncClient
) -> None:
    who = await newcomer(desk)
    assert (await member.post(f"/v1/people/{who.id}/password-expiry")).status_code == 404
    himself = (await agent.get("/v1/me")).json()["id"]
    own = await agent.post(f"/v1/people/{himself}/password-expiry")
    assert (own.status_code, own.json()["code"]) == (403, "not-oneself")
    boss = await newcomer(desk, side="agent", role="lead")
    assert (await agent.post(f"/v1/people/{boss.id}/password-expiry")).status_code == 403
    new = {"name": "Nobody yet", "email": new_address()}
    invited = (await agent.post("/v1/people", json=new)).json()
    none = await agent.post(f"/v1/people/{invited['id']}/password-expiry")
    assert (none.status_code, none.json()["code"]) == (422, "no-password")
