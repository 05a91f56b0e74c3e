"""The feed of changes: what it tells to whom, and that it leaves nothing out (S3-22)."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from app.domain.changes import queries
from app.web import sealed_cursors
from tests.desk import Desk
from tests.factories.feed import settled
from tests.factories.keys import calling, key_of, service_account
from tests.factories.people import as_system, new_organization
from tests.factories.tickets import Shown, changed, commented, opened

Client = httpx2.AsyncClient
EVERYTHING = (
    "changes:read",
    "tickets:read:tenant",
    "comments:internal",
    "organizations:read",
    "organizations:write",
    "people:read",
    "people:write",
)


#: The desk that the tests of this file share.
desks: list[Desk] = []


@pytest.fixture(autouse=True)
async def _at(desk: Desk) -> None:
    desks[:] = [desk]


@pytest.fixture
async def administrator(desk: Desk) -> Client:
    return await desk.client("admin@crm.example")


async def script(desk: Desk, administrator: Client, *scopes: str, **more: Any) -> Client:
    """A program with a key of its own."""
    return calling(desk, await key_of(administrator, *(scopes or EVERYTHING), **more))


@pytest.fixture
async def crm(desk: Desk, administrator: Client) -> AsyncIterator[Client]:
    async with await script(desk, administrator) as client:
        yield client


async def look(client: Client, cursor: str | None = None, **query: Any) -> dict[str, Any]:
    asked = {**query, **({"cursor": cursor} if cursor else {})}
    answer = await client.get("/v1/changes", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def now(client: Client) -> str:
    """The place behind everything that has happened."""
    await settled(desks[0])
    return str((await look(client, begin="newest"))["next"])


async def after(client: Client, cursor: str, **query: Any) -> list[dict[str, Any]]:
    """All that has happened after a place."""
    told = []
    await settled(desks[0])
    while True:
        found = await look(client, cursor, **query)
        told += found["items"]
        cursor = found["next"]
        if not found["more"]:
            return told


def names(changes: list[dict[str, Any]]) -> list[str]:
    return [change["event"] for change in changes]


async def test_a_program_is_told_what_happened_by_its_own_names(
    crm: Client, agent: Client, member: Client
) -> None:
    place = await now(crm)
    key = uuid4().hex
    company = await crm.put(f"/v1/organizations/by-reference/crm/o-{key}", json={"name": "Ini Oy"})
    who = await crm.put(
        f"/v1/people/by-reference/crm/p-{key}",
        json={"name": "Contact", "email": f"{key}@people.example"},
    )
    asker = (await member.get("/v1/me")).json()["id"]
    ticket = await agent.put(
        f"/v1/tickets/by-reference/crm/t-{key}",
        json={"type": "support", "subject": "S", "description": "D", "on_behalf_of": asker},
    )
    told = await after(crm, place)
    assert names(told) == ["organization.created", "person.created", "ticket.opened"]
    first, second, third = told
    assert first["subject"] == {
        "type": "organization",
        "id": company.json()["id"],
        "external_ref": {"source": "crm", "key": f"o-{key}"},
    }
    assert first["organization"]["id"] == company.json()["id"]
    assert first["by"]["api_key_id"] is not None
    assert second["subject"]["id"] == who.json()["id"]
    assert second["subject"]["external_ref"]["key"] == f"p-{key}"
    assert (second["ticket"], second["organization"]) == (None, None)
    assert third["subject"]["type"] == "ticket"
    assert third["ticket"] == {
        "id": ticket.json()["id"],
        "external_ref": {"source": "crm", "key": f"t-{key}"},
    }
    assert third["by"] == {
        "side": "agent",
        "person_id": (await agent.get("/v1/me")).json()["id"],
        "api_key_id": None,
    }
    assert third["data"]["type"] == "support"
    assert "Contact" not in str(told)
    assert "people.example" not in str(told)


async def test_pages_tell_everything_once(crm: Client, member: Client) -> None:
    place = await now(crm)
    made = [(await opened(member))["id"] for _ in range(5)]
    told, cursor, looks = [], place, 0
    await settled(desks[0])
    while True:
        found = await look(crm, cursor, limit=2)
        told += [change["ticket"]["id"] for change in found["items"]]
        cursor, looks = found["next"], looks + 1
        if not found["more"]:
            break
    assert (told, looks) == (made, 3)
    again = await look(crm, cursor)
    assert (again["items"], again["more"]) == ([], False)
    later = await opened(member)
    for kept in (cursor, again["next"]):
        assert [each["ticket"]["id"] for each in await after(crm, kept)] == [later["id"]]


async def test_without_a_cursor_it_begins_with_the_first_of_all(crm: Client) -> None:
    found = await look(crm, limit=1)
    assert len(found["items"]) == 1
    assert found["more"] is True
    assert found["items"] == (await look(crm, limit=1))["items"]


async def test_it_can_be_narrowed_to_some_events_and_to_one_thing(
    crm: Client, agent: Client, member: Client
) -> None:
    place = await now(crm)
    ticket, other = await opened(member), await opened(member)
    await commented(agent, ticket)
    await commented(agent, other)
    wanted = {"event": ["comment.added", "comment.edited"]}
    assert names(await after(crm, place, **wanted)) == ["comment.added"] * 2
    of_one = await after(crm, place, subject=ticket["id"])
    assert {each["ticket"]["id"] for each in of_one} == {ticket["id"]}
    assert names(of_one)[0] == "ticket.opened"
    assert (await crm.get("/v1/changes?event=Ticket")).status_code == 422


async def test_few_of_many_come_in_looks_of_bounded_length(
    crm: Client, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_WALKED", 2)
    place = await now(crm)
    tickets = [await opened(member) for _ in range(5)]
    last = tickets[-1]["id"]
    await settled(desks[0])
    found = await look(crm, place, subject=last)
    assert (found["items"], found["more"]) == ([], True)
    told = await after(crm, place, subject=last)
    assert names(told) == ["ticket.opened"]


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
    place = await now(crm)
    ticket = await opened(member)
    await commented(agent, ticket, visibility="internal")
    await commented(member, ticket, visibility="private")
    await crm.put(f"/v1/organizations/by-reference/crm/{uuid4().hex}", json={"name": "Ini Oy"})
    said = {"name": "Contact", "email": f"{uuid4().hex}@people.example"}
    await crm.put(f"/v1/people/by-reference/crm/{uuid4().hex}", json=said)
    everything = names(await after(crm, place))
    assert sorted(everything) == [
        "comment.added",
        "comment.added",
        "organization.created",
        "person.created",
        "ticket.opened",
    ]

    async def told_with(*scopes: str) -> list[str]:
        async with await script(desk, administrator, "changes:read", *scopes) as client:
            return names(await after(client, place))

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
    place = await now(crm)
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
        told = await after(client, place)
    assert [each["ticket"]["id"] for each in told] == [ticket["id"]]
    everything = await after(crm, place)
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
    place = await now(inside)
    matter = {
        "form": "hr_matter",
        "type": "hr_request",
        "subject": "S",
        "description": "Between us.",
    }
    hidden = await user.post("/v1/tickets", json=matter)
    assert hidden.status_code == 201, hidden.text
    assert [each["ticket"]["id"] for each in await after(inside, place)] == [hidden.json()["id"]]
    assert await after(outside, place) == []


async def test_cursors_of_others_and_broken_ones_are_refused(
    desk: Desk, crm: Client, administrator: Client
) -> None:
    foreign = await now(await desk.client("lead@sensedesk.example", "sensedesk"))
    good = await now(crm)
    for cursor in (foreign, "x", "%00", good[:-4], good + "AA", "A" * 120, "ä"):
        refused = await crm.get("/v1/changes", params={"cursor": cursor})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-cursor"), cursor


async def test_a_place_that_was_lost_with_a_restore_is_said_to_be(
    desk: Desk, crm: Client, member: Client
) -> None:
    async with as_system(desk) as (_, system):
        tenant: UUID = system.tenant_id
    lost = sealed_cursors.write(desk.app.state.sealer, tenant, uuid4())
    refused = await crm.get("/v1/changes", params={"cursor": lost})
    assert (refused.status_code, refused.json()["code"]) == (410, "change-cursor-unknown")


async def test_what_is_kept_late_is_not_skipped(
    desk: Desk, crm: Client, member: Client, superuser: psycopg.AsyncConnection[Any]
) -> None:
    """A transaction that began first and is kept last: nothing after it is told before it."""
    place = await now(crm)
    early = await opened(member)
    address = superuser.info.dsn
    password = superuser.info.password
    async with await psycopg.AsyncConnection.connect(address, password=password) as slow:
        # The slow one writes before the fast one, and commits after it.
        await slow.execute(
            "INSERT INTO events (tenant_id, id, name, occurred_at, actor_side, audience, published,"
            " ticket_id, organization_id, department, requester_id, data)"
            " SELECT tenant_id, gen_random_uuid(), 'ticket.changed', now(), 'system', 'everyone',"
            " true, id, organization_id, department, requester_id, '{}' FROM tickets WHERE id = %s",
            [early["id"]],
        )
        fast = await opened(member)
        found = await look(crm, place, wait=20)
        assert [each["ticket"]["id"] for each in found["items"]] == [early["id"]]
        waiting = await look(crm, found["next"])
        assert (waiting["items"], waiting["more"]) == ([], False)
        await slow.commit()
    told = await after(crm, waiting["next"])
    assert [(each["event"], each["ticket"]["id"]) for each in told] == [
        ("ticket.changed", early["id"]),
        ("ticket.opened", fast["id"]),
    ]


async def test_many_writers_are_followed_without_a_gap_or_a_doublet(
    crm: Client, agent: Client, member: Client
) -> None:
    place = await now(crm)
    told: list[str] = []
    done = asyncio.Event()

    async def follow() -> None:
        cursor = place
        while True:
            over = done.is_set()
            if over:
                await settled(desks[0])
            found = await look(crm, cursor, limit=7, event="ticket.opened")
            told.extend(each["ticket"]["id"] for each in found["items"])
            cursor = found["next"]
            if over and not found["more"]:
                return

    async def write(number: int) -> list[str]:
        return [(await opened(member, subject=f"{number}/{turn}"))["id"] for turn in range(6)]

    follower = asyncio.create_task(follow())
    written = [each for some in await asyncio.gather(*map(write, range(8))) for each in some]
    done.set()
    await follower
    assert len(told) == len(set(told)) == 48
    assert set(told) == set(written)


async def test_it_waits_until_something_happens_and_holds_no_connection(
    desk: Desk, crm: Client, member: Client
) -> None:
    place = await now(crm)
    pool = desk.app.state.database.engine.pool
    waiting = asyncio.create_task(look(crm, place, wait=20))
    await asyncio.sleep(0.5)
    assert pool.checkedout() == 0
    ticket = await opened(member)
    begun = time.monotonic()
    found = await waiting
    assert time.monotonic() - begun < 5
    assert [each["ticket"]["id"] for each in found["items"]] == [ticket["id"]]
    begun = time.monotonic()
    nothing = await look(crm, found["next"], wait=2)
    assert nothing["items"] == []
    assert 0.5 < time.monotonic() - begun < 5


async def test_whoever_loses_his_key_hears_so_while_he_waits(
    desk: Desk, administrator: Client
) -> None:
    made = await key_of(administrator, *EVERYTHING)
    client = calling(desk, made)
    place = await now(client)
    waiting = asyncio.create_task(client.get(f"/v1/changes?cursor={place}&wait=20"))
    await asyncio.sleep(0.2)
    assert (await administrator.delete(f"/v1/api-keys/{made['id']}")).status_code == 204
    assert (await waiting).status_code == 401


async def test_a_ticket_that_was_moved_out_of_reach_takes_its_past_along(
    desk: Desk, crm: Client, member: Client, superuser: psycopg.AsyncConnection[Any]
) -> None:
    """Events keep the place they happened in; the ticket's present one counts too."""
    place = await now(crm)
    ticket: Shown = await opened(member)
    await changed(member, ticket, subject="Other")
    assert len(await after(crm, place)) == 2
    await superuser.execute(
        "UPDATE departments SET confidential = true WHERE key = %s AND tenant_id ="
        " (SELECT tenant_id FROM tickets WHERE id = %s)",
        [ticket["department"]["key"], ticket["id"]],
    )
    try:
        assert await after(crm, place) == []
    finally:
        await superuser.execute(
            "UPDATE departments SET confidential = false WHERE key = %s AND tenant_id ="
            " (SELECT tenant_id FROM tickets WHERE id = %s)",
            [ticket["department"]["key"], ticket["id"]],
        )
