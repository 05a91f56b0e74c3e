"""Guests of a directory: made by an invitation, bound before they come, shut out when removed."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.database.session import Database
from app.domain.federation.providers import provider_for
from app.domain.invitations.guests import check_guests
from app.domain.people.actions import create_person
from app.domain.tenants.queries import definition_of
from app.reactions import reactions
from tests.desk import Desk
from tests.factories.definitions import Document
from tests.factories.directories import DIRECTORY
from tests.factories.federation import PORTAL
from tests.factories.people import (
    Clock,
    as_system,
    changed,
    new_address,
    new_organization_at,
    newcomer,
    signed_in_at,
)
from tests.factories.signed_in_elsewhere import bound_elsewhere
from tests.federation.conftest import Apply
from tests.mailbox import text_of
from tests.providers.browser import Browser
from tests.providers.entra import Entra


@pytest.fixture
async def inviting(apply: Apply, microsoft: Entra) -> AsyncIterator[Entra]:
    """The portal makes guests of its directory."""

    def bend(written: Document) -> None:
        written["sign_in"]["providers"] = [
            {
                "key": "microsoft",
                "kind": "entra",
                "directory": DIRECTORY,
                "client_id": microsoft.client_id,
                "client_secret": "certified",
                "authority": microsoft.base,
                "graph": microsoft.base,
                "invites_guests": True,
            }
        ]

    await apply(bend)
    microsoft.fails.clear()
    yield microsoft
    microsoft.fails.clear()


@pytest.fixture
async def agent(door: Desk) -> httpx2.AsyncClient:
    who = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    return await signed_in_at(door, who, PORTAL)


async def invited(door: Desk, agent: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    company = await new_organization_at(door, PORTAL)
    new = {"name": "Guest", "email": new_address("guest"), "organization": company}
    answer = await agent.post("/v1/invitations", json={**new, "role": "member", **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def link_of(door: Desk, address: str) -> str:
    await door.work()
    found = re.search(r"/invitations/(\S+)", text_of(door.mails(address)[-1]))
    assert found
    return found[1]


async def state_of(agent: httpx2.AsyncClient, invitation: dict[str, Any]) -> dict[str, Any]:
    listed = (await agent.get("/v1/invitations?limit=100")).json()["items"]
    return next(each for each in listed if each["id"] == invitation["id"])


async def accepted(door: Desk, held: Entra, browser: Browser, address: str) -> str:
    """Accept with whoever signs in at the directory now; answers where one ends up."""
    token = await link_of(door, address)
    going = await browser.post(
        f"/v1/invitations/{token}/accept", {"way": "microsoft", "return_to": "/first"}
    )
    assert going.status_code == 200, going.text
    back = await browser.come_back(await browser.go(going.json()["continue_at"]))
    return str(back.headers["location"])


async def test_an_invitation_makes_a_guest_and_only_that_account_redeems_it(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient, browser: Browser
) -> None:
    """S0-5, S0-7: guest in the provider's directory; the account must be the invited one."""
    invitation = await invited(door, agent)
    token = await link_of(door, invitation["email"])
    assert inviting.invited[-1]["invitedUserEmailAddress"] == invitation["email"]
    assert inviting.invited[-1]["sendInvitationMessage"] is False
    guest = next(each for each in inviting.accounts.values() if each.address == invitation["email"])

    inviting.who = guest
    early = await browser.sign_in(PORTAL, "microsoft", return_to="/in")
    assert early.headers["location"] == "/in?error=invitation-open"

    inviting.who = inviting.account(DIRECTORY, invitation["email"], home="another-guest")
    assert await accepted(door, inviting, browser, invitation["email"]) == (
        "/first?error=another-account"
    )
    assert (await browser.here.get(f"/v1/invitations/{token}")).status_code == 200

    inviting.who = guest
    assert await accepted(door, inviting, browser, invitation["email"]) == "/first"
    assert (await browser.me()).json()["id"] == invitation["person"]["id"]
    assert (await state_of(agent, invitation))["accepted_by"] == "microsoft"


async def test_another_address_is_another_guest(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient, browser: Browser
) -> None:
    """Sent again after a slip in the address: whoever has the wrong one cannot redeem it."""
    invitation = await invited(door, agent)
    await door.work()
    wrong = next(each for each in inviting.accounts.values() if each.address == invitation["email"])
    path = f"/v1/people/{invitation['person']['id']}"
    tag = (await agent.get(path)).headers["etag"]
    right = new_address("right")
    await agent.patch(path, json={"email": right}, headers={"If-Match": tag})
    await agent.post(f"/v1/invitations/{invitation['id']}/resend")
    await door.work()
    inviting.who = wrong
    assert await accepted(door, inviting, browser, right) == "/first?error=another-account"
    inviting.who = next(each for each in inviting.accounts.values() if each.address == right)
    assert await accepted(door, inviting, browser, right) == "/first"


