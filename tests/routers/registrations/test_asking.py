"""People ask to be let in themselves, confirm their address by mail, and wait."""

import asyncio
from pathlib import Path

from httpx2 import AsyncClient
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.pages import send, title
from tests.factories.people import OTHER_PASSWORD, PASSWORD, Clock, changed, new_network, newcomer
from tests.factories.registrations import (
    EVERYBODY,
    LINK,
    Door,
    approve,
    ask,
    claim_domains,
    confirm,
    mailed_link,
    may_sign_in,
    new_door,
    waiting,
)
from tests.mailbox import text_of
from tests.refusals import refusal


async def test_whoever_asks_confirms_his_address_waits_and_is_let_in(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    answer = await ask(caller, door.slug, email, message="I am *new*.")
    assert (answer.status_code, answer.content) == (202, b"")
    link = await mailed_link(desk, email)
    for _ in range(2):
        looked = await caller.get(link)
        assert looked.status_code == 200
        assert (looked.json()["portal"], looked.json()["email"]) == (door.slug, email)
    assert (await door.agent.get("/v1/registrations")).json()["items"] == []
    assert (await confirm(caller, link)).json() == {"state": "waiting"}
    assert not await may_sign_in(caller, door, email)
    desk.forget_mails()
    await desk.work()
    told = {str(mail["To"]) for mail in desk.mails()}
    assert told == {f"Newcomer <{door.agent_email}>", f"Newcomer <{door.boss_email}>"}
    (shown,) = (await door.agent.get("/v1/registrations")).json()["items"]
    assert shown["state"] == "waiting"
    assert shown["organization"]["id"] == door.company
    assert shown["message"] == "I am *new*."
    desk.forget_mails()
    answer = await approve(door.agent, shown["id"], door.company)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "approved"
    await desk.work()
    (mail,) = desk.mails()
    assert email in str(mail["To"])
    assert await may_sign_in(caller, door, email)
    client = await desk.sign_in(email, PASSWORD, door.slug)
    me = (await client.get("/v1/me")).json()
    assert me["id"] == answer.json()["person"]["id"]
    assert [(each["organization"]["id"], each["role"]) for each in me["memberships"]] == [
        (door.company, "member")
    ]


async def test_known_and_unknown_addresses_are_answered_and_written_down_alike(
    desk: Desk, door: Door, caller: AsyncClient, superuser: AsyncConnection
) -> None:
    known = await newcomer(desk, role="member", portal=door.slug)

    async def written_by(email: str) -> list[int]:
        async def counts() -> list[int]:
            found = []
            for table in (
                "public.registrations",
                "public.events",
                "public.timers",
                "queue.procrastinate_jobs",
                "public.guess_counters",
            ):
                rows = await superuser.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
                found.append((await rows.fetchone())[0])  # type: ignore[index]
            return found

        before = await counts()
        answer = await ask(caller, door.slug, email)
        assert (answer.status_code, answer.content) == (202, b"")
        return [new - old for new, old in zip(await counts(), before, strict=True)]

    await ask(caller, door.slug, door.address())
    assert await written_by(known.email) == await written_by(door.address()) == [1, 1, 1, 1, 1]


async def test_whoever_has_an_account_is_mailed_the_way_back_in_and_joins_nothing(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    known = await newcomer(desk, role="member", portal=door.slug)
    await ask(caller, door.slug, known.email.upper(), name="Not him")
    await desk.work()
    (mail,) = desk.mails(known.email)
    text = text_of(mail)
    assert "Du har allerede tilgang" in text
    assert "/password-resets/skl_" in text
    assert "skg_" not in text
    assert (await door.agent.get("/v1/registrations")).json()["items"] == []


async def test_somebody_inactive_hears_nothing(desk: Desk, door: Door, caller: AsyncClient) -> None:
    gone = await newcomer(desk, role="member", portal=door.slug)
    assert (await changed(door.agent, gone.id, state="inactive")).status_code == 200
    await ask(caller, door.slug, gone.email)
    await desk.work()
    assert desk.mails(gone.email) == []


async def test_a_link_does_not_join_an_account_made_meanwhile(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    await ask(caller, door.slug, email)
    link = await mailed_link(desk, email)
    made = await door.agent.post("/v1/people", json={"name": "Made by hand", "email": email})
    assert made.status_code == 201
    assert refusal(await confirm(caller, link)) == (404, "confirmation-of-no-use")
    waits = door.address()
    held = await waiting(desk, door, caller, waits)
    made = await door.agent.post("/v1/people", json={"name": "Made by hand", "email": waits})
    assert made.status_code == 201
    answer = await approve(door.agent, held["id"], door.company)
    assert refusal(answer) == (409, "address-overtaken")
    assert not await may_sign_in(caller, door, waits)


async def test_of_many_confirmations_at_once_one_counts(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    await ask(caller, door.slug, email)
    link = await mailed_link(desk, email)
    answers = await asyncio.gather(*(confirm(caller, link) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 19
    found = (await door.agent.get("/v1/registrations")).json()["items"]
    assert [each["email"] for each in found] == [email]


async def test_of_several_links_to_an_address_one_counts(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    links = []
    for _ in range(3):
        await ask(caller, door.slug, email)
        links.append(await mailed_link(desk, email))
    answers = await asyncio.gather(*(confirm(caller, link) for link in links * 3))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 8


async def test_whoever_asks_again_while_he_waits_is_told_that_he_does(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    await waiting(desk, door, caller, email)
    await ask(caller, door.slug, email)
    await desk.work()
    mail = desk.mails(email)[-1]
    assert "being looked at" in text_of(mail)
    assert "skg_" not in text_of(mail)


async def test_a_closed_portal_takes_nobody(caller: AsyncClient) -> None:
    shown = (await caller.get("/v1/portals/crm-service")).json()
    assert shown["self_registration"] is False
    answer = await ask(caller, "crm-service", "newcomer@acme.example")
    assert refusal(answer) == (403, "registration-closed")


async def test_nobody_floods_a_mailbox_or_the_portal(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    answers = [await ask(caller, door.slug, email) for _ in range(6)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    await desk.work()
    assert len(desk.mails(email)) == 3
    more = [await ask(caller, door.slug, door.address()) for _ in range(26)]
    refused = [answer for answer in more if answer.status_code == 429]
    assert len(refused) == 2
    assert refused[0].json()["code"] == "too-many-attempts"
    assert int(refused[0].headers["retry-after"]) > 0


async def test_a_mail_to_an_address_nobody_confirmed_repeats_nothing_that_was_entered(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    await ask(caller, door.slug, email, name="Buy pills", message="http://evil.example")
    await desk.work()
    (mail,) = desk.mails(email)
    whole = mail.as_string() + text_of(mail)
    assert "pills" not in whole
    assert "evil" not in whole


async def test_links_and_waiting_end_and_are_swept(
    desk: Desk, door: Door, hands: Clock, superuser: AsyncConnection
) -> None:
    client = desk.anybody(address=new_network())
    late, waits = door.address(), door.address()
    await ask(client, door.slug, late)
    link = await mailed_link(desk, late)
    await ask(client, door.slug, waits)
    await confirm(client, await mailed_link(desk, waits))
    hands.forward(hours=24)
    assert refusal(await confirm(client, link)) == (404, "confirmation-of-no-use")
    assert refusal(await client.get(link)) == (404, "confirmation-of-no-use")
    await desk.work()

    async def left() -> list[str]:
        rows = await superuser.execute(
            "SELECT email FROM registrations WHERE email = ANY (%s)", [[late, waits]]
        )
        return [email for (email,) in await rows.fetchall()]

    assert await left() == [waits]
    hands.forward(days=30)
    await desk.work()
    assert await left() == []


async def test_bad_input_changes_nothing(
    desk: Desk, door: Door, caller: AsyncClient, superuser: AsyncConnection
) -> None:
    async def rows() -> int:
        found = await superuser.execute("SELECT count(*) FROM registrations")
        return int((await found.fetchone())[0])  # type: ignore[index]

    before = await rows()
    for more in (
        {"email": "not an address"},
        {"email": "a@b\u0000.example"},
        {"name": " "},
        {"language": "xx"},
        {"message": ""},
        {"message": "x" * 2001},
        {"role": "boss"},
        {"email": None},
    ):
        answer = await ask(caller, door.slug, **{"email": door.address(), **more})  # type: ignore[arg-type]
        assert answer.status_code == 422, more
    assert (await ask(caller, "no-such", door.address())).status_code == 404
    assert await rows() == before
    email = door.address()
    await ask(caller, door.slug, email)
    link = await mailed_link(desk, email)
    easy = await confirm(caller, link, "newcomer newcomer")
    assert refusal(easy) == (422, "password-too-easy")
    assert refusal(await confirm(caller, link, "short")) == (422, "password-too-short")
    assert (await confirm(caller, link, OTHER_PASSWORD)).status_code == 200


async def test_where_there_is_no_frontend_pages_lead_from_asking_to_signing_in(
    desk: Desk, tmp_path: Path
) -> None:
    door = await new_door(desk, tmp_path, *EVERYBODY)
    await claim_domains(door, door.domain)
    browser = desk.anybody(address=new_network(), **{"Accept-Language": "en"})
    entrance = await browser.get(f"/portals/{door.slug}/sign-in")
    here = f"/portals/{door.slug}/register"
    assert here in entrance.text
    assert title(await browser.get(here)) == "Ask for access"
    wrong = await send(browser, here, name="Newcomer", email="nowhere")
    assert wrong.status_code == 422
    assert 'value="Newcomer"' in wrong.text
    assert (await send(browser, here, name=" ", email=door.address())).status_code == 422
    email = door.address()
    sent = await send(browser, here, name="Newcomer", email=email)
    assert (sent.status_code, title(sent)) == (200, "Look into your mailbox")
    await desk.work()
    link = LINK.findall(text_of(desk.mails(email)[-1]))[0]
    arrived = await browser.get(f"/registrations/{link}")
    assert email in arrived.text
    short = await send(browser, f"/registrations/{link}", password="short")
    assert short.status_code == 422
    done = await send(browser, f"/registrations/{link}", password=PASSWORD)
    assert (done.status_code, title(done)) == (200, "Your password is saved")
    assert await may_sign_in(browser, door, email)
    assert (await browser.get(f"/registrations/{link}")).status_code == 404
    closed = await browser.get("/portals/crm-service/register")
    assert closed.status_code == 403
    assert "/register" not in (await browser.get("/portals/crm-service/sign-in")).text
