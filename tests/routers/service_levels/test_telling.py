"""Who is told of service levels: by mail, on desks, in lists and in forms (S0-15)."""

from datetime import timedelta

import psycopg
from httpx2 import AsyncClient

from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import commented, history, moved
from tests.mailbox import text_of
from tests.routers.service_levels.cases import (
    HOUR,
    MONDAY,
    Move,
    Shown,
    level_of,
    opened,
)


async def test_a_broken_promise_is_told_once_at_the_moment_it_broke(
    own: Desk, contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(minutes=50))
    await own.work()
    assert (await level_of(contact, ticket))["state"] == "warned"
    at(MONDAY + timedelta(hours=2))
    await own.work()
    await own.work()
    late = await level_of(contact, ticket)
    assert late["state"] == "breached"
    assert late["of"]["first_response"]["warned_at"] == "2027-02-01T08:48:00Z"
    assert late["of"]["first_response"]["breached_at"] == "2027-02-01T09:00:00Z"
    assert late["of"]["first_response"]["remaining_seconds"] == -HOUR
    told = [each for each in await history(contact, ticket) if "service_level" in each["event"]]
    assert [each["event"] for each in told] == ["service_level.warned", "service_level.breached"]
    assert told[1]["data"] == {
        "metric": "first_response",
        "policy": "critical",
        "target_minutes": 60,
        "due_at": "2027-02-01T09:00:00+00:00",
    }
    # Answered late: nothing waits any more that was promised for earlier.
    await commented(consultant, ticket, "Beklager.")
    answered = await level_of(contact, ticket)
    assert answered["state"] == "running"
    assert answered["of"]["first_response"]["breached_at"] is not None


async def test_the_desk_is_warned_and_told_by_mail(
    own: Desk, contact: AsyncClient, at: Move
) -> None:
    at(MONDAY + timedelta(days=3))
    await own.work()
    own.forget_mails()
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(days=3, minutes=50))
    await own.work()
    at(MONDAY + timedelta(days=3, minutes=61))
    await own.work()
    mails = [
        (str(mail["To"]), text_of(mail))
        for mail in own.mails()
        if ticket["number"] in str(mail["Subject"])
    ]
    warnings = [text for _, text in mails if "må besvares snart" in text]
    broken = [text for _, text in mails if "er forsinket" in text]
    assert warnings, mails
    assert len(warnings) == len(broken)
    assert all("Frist: tor. 4. feb. 2027, 10:00" in text for text in warnings + broken), mails
    assert all("Kritiske saker" in text for text in warnings)
    assert not any("acme.example" in to for to, text in mails if "Frist" in text)


async def test_an_agents_desk_counts_what_is_late(
    own: Desk, contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    at(MONDAY + timedelta(days=4))
    await own.work()
    before = {tile["key"]: tile for tile in await service_level_tiles(consultant)}
    await opened(contact, severity="critical")
    at(MONDAY + timedelta(days=4, minutes=50))
    await own.work()
    tiles = {tile["key"]: tile for tile in await service_level_tiles(consultant)}
    assert tiles["due_soon"]["count"] == before["due_soon"]["count"] + 1
    for tile in tiles.values():
        listed = await consultant.get(f"{tile['href']}&include=total")
        assert listed.json()["total"] == tile["count"]


async def service_level_tiles(client: AsyncClient) -> list[Shown]:
    answer = await client.get("/v1/dashboards/desk")
    assert answer.status_code == 200, answer.text
    return answer.json()["service_levels"]  # type: ignore[no-any-return]


async def test_lists_are_narrowed_and_sorted_by_the_promise(
    own: Desk, contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    at(MONDAY + timedelta(days=7))
    urgent = await opened(contact, severity="critical", subject="Kiwi haster")
    calm = await opened(contact, subject="Kiwi kan vente")
    rests = await opened(contact, subject="Kiwi hviler")
    await commented(consultant, rests, "Hva?", transition="ask_customer")
    at(MONDAY + timedelta(days=7, minutes=90))
    await own.work()

    async def found(client: AsyncClient, query: str) -> list[str]:
        answer = await client.get(f"/v1/tickets?q=kiwi&sort=due_at&{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    for client in (contact, consultant):
        assert await found(client, "sla=breached") == [urgent["id"]]
        assert await found(client, "sla=paused&sla=running") == [calm["id"], rests["id"]]
        assert await found(client, "") == [urgent["id"], calm["id"], rests["id"]]
        assert await found(client, "sla=none") == []
        assert await found(client, "sla=none&sla=running") == [calm["id"]]
        assert (await client.get("/v1/tickets?sla=late")).status_code == 422


async def test_forms_say_what_would_be_promised(contact: AsyncClient) -> None:
    asked = {"type": "incident", "subject": "Feil", "severity": "critical"}
    told = (await contact.post("/v1/forms/sak/resolve", json=asked)).json()["service_level"]
    assert told["policy"]["key"] == "critical"
    assert told["targets"] == [
        {"metric": "first_response", "target_seconds": HOUR, "due_at": "2027-02-01T09:00:00Z"},
        {"metric": "next_response", "target_seconds": 2 * HOUR, "due_at": None},
        {"metric": "resolution", "target_seconds": 8 * HOUR, "due_at": "2027-02-02T08:00:00Z"},
    ]
    tried = await contact.post("/v1/tickets?dry_run=true", json={"form": "sak", **asked})
    assert tried.json()["service_level"] == told


async def test_whoever_is_at_work_on_a_case_is_waited_for_and_waits_for_nobody(
    own: Desk, contact: AsyncClient, at: Move, addresses: Addresses, crowded_database: str
) -> None:
    at(MONDAY + timedelta(days=10))
    await own.work()
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(days=10, minutes=50))
    address = addresses.of("superuser", crowded_database)
    async with await psycopg.AsyncConnection.connect(address) as somebody:
        await somebody.execute("SELECT FROM tickets WHERE id = %s FOR UPDATE", [ticket["id"]])
        await own.work()
        assert (await level_of(contact, ticket))["state"] == "running"
    at(MONDAY + timedelta(days=10, minutes=51))
    await own.work()
    assert (await level_of(contact, ticket))["state"] == "warned"


async def test_where_nothing_is_promised_nothing_is_shown(own: Desk, at: Move) -> None:
    member = await own.sign_in(
        "member@acme.example", own.password_of("member@acme.example"), "crm-service"
    )
    new = {"type": "bug", "subject": "Wrong", "description": "By one.", "severity": "sev3"}
    ticket = (await member.post("/v1/tickets", json=new)).json()
    assert (ticket["sla"], ticket["service_level"]) == (None, None)
    answer = await member.get(f"/v1/tickets/{ticket['id']}/sla")
    assert answer.json() == {"policy": None, "state": None, "due_at": None, "clocks": []}
    assert (await moved(member, ticket, "close")).status_code in {200, 403, 409}
