"""People who ask to be let in themselves: by mail, by decision, by their address' domain."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from httpx2 import AsyncClient, Response
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.pages import send, title
from tests.factories.people import OTHER_PASSWORD, PASSWORD, Clock, changed, new_network, newcomer
from tests.factories.registrations import (
    EVERYBODY,
    LINK,
    ask,
    link_in,
    mailed_link,
    opened,
    somebody,
)
from tests.mailbox import text_of

_numbers = count(1)


class Door:
    """A portal of its own for a test, an agent and a company admin in it, and its domain."""

    def __init__(self, slug: str, domain: str) -> None:
        self.slug, self.domain = slug, domain
        self.agent: AsyncClient
        self.boss: AsyncClient
        self.agent_email = self.boss_email = self.company = ""

    def address(self, domain: str | None = None) -> str:
        return f"n-{uuid4().hex[:10]}@{domain or self.domain}"


async def _door(desk: Desk, folder: Path, *let_in_by: str) -> Door:
    number = next(_numbers)
    slug = await opened(desk, folder, f"open-{number}", f"OP{chr(64 + number)}", *let_in_by)
    door = Door(slug, f"company{number}.example")
    door.agent, door.agent_email, _ = await somebody(desk, slug, role="agent")
    door.boss, door.boss_email, company = await somebody(desk, slug, role="boss")
    door.company = str(company)
    return door


async def claim(door: Door, *domains: str) -> Response:
    """Say which e-mail domains the company has."""
    path = f"/v1/organizations/{door.company}"
    tag = (await door.agent.get(path)).headers["etag"]
    body = {"email_domains": list(domains)}
    return await door.agent.patch(path, json=body, headers={"If-Match": tag})


@pytest.fixture
async def door(desk: Desk, tmp_path: Path) -> Door:
    """Agents and company admins let people in; the company has its domain."""
    made = await _door(desk, tmp_path, "agent", "company_admin")
    assert (await claim(made, made.domain)).status_code == 200
    return made


@pytest.fixture
async def caller(desk: Desk) -> AsyncIterator[AsyncClient]:
    """Somebody in a network of his own, who has not signed in."""
    async with desk.anybody(address=new_network()) as client:
        yield client


async def confirm(client: AsyncClient, link: str, password: str = PASSWORD) -> Response:
    return await client.post(link, json={"password": password})


async def waiting(desk: Desk, door: Door, caller: AsyncClient, email: str) -> dict[str, Any]:
    """Somebody who has confirmed his address and waits, as the agent sees him."""
    assert (await ask(caller, door.slug, email, message="I am *new*.")).status_code == 202
    answer = await confirm(caller, await mailed_link(desk, email))
    assert (answer.status_code, answer.json()) == (200, {"state": "waiting"})
    found = (await door.agent.get("/v1/registrations?state=waiting")).json()["items"]
    return next(each for each in found if each["email"] == email)


async def approve(client: AsyncClient, held: str, organization: str, **more: Any) -> Response:
    body = {"organization": organization, **more}
    return await client.post(f"/v1/registrations/{held}/approval", json=body)


async def may_sign_in(client: AsyncClient, door: Door, email: str) -> bool:
    body = {"email": email, "password": PASSWORD}
    answer = await client.post(f"/v1/portals/{door.slug}/sessions", json=body)
    return answer.status_code == 201


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


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


async def test_an_address_of_a_verified_domain_is_let_in_at_once(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await _door(desk, tmp_path, *EVERYBODY)
    assert (await claim(door, "BÜCHER.example", door.domain)).status_code == 200
    email = door.address("xn--bcher-kva.example")
    await ask(caller, door.slug, email)
    # The mail server is told the domain in its own letters.
    await desk.work()
    (mail,) = [each for each in desk.mails() if email.partition("@")[0] in str(each["To"])]
    link = link_in(text_of(mail))
    assert (await confirm(caller, link)).json() == {"state": "approved"}
    assert await may_sign_in(caller, door, email)
    other = door.address("elsewhere.example")
    await ask(caller, door.slug, other)
    assert (await confirm(caller, await mailed_link(desk, other))).json() == {"state": "waiting"}


async def test_a_subdomain_and_an_inactive_organizations_domain_let_nobody_in(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await _door(desk, tmp_path, *EVERYBODY)
    await claim(door, door.domain)
    below = door.address(f"mail.{door.domain}")
    await ask(caller, door.slug, below)
    assert (await confirm(caller, await mailed_link(desk, below))).json() == {"state": "waiting"}
    path = f"/v1/organizations/{door.company}"
    tag = (await door.agent.get(path)).headers["etag"]
    gone = await door.agent.patch(path, json={"state": "inactive"}, headers={"If-Match": tag})
    assert gone.status_code == 200
    email = door.address()
    await ask(caller, door.slug, email)
    assert (await confirm(caller, await mailed_link(desk, email))).json() == {"state": "waiting"}
    shown = (await door.agent.get("/v1/registrations?state=waiting")).json()["items"]
    refused = await approve(door.agent, shown[0]["id"], door.company)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/organization"


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
    assert code(await confirm(caller, link)) == (404, "confirmation-of-no-use")
    waits = door.address()
    held = await waiting(desk, door, caller, waits)
    made = await door.agent.post("/v1/people", json={"name": "Made by hand", "email": waits})
    assert made.status_code == 201
    answer = await approve(door.agent, held["id"], door.company)
    assert code(answer) == (409, "address-overtaken")
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


async def test_of_many_approvals_at_once_one_counts(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    held = await waiting(desk, door, caller, email)
    both = (door.agent, door.boss)
    answers = await asyncio.gather(
        *(approve(both[number % 2], held["id"], door.company) for number in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    people = (await door.agent.get("/v1/people", params={"email": email})).json()["items"]
    assert len(people) == 1


async def test_an_approval_and_a_refusal_at_once_end_as_one_of_them(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    held = await waiting(desk, door, caller, door.address())
    path = f"/v1/registrations/{held['id']}/refusal"
    answers = await asyncio.gather(
        approve(door.agent, held["id"], door.company), door.boss.post(path, json={})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_whoever_is_refused_is_told_why_and_may_ask_again(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    email = door.address()
    held = await waiting(desk, door, caller, email)
    path = f"/v1/registrations/{held['id']}/refusal"
    answer = await door.boss.post(path, json={"reason": "Please ask *your* manager."})
    assert (answer.status_code, answer.json()["state"]) == (200, "refused")
    assert answer.json()["reason"] == "Please ask *your* manager."
    await desk.work()
    assert "manager" in text_of(desk.mails(email)[-1])
    assert not await may_sign_in(caller, door, email)
    assert code(await approve(door.agent, held["id"], door.company)) == (
        409,
        "registration-decided",
    )
    assert (await waiting(desk, door, caller, email))["id"] != held["id"]


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


async def test_company_admins_see_and_let_in_people_of_their_domains_alone(
    desk: Desk, door: Door, caller: AsyncClient
) -> None:
    ours, theirs = door.address(), door.address("elsewhere.example")
    mine = await waiting(desk, door, caller, ours)
    other = await waiting(desk, door, caller, theirs)
    seen = (await door.boss.get("/v1/registrations")).json()["items"]
    assert [each["id"] for each in seen] == [mine["id"]]
    for path in ("", "/approval", "/refusal"):
        body = {"organization": door.company} if path == "/approval" else {}
        url = f"/v1/registrations/{other['id']}{path}"
        answer = await (door.boss.post(url, json=body) if path else door.boss.get(url))
        assert code(answer) == (404, "registration-not-found")
    foreign = await somebody(desk, door.slug, role="boss")
    assert (await foreign[0].get("/v1/registrations")).json()["items"] == []
    answer = await approve(door.boss, mine["id"], str(foreign[2]))
    assert answer.status_code == 422
    above = await approve(door.boss, mine["id"], door.company, role="agent")
    assert code(above) == (422, "role-unknown")
    assert (await approve(door.boss, mine["id"], door.company, role="boss")).status_code == 200
    member = await somebody(desk, door.slug, role="member", organization=door.company)
    assert (await member[0].get("/v1/registrations")).json()["items"] == []


async def test_where_agents_alone_decide_company_admins_see_nobody(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await _door(desk, tmp_path, "agent")
    await claim(door, door.domain)
    held = await waiting(desk, door, caller, door.address())
    assert (await door.boss.get("/v1/registrations")).json()["items"] == []
    answer = await approve(door.boss, held["id"], door.company)
    assert code(answer) == (404, "registration-not-found")


async def test_where_company_admins_alone_decide_others_are_told_that_nobody_does(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await _door(desk, tmp_path, "company_admin")
    await claim(door, door.domain)
    stray = door.address("elsewhere.example")
    await ask(caller, door.slug, stray)
    link = await mailed_link(desk, stray)
    assert code(await confirm(caller, link)) == (403, "nobody-lets-in")
    held = await waiting(desk, door, caller, door.address())
    closed = await approve(door.agent, held["id"], door.company)
    assert code(closed) == (403, "registration-closed")
    assert (await approve(door.boss, held["id"], door.company)).status_code == 200


async def test_a_closed_portal_takes_nobody(caller: AsyncClient) -> None:
    shown = (await caller.get("/v1/portals/crm-service")).json()
    assert shown["self_registration"] is False
    answer = await ask(caller, "crm-service", "newcomer@acme.example")
    assert code(answer) == (403, "registration-closed")


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
    assert code(await confirm(client, link)) == (404, "confirmation-of-no-use")
    assert code(await client.get(link)) == (404, "confirmation-of-no-use")
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
    assert code(easy) == (422, "password-too-easy")
    assert code(await confirm(caller, link, "short")) == (422, "password-too-short")
    assert (await confirm(caller, link, OTHER_PASSWORD)).status_code == 200


async def test_domains_are_an_organizations_own(desk: Desk, tmp_path: Path) -> None:
    door = await _door(desk, tmp_path, *EVERYBODY)
    answer = await claim(door, " Acme-Own.example", "acme-own.EXAMPLE", "XN--BCHER-KVA.example")
    assert answer.json()["email_domains"] == ["acme-own.example", "bücher.example"]
    for domains, told in (
        (["gmail.com"], "email-domain-public"),
        (["Yahoo.co.uk"], "email-domain-public"),
        (["hotmail.se"], "email-domain-public"),
        (["no domain"], "email-domain-invalid"),
        (["acme"], "email-domain-invalid"),
        (["a@acme.example"], "email-domain-invalid"),
        (["127.0.0.1"], "email-domain-invalid"),
    ):
        refused = await claim(door, "fine.example", *domains)
        assert code(refused) == (422, told), domains
        assert refused.json()["errors"][0]["pointer"] == "/email_domains/1"
    path = f"/v1/organizations/{door.company}"
    kept = (await door.agent.get(path)).json()["email_domains"]
    assert kept == ["acme-own.example", "bücher.example"]
    other = {"name": "Other", "email_domains": ["bücher.example"]}
    assert code(await door.agent.post("/v1/organizations", json=other)) == (
        409,
        "email-domain-taken",
    )
    assert (await door.boss.get(path)).json()["email_domains"] == kept
    tag = (await door.agent.get(path)).headers["etag"]
    body: dict[str, list[str]] = {"email_domains": []}
    mine = await door.boss.patch(path, json=body, headers={"If-Match": tag})
    assert mine.status_code == 403
    assert (await claim(door)).json()["email_domains"] == []
    assert (await door.agent.post("/v1/organizations", json=other)).status_code == 201


async def test_of_many_organizations_that_want_a_domain_one_gets_it(
    desk: Desk, tmp_path: Path
) -> None:
    door = await _door(desk, tmp_path, *EVERYBODY)
    body = {"name": "Wants it", "email_domains": ["wanted.example", f"x{door.domain}"]}
    answers = await asyncio.gather(
        *(door.agent.post("/v1/organizations", json=body) for _ in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9


async def test_where_there_is_no_frontend_pages_lead_from_asking_to_signing_in(
    desk: Desk, tmp_path: Path
) -> None:
    door = await _door(desk, tmp_path, *EVERYBODY)
    await claim(door, door.domain)
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
