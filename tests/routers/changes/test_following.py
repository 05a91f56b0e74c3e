"""The feed of changes: every change once, in the order of commits, page by page (S3-22)."""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest

from app.domain.changes import queries
from app.web import sealed_cursors
from tests.desk import Desk
from tests.factories.feed import after, look, names, now, settled
from tests.factories.people import as_system
from tests.factories.tickets import commented, opened

Client = httpx2.AsyncClient


async def test_a_program_is_told_what_happened_by_its_own_names(
    desk: Desk, crm: Client, agent: Client, member: Client
) -> None:
    place = await now(desk, crm)
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
    told = await after(desk, crm, place)
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


async def test_pages_tell_everything_once(desk: Desk, crm: Client, member: Client) -> None:
    place = await now(desk, crm)
    made = [(await opened(member))["id"] for _ in range(5)]
    told, cursor, looks = [], place, 0
    await settled(desk)
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
        assert [each["ticket"]["id"] for each in await after(desk, crm, kept)] == [later["id"]]


async def test_without_a_cursor_it_begins_with_the_first_of_all(crm: Client) -> None:
    found = await look(crm, limit=1)
    assert len(found["items"]) == 1
    assert found["more"] is True
    assert found["items"] == (await look(crm, limit=1))["items"]


async def test_it_can_be_narrowed_to_some_events_and_to_one_thing(
    desk: Desk, crm: Client, agent: Client, member: Client
) -> None:
    place = await now(desk, crm)
    ticket, other = await opened(member), await opened(member)
    await commented(agent, ticket)
    await commented(agent, other)
    wanted = {"event": ["comment.added", "comment.edited"]}
    assert names(await after(desk, crm, place, **wanted)) == ["comment.added"] * 2
    of_one = await after(desk, crm, place, subject=ticket["id"])
    assert {each["ticket"]["id"] for each in of_one} == {ticket["id"]}
    assert names(of_one)[0] == "ticket.opened"
    assert (await crm.get("/v1/changes?event=Ticket")).status_code == 422


async def test_few_of_many_come_in_looks_of_bounded_length(
    desk: Desk, crm: Client, member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_WALKED", 2)
    place = await now(desk, crm)
    tickets = [await opened(member) for _ in range(5)]
    last = tickets[-1]["id"]
    await settled(desk)
    found = await look(crm, place, subject=last)
    assert (found["items"], found["more"]) == ([], True)
    told = await after(desk, crm, place, subject=last)
    assert names(told) == ["ticket.opened"]


async def test_cursors_of_others_and_broken_ones_are_refused(
    desk: Desk, crm: Client, administrator: Client
) -> None:
    foreign = await now(desk, await desk.client("lead@sensedesk.example", "sensedesk"))
    good = await now(desk, crm)
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
    place = await now(desk, crm)
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
    told = await after(desk, crm, waiting["next"])
    assert [(each["event"], each["ticket"]["id"]) for each in told] == [
        ("ticket.changed", early["id"]),
        ("ticket.opened", fast["id"]),
    ]


async def test_many_writers_are_followed_without_a_gap_or_a_doublet(
    desk: Desk, crm: Client, agent: Client, member: Client
) -> None:
    place = await now(desk, crm)
    told: list[str] = []
    done = asyncio.Event()

    async def follow() -> None:
        cursor = place
        while True:
            over = done.is_set()
            if over:
                await settled(desk)
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
    place = await now(desk, crm)
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
