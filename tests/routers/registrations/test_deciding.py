"""Who lets in or refuses those who wait: agents, company admins, as the portal says."""

import asyncio
from pathlib import Path

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.registrations import (
    Door,
    approve,
    ask,
    claim_domains,
    confirm,
    mailed_link,
    may_sign_in,
    new_door,
    somebody,
    waiting,
)
from tests.mailbox import text_of
from tests.refusals import refusal


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
    assert refusal(await approve(door.agent, held["id"], door.company)) == (
        409,
        "registration-decided",
    )
    assert (await waiting(desk, door, caller, email))["id"] != held["id"]


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
        assert refusal(answer) == (404, "registration-not-found")
    foreign = await somebody(desk, door.slug, role="boss")
    assert (await foreign[0].get("/v1/registrations")).json()["items"] == []
    answer = await approve(door.boss, mine["id"], str(foreign[2]))
    assert answer.status_code == 422
    above = await approve(door.boss, mine["id"], door.company, role="agent")
    assert refusal(above) == (422, "role-unknown")
    assert (await approve(door.boss, mine["id"], door.company, role="boss")).status_code == 200
    member = await somebody(desk, door.slug, role="member", organization=door.company)
    assert (await member[0].get("/v1/registrations")).json()["items"] == []


async def test_where_agents_alone_decide_company_admins_see_nobody(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await new_door(desk, tmp_path, "agent")
    await claim_domains(door, door.domain)
    held = await waiting(desk, door, caller, door.address())
    assert (await door.boss.get("/v1/registrations")).json()["items"] == []
    answer = await approve(door.boss, held["id"], door.company)
    assert refusal(answer) == (404, "registration-not-found")


async def test_where_company_admins_alone_decide_others_are_told_that_nobody_does(
    desk: Desk, tmp_path: Path, caller: AsyncClient
) -> None:
    door = await new_door(desk, tmp_path, "company_admin")
    await claim_domains(door, door.domain)
    stray = door.address("elsewhere.example")
    await ask(caller, door.slug, stray)
    link = await mailed_link(desk, stray)
    assert refusal(await confirm(caller, link)) == (403, "nobody-lets-in")
    held = await waiting(desk, door, caller, door.address())
    closed = await approve(door.agent, held["id"], door.company)
    assert refusal(closed) == (403, "registration-closed")
    assert (await approve(door.boss, held["id"], door.company)).status_code == 200