async def test_the_guest_of_an_earlier_address_never_signs_in(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient, browser: Browser
) -> None:
    """Whoever has the wrong address is in the directory, and must not be somebody else here once
    that one has come in by a password."""
    invitation = await invited(door, agent)
    await door.work()
    wrong = next(each for each in inviting.accounts.values() if each.address == invitation["email"])
    path = f"/v1/people/{invitation['person']['id']}"
    right = new_address("right")
    assert (await changed(agent, invitation["person"]["id"], email=right)).status_code == 200
    assert (await agent.post(f"{path}/activation")).status_code == 202
    await door.work()
    link = re.search(r"/password-resets/(\S+)", text_of(door.mails(right)[-1]))
    assert link
    await browser.post(f"/v1/password-resets/{link[1]}", {"password": "seven lemons on a boat"})
    assert (await agent.get(path)).json()["state"] == "active"
    inviting.who = wrong
    came = await browser.sign_in(PORTAL, "microsoft", return_to="/in")
    assert came.headers["location"] == "/in?error=invitation-needed"


async def test_whoever_signs_in_elsewhere_alone_gets_no_password_by_asking(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient, browser: Browser
) -> None:
    """His mailbox is no way past what his provider asks of him; the desk may open one."""
    invitation = await invited(door, agent, way="microsoft")
    address = invitation["email"]
    await door.work()
    inviting.who = next(each for each in inviting.accounts.values() if each.address == address)
    assert await accepted(door, inviting, browser, address) == "/first"
    before = len(door.mails(address))
    asked = await browser.post(f"/v1/portals/{PORTAL}/password-resets", {"email": address})
    assert asked.status_code == 202
    await door.work()
    assert len(door.mails(address)) == before
    await agent.post(f"/v1/people/{invitation['person']['id']}/activation")
    await door.work()
    assert "/password-resets/" in text_of(door.mails(address)[-1])


async def test_a_directory_that_is_away_delays_and_one_that_refuses_is_told(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient
) -> None:
    inviting.fails.add("/invitations")
    waits = await invited(door, agent)
    await door.work()
    assert door.mails(waits["email"]) == []
    assert (await state_of(agent, waits))["state"] == "preparing"
    inviting.fails.clear()
    again = await agent.post(f"/v1/invitations/{waits['id']}/resend")
    assert again.status_code == 202
    assert await link_of(door, waits["email"])
    assert (await state_of(agent, waits))["state"] == "open"

    blocked = await invited(door, agent, email=f"{new_address('x').split('@')[0]}@blocked.example")
    await door.work()
    told = await state_of(agent, blocked)
    assert (told["state"], told["failure"]) == ("failed", "directory-refused")
    assert door.mails(blocked["email"]) == []


async def test_a_guest_who_is_removed_there_loses_access_here(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient, browser: Browser, hands: Clock
) -> None:
    """Nightly: removed or disabled is shut out, others stay, and no failing answer shuts out."""
    stays, leaves = await invited(door, agent), await invited(door, agent)
    other = Browser(door)
    for invitation, client in ((stays, browser), (leaves, other)):
        await door.work()
        inviting.who = next(
            each for each in inviting.accounts.values() if each.address == invitation["email"]
        )
        assert await accepted(door, inviting, client, invitation["email"]) == "/first"
    gone = next(each for each in inviting.accounts.values() if each.address == leaves["email"])
    del inviting.accounts[gone.oid]

    inviting.fails.add("/users")
    await night(door)
    assert (await other.me()).status_code == 200
    inviting.fails.clear()
    await night(door)
    assert (await other.me()).status_code == 401
    assert (await browser.me()).status_code == 200

    asked = len(inviting.asked)
    await night(door)
    assert len(inviting.asked) == asked, "asked once a day"
    hands.forward(hours=24)
    inviting.accounts[inviting.who.oid if inviting.who else ""] = gone
    kept = next(each for each in inviting.accounts.values() if each.address == stays["email"])
    kept.enabled = False
    await night(door)
    assert (await browser.me()).status_code == 401
    await other.close()


async def test_a_program_is_no_guest(
    door: Desk, inviting: Entra, agent: httpx2.AsyncClient
) -> None:
    """It is not among the people of the directory, and nobody asks for it there."""
    async with as_system(door, PORTAL) as (session, system):
        robot = await create_person(
            session, system, name="Robot", side="agent", role="agent", service=True
        )
        definition = await definition_of(session, system)
    rules = provider_for(definition, "microsoft")
    await bound_elsewhere(
        door, PORTAL, str(robot.id), provider="microsoft", issuer=rules.expected.issuer
    )
    await night(door)
    assert (await agent.get(f"/v1/people/{robot.id}")).json()["state"] == "active"


async def night(door: Desk) -> None:
    """What the worker does about every hour."""
    assert door.settings.worker_database_url
    database = Database(
        door.settings.worker_database_url,
        pool_size=2,
        name="night",
        info={"reactions": reactions()},
    )

    class Tools:
        settings = door.settings

        def __init__(self) -> None:
            self.database = database

    try:
        await check_guests(Tools())
    finally:
        await database.close()
