"""The feed of changes tells nobody more than they could read themselves (S3-22)."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import psycopg

from tests.desk import Desk
from tests.factories.feed import EVERYTHING, after, names, now, script
from tests.factories.keys import calling, key_of, service_account
from tests.factories.people import new_organization
from tests.factories.tickets import Shown, changed, commented, opened

Client = httpx2.AsyncClient


async def test_who_may_not_follow_is_told_so(
    desk: Desk, administrator: Client, agent: Client, member: Client
) -> None:
    for client in (agent, member):
        refused = await client.get("/v1/changes")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    without = await script(desk, administrator, "tickets:read:tenant")
    assert (await without.get("/v1/changes")).status_code == 403


async def test_each_is_told_only_what_he_could_read(
    desk: Desk, administrator: Client, crm: Client, agent: Client, member: Client
) -> None:
    place = await now(desk, crm)
    ticket = await opened(member)
    await commented(agent, ticket, visibility="internal")
    await commented(member, ticket, visibility="private")
    await crm.put(f"/v1/organizations/by-reference/crm/{uuid4().hex}", json={"name": "Ini Oy"})
    said = {"name": "Contact", "email": f"{uuid4().hex}@people.example"}
    await crm.put(f"/v1/people/by-reference/crm/{uuid4().hex}", json=said)
    everything = names(await after(desk, crm, place))
    assert sorted(everything) == [
        "comment.added",
        "comment.added",
        "organization.created",
        "person.created",
        "ticket.opened",
    ]

    async def told_with(*scopes: str) -> list[str]:
        async with await script(desk, administrator, "changes:read", *scopes) as client:
            return names(await after(desk, client, place))

    assert await told_with() == []
    assert await told_with("organizations:read") == ["organization.created"]
    assert await told_with("people:read") == ["person.created"]
    # The private one is for the agents' side; the internal one for those who read notes.
    assert await told_with("tickets:read:tenant") == ["ticket.opened", "comment.added"]
    noted = await told_with("tickets:read:tenant", "comments:internal")
    assert noted == ["ticket.opened", "comment.added", "comment.added"]


async def test_a_key_of_one_organization_follows_that_one(
    desk: Desk, administrator: Client, crm: Client, agent: Client, member: Client, stranger: Client
) -> None:
    mine = (await member.get("/v1/organizations")).json()["items"][0]["id"]
    place = await now(desk, crm)
    ticket, foreign = await opened(member), await opened(stranger)
    other = await new_organization(desk)
    await agent.patch(
        f"/v1/organizations/{other}",
        json={"name": "Renamed Oy"},
        headers={"If-Match": (await agent.get(f"/v1/organizations/{other}")).headers["ETag"]},
    )
    its = await stranger.get("/v1/me")
    away = await agent.get(f"/v1/people/{its.json()['id']}")
    phoned = {"phone": f"+3584{uuid4().int % 10**7:07}"}
    kept = await agent.patch(
        f"/v1/people/{its.json()['id']}", json=phoned, headers={"If-Match": away.headers["ETag"]}
    )
    assert kept.status_code == 200, kept.text
    narrow = ("changes:read", "tickets:read:tenant", "organizations:read", "people:read")
    async with await script(desk, administrator, *narrow, organization=mine) as client:
        told = await after(desk, client, place)
    assert [each["ticket"]["id"] for each in told] == [ticket["id"]]
    everything = await after(desk, crm, place)
    assert {"organization.created", "organization.changed", "person.changed"} < set(
        names(everything)
    )
    assert foreign["id"] in {each["ticket"]["id"] for each in everything if each["ticket"]}


async def test_a_confidential_department_is_told_of_to_its_own(desk: Desk) -> None:
    portal = "sensedesk"
    admin = await desk.client("admin@sensedesk.example", portal)
    user = await desk.client("member@acme.example", portal)
    scopes = ["changes:read", "tickets:read:tenant"]
    robot = await service_account(admin, role=(await admin.get("/v1/me")).json()["role"])
    outside = calling(desk, await key_of(admin, *scopes, person=robot))
    inside = calling(desk, await key_of(admin, *scopes, "confidential:read", person=robot))
    place = await now(desk, inside)
    matter = {
        "form": "hr_matter",
        "type": "hr_request",
        "subject": "S",
        "description": "Between us.",
    }
    hidden = await user.post("/v1/tickets", json=matter)
    assert hidden.status_code == 201, hidden.text
    assert [each["ticket"]["id"] for each in await after(desk, inside, place)] == [
        hidden.json()["id"]
    ]
    assert await after(desk, outside, place) == []


async def test_whoever_loses_his_key_hears_so_while_he_waits(
    desk: Desk, administrator: Client
) -> None:
    made = await key_of(administrator, *EVERYTHING)
    client = calling(desk, made)
    place = await now(desk, client)
    waiting = asyncio.create_task(client.get(f"/v1/changes?cursor={place}&wait=20"))
    await asyncio.sleep(0.2)
    assert (await administrator.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    assert (await waiting).status_code == 401


async def test_a_ticket_that_was_moved_out_of_reach_takes_its_past_along(
    desk: Desk, crm: Client, member: Client, superuser: psycopg.AsyncConnection[Any]
) -> None:
    """Events keep the place they happened in; the ticket's present one counts too."""
    place = await now(desk, crm)
    ticket: Shown = await opened(member)
    await changed(member, ticket, subject="Other")
    assert len(await after(desk, crm, place)) == 2
    await superuser.execute(
        "UPDATE departments SET confidential = true WHERE key = %s AND tenant_id ="
        " (SELECT tenant_id FROM tickets WHERE id = %s)",
        [ticket["department"]["key"], ticket["id"]],
    )
    try:
        assert await after(desk, crm, place) == []
    finally:
        await superuser.execute(
            "UPDATE departments SET confidential = false WHERE key = %s AND tenant_id ="
            " (SELECT tenant_id FROM tickets WHERE id = %s)",
            [ticket["department"]["key"], ticket["id"]],
        )
