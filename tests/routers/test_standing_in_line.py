"""Whatever hashes a password stands in line; who is sent away comes again with the same link."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from app.web.turns import Turns
from tests.desk import Desk
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Newcomer,
    new_address,
    new_organization,
    newcomer,
    signed_in,
)
from tests.factories.registrations import ask, mailed_link, opened
from tests.mailbox import text_of

Client = httpx2.AsyncClient
BROWSER = {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def full(desk: Desk) -> Iterator[None]:
    """For the block, the line is as long as it may be."""
    usual = desk.app.state.password_turns
    desk.app.state.password_turns = Turns(at_once=1, longest=1, most_waiting=0)
    try:
        yield
    finally:
        desk.app.state.password_turns = usual


async def sent_away(desk: Desk, client: Client, path: str, **sent: Any) -> None:
    with full(desk):
        answer = await client.post(path, **sent)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), answer.text
    if "json" in sent:
        assert answer.json()["code"] == "overloaded"
    else:
        assert answer.headers["content-type"].startswith("text/html")


async def mailed(desk: Desk, address: str, kind: str) -> str:
    await desk.work()
    found: list[str] = re.findall(rf"/{kind}/[\w-]+", text_of(desk.mails(address)[-1]))
    return found[0]


async def invited(desk: Desk, agent: Client) -> str:
    new = {
        "name": "Guest",
        "email": new_address("guest"),
        "organization": await new_organization(desk),
        "role": "perus",
    }
    assert (await agent.post("/v1/invitations", json=new)).status_code == 201
    return await mailed(desk, new["email"], "invitations")


async def test_an_invitation_is_good_for_whoever_comes_again(desk: Desk, agent: Client) -> None:
    async with desk.anybody(**BROWSER) as guest:
        link = await invited(desk, agent)
        yes = {"way": "local", "password": PASSWORD}
        await sent_away(desk, guest, f"/v1{link}/accept", json=yes)
        assert (await guest.post(f"/v1{link}/accept", json=yes)).status_code == 200
        link = await invited(desk, agent)
        await sent_away(desk, guest, link, data={"password": PASSWORD})
        assert (await guest.post(link, data={"password": PASSWORD})).status_code == 303


async def test_an_address_is_confirmed_by_whoever_comes_again(desk: Desk, tmp_path: Path) -> None:
    portal = await opened(desk, tmp_path, "in-line", "INL", "agent")
    async with desk.anybody(**BROWSER) as guest:
        await ask(guest, portal, address := new_address())
        link = await mailed_link(desk, address)
        await sent_away(desk, guest, link, json={"password": PASSWORD})
        assert (await guest.post(link, json={"password": PASSWORD})).status_code == 200
        await ask(guest, portal, address := new_address())
        page = (await mailed_link(desk, address)).removeprefix("/v1").removesuffix("/confirmation")
        await sent_away(desk, guest, page, data={"password": PASSWORD})
        assert (await guest.post(page, data={"password": PASSWORD})).status_code == 200


async def forgotten(desk: Desk, guest: Client, who: Newcomer) -> str:
    path = "/v1/portals/crm-service/password-resets"
    assert (await guest.post(path, json={"email": who.email})).status_code == 202
    return await mailed(desk, who.email, "password-resets")


async def test_a_password_is_set_by_whoever_comes_again(desk: Desk) -> None:
    async with desk.anybody(**BROWSER) as guest:
        who = await newcomer(desk)
        link = await forgotten(desk, guest, who)
        await sent_away(desk, guest, f"/v1{link}", json={"password": OTHER_PASSWORD})
        await sent_away(desk, guest, link, data={"password": OTHER_PASSWORD})
        new = await guest.post(f"/v1{link}", json={"password": OTHER_PASSWORD})
        assert new.status_code == 204


async def test_so_is_whoever_repeats_his_password(desk: Desk) -> None:
    client = await signed_in(desk, await newcomer(desk))
    browser = desk.anybody(**BROWSER, Authorization=client.headers["Authorization"])
    again = {"present": PASSWORD, "password": OTHER_PASSWORD}
    factor = {"label": "Phone", "password": PASSWORD}
    await sent_away(desk, client, "/v1/me/password", json=again)
    await sent_away(desk, browser, "/portals/crm-service/password", data=again)
    await sent_away(desk, client, "/v1/me/factors", json=factor)
    await sent_away(desk, client, "/v1/me/recovery-codes", json={"password": PASSWORD})
    made = await client.post("/v1/me/factors", json=factor)
    assert made.status_code == 201
    path = f"/v1/me/factors/{made.json()['id']}/removal"
    await sent_away(desk, client, path, json={"password": PASSWORD})
    assert (await client.post(path, json={"password": PASSWORD})).status_code == 204
    assert (await client.post("/v1/me/password", json=again)).status_code == 200


async def test_who_goes_to_a_provider_keeps_nobody_waiting(desk: Desk, agent: Client) -> None:
    async with desk.anybody() as guest:
        link = await invited(desk, agent)
        with full(desk):
            answer = await guest.post(f"/v1{link}/accept", json={"way": "elsewhere"})
        assert (answer.status_code, answer.json()["code"]) == (422, "way-not-offered")
