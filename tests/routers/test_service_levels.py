"""Service levels over HTTP: what is promised, how clocks run, and who is told (S0-15)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import yaml
from httpx2 import AsyncClient, Request

from app.commands.applying import SHIPPED, apply_file
from app.database.session import Database
from app.domain.service_levels import following
from app.kernel import clock
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.keys import calling, key_of, service_account
from tests.factories.tickets import changed, commented, history, moved
from tests.mailbox import text_of

SLUG = "skill"
OSLO = ZoneInfo("Europe/Oslo")
#: A Monday in weeks without public holidays; the office is open from 8 to 16.
MONDAY = datetime(2027, 2, 1, 9, tzinfo=OSLO)
HOUR = 3600
Shown = dict[str, Any]
Move = Callable[[datetime], None]
Apply = Callable[[Callable[[Shown], object]], Awaitable[None]]


@pytest.fixture
def at() -> Iterator[Move]:
    """Sets the clock; by itself it is Monday morning."""

    def move(moment: datetime) -> None:
        clock.set_source(lambda: moment.astimezone(UTC))

    move(MONDAY)
    yield move
    clock.set_source(None)


@pytest.fixture(scope="module")
async def own(
    addresses: Addresses, crowded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk whose clock may be set; everybody has signed in before."""
    settings = cluster.settings_for(
        addresses, crowded_database, Path(tmp_path_factory.mktemp("levels"))
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@pytest.fixture
async def contact(own: Desk, at: Move) -> AsyncClient:
    return await _staying(own, "member@acme.example")


@pytest.fixture
async def consultant(own: Desk, at: Move) -> AsyncClient:
    return await _staying(own, "agent@skill.example")


async def _staying(own: Desk, address: str) -> AsyncClient:
    """Somebody who signs in anew when the clock was set: tokens are good for minutes."""
    client = await own.sign_in(address, own.password_of(address, SLUG), SLUG)
    signed_in_at = clock.now()

    async def stay(request: Request) -> None:
        nonlocal signed_in_at
        if abs(clock.now() - signed_in_at) > timedelta(minutes=5):
            signed_in_at = clock.now()
            again = await own.sign_in(address, own.password_of(address, SLUG), SLUG)
            for headers in (client.headers, request.headers):
                headers["Authorization"] = again.headers["Authorization"]

    client.event_hooks = client.event_hooks | {"request": [stay]}
    return client


async def opened(client: AsyncClient, **more: Any) -> Shown:
    new = {"form": "sak", "type": "incident", "subject": "Feil i rapport", **more}
    answer = await client.post("/v1/tickets", json=new)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def level_of(client: AsyncClient, ticket: Shown) -> Shown:
    answer = await client.get(f"/v1/tickets/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    found: Shown = answer.json()["service_level"]
    found["of"] = {each["metric"]: each for each in found["clocks"]}
    return found


async def test_a_new_case_shows_its_promise(contact: AsyncClient) -> None:
    ticket = await opened(contact, severity="critical")
    level = await level_of(contact, ticket)
    assert level["policy"] == {"key": "critical", "label": "Critical cases"}
    assert level["state"] == ticket["sla"] == "running"
    first, resolution = level["of"]["first_response"], level["of"]["resolution"]
    assert (first["target_seconds"], first["remaining_seconds"]) == (HOUR, HOUR)
    assert first["due_at"] == level["due_at"] == ticket["due_at"] == "2027-02-01T09:00:00Z"
    # Eight hours of office time: seven today, one tomorrow.
    assert resolution["due_at"] == "2027-02-02T08:00:00Z"
    assert "next_response" not in level["of"]


async def test_only_a_public_word_of_an_agent_is_an_answer(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(minutes=30))
    await commented(consultant, ticket, "Ser på det.", visibility="internal")
    await commented(contact, ticket, "Det haster.")
    waiting = (await level_of(contact, ticket))["of"]
    assert waiting["first_response"]["state"] == waiting["next_response"]["state"] == "running"
    assert waiting["next_response"]["started_at"] == "2027-02-01T08:30:00Z"
    # The oldest unanswered comment counts, not the last.
    at(MONDAY + timedelta(minutes=40))
    await commented(contact, ticket, "Hallo?")
    at(MONDAY + timedelta(minutes=45))
    await commented(consultant, ticket, "Vi er i gang.")
    answered = (await level_of(contact, ticket))["of"]
    assert answered["first_response"]["state"] == "fulfilled"
    assert answered["first_response"]["consumed_seconds"] == 45 * 60
    assert answered["next_response"]["consumed_seconds"] == 15 * 60
    assert answered["first_response"]["breached_at"] is None
    assert answered["resolution"]["state"] == "running"


async def test_clocks_rest_while_the_customer_is_waited_for(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(minutes=30))
    await commented(consultant, ticket, "Hvilken rapport?", transition="ask_customer")
    at(MONDAY + timedelta(days=1))
    resting = await level_of(contact, ticket)
    clock_ = resting["of"]["resolution"]
    assert (resting["state"], clock_["state"], clock_["due_at"]) == ("paused", "paused", None)
    assert clock_["consumed_seconds"] == HOUR // 2
    assert clock_["paused_by"]["label"]
    await commented(contact, ticket, "Salgsrapporten.")
    going_on = await level_of(contact, ticket)
    assert going_on["of"]["resolution"]["consumed_seconds"] == HOUR // 2
    # Seven and a half hours from Tuesday at nine: half an hour of Wednesday.
    assert going_on["of"]["resolution"]["due_at"] == "2027-02-03T07:30:00Z"
    assert going_on["of"]["next_response"]["state"] == "running"


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
    before = {tile["key"]: tile for tile in await _promises(consultant)}
    await opened(contact, severity="critical")
    at(MONDAY + timedelta(days=4, minutes=50))
    await own.work()
    tiles = {tile["key"]: tile for tile in await _promises(consultant)}
    assert tiles["due_soon"]["count"] == before["due_soon"]["count"] + 1
    for tile in tiles.values():
        listed = await consultant.get(f"{tile['href']}&include=total")
        assert listed.json()["total"] == tile["count"]


async def _promises(client: AsyncClient) -> list[Shown]:
    answer = await client.get("/v1/dashboards/desk")
    assert answer.status_code == 200, answer.text
    return answer.json()["service_levels"]  # type: ignore[no-any-return]


async def test_a_late_answer_is_late_also_where_nobody_has_looked(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(hours=3))
    await commented(consultant, ticket, "Løst.", transition="solve")
    level = await level_of(contact, ticket)
    assert level["state"] == "missed"
    assert level["of"]["first_response"]["state"] == "fulfilled"
    assert level["of"]["first_response"]["breached_at"] == "2027-02-01T09:00:00Z"
    assert level["of"]["resolution"]["state"] == "fulfilled"
    assert level["of"]["resolution"]["breached_at"] is None


async def test_a_reopened_case_goes_on_with_what_it_has_consumed(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact, severity="critical")
    at(MONDAY + timedelta(minutes=30))
    await commented(consultant, ticket, "Løst.", transition="solve")
    met = await level_of(contact, ticket)
    assert (met["state"], met["due_at"]) == ("met", None)
    at(MONDAY + timedelta(days=1))
    await commented(contact, ticket, "Nei.")
    again = await level_of(contact, ticket)
    assert again["of"]["resolution"]["state"] == "running"
    assert again["of"]["resolution"]["consumed_seconds"] == HOUR // 2
    assert again["of"]["first_response"]["state"] == "fulfilled"


async def test_another_severity_brings_another_target_and_keeps_the_time(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact)
    assert (await level_of(contact, ticket))["policy"]["key"] == "standard"
    at(MONDAY + timedelta(minutes=30))
    assert (await changed(consultant, ticket, severity="critical")).status_code == 200
    tight = await level_of(contact, ticket)
    assert tight["policy"]["key"] == "critical"
    first = tight["of"]["first_response"]
    assert (first["consumed_seconds"], first["remaining_seconds"]) == (HOUR // 2, HOUR // 2)
    (told,) = [
        each for each in await history(contact, ticket) if "target_changed" in each["event"]
    ][:1]
    assert told["data"]["target_minutes_before"] == 480
    at(MONDAY + timedelta(hours=2))
    assert (await changed(consultant, ticket, severity="low")).status_code == 200
    # It was broken, and of the new target only a quarter is used up.
    wide = await level_of(contact, ticket)
    assert wide["state"] == "running"
    assert wide["of"]["first_response"]["remaining_seconds"] == 6 * HOUR


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


async def test_what_an_agreement_names_comes_before_everything_else(
    own: Desk, contact: AsyncClient, at: Move
) -> None:
    lead = await _staying(own, "lead@skill.example")
    companies = (await lead.get("/v1/organizations")).json()["items"]
    organization = next(each["id"] for each in companies if each["name"].startswith("Acme"))
    made = await lead.post(
        "/v1/entitlements", json={"organization": organization, "template": "timebank"}
    )
    assert made.status_code == 201, made.text
    ticket = await opened(contact, severity="critical", entitlement=made.json()["id"])
    assert (await level_of(contact, ticket))["policy"]["key"] == "standard"
    assert (await changed(contact, ticket, entitlement=None)).status_code == 200
    assert (await level_of(contact, ticket))["policy"]["key"] == "critical"


async def test_the_log_tells_how_it_came_to_that(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact)
    at(MONDAY + timedelta(minutes=10))
    await commented(consultant, ticket, "Hva?", transition="ask_customer")
    answer = await contact.get(f"/v1/tickets/{ticket['id']}/sla")
    assert answer.status_code == 200, answer.text
    first, resolution = answer.json()["clocks"]
    assert [each["event"] for each in first["log"]] == ["activated", "fulfilled"]
    assert [each["event"] for each in resolution["log"]] == ["activated", "paused"]
    assert resolution["log"][1]["status"] == resolution["paused_by"]


async def test_a_withdrawn_question_waits_for_no_answer(
    contact: AsyncClient, consultant: AsyncClient, at: Move
) -> None:
    ticket = await opened(contact)
    at(MONDAY + timedelta(minutes=5))
    one = await commented(contact, ticket, "Glem det.")
    at(MONDAY + timedelta(minutes=7))
    two = await commented(contact, ticket, "Eller kanskje ikke.")
    for comment, left in ((one, "2027-02-01T08:07:00Z"), (two, None)):
        path = f"/v1/tickets/{ticket['id']}/comments/{comment['id']}"
        gone = await contact.delete(path, headers={"If-Match": "*"})
        assert gone.status_code == 204, gone.text
        waiting = (await level_of(contact, ticket))["of"].get("next_response")
        assert (waiting and waiting["started_at"]) == left


@pytest.fixture
async def put_in_force(own: Desk, tmp_path: Path) -> AsyncIterator[Apply]:
    """Puts the shipped portal in force, bent, and lets the worker follow; the shipped one again
    when all is over."""
    assert own.settings.worker_database_url
    database = Database(own.settings.worker_database_url, pool_size=4, name="test")

    async def apply(bend: Callable[[Shown], object]) -> None:
        document = yaml.safe_load((SHIPPED / f"{SLUG}.yaml").read_text(encoding="utf-8"))
        bend(document)
        file = tmp_path / f"{SLUG}.yaml"
        file.write_text(yaml.dump(document, allow_unicode=True), encoding="utf-8")
        await apply_file(database, file)
        await own.work()

    yield apply
    await apply(bool)
    await database.close()


def _critical(**targets: int) -> Callable[[Shown], object]:
    """Critical cases are promised this."""
    return lambda document: document["sla_policies"][0].update(targets=targets)


def _only_by_severity(document: Shown) -> None:
    """What nobody has graded yet is promised nothing."""
    for policy in document["sla_policies"]:
        policy.setdefault("severities", ["low"])


async def test_a_new_definition_holds_open_cases_to_its_promises(
    own: Desk,
    contact: AsyncClient,
    at: Move,
    put_in_force: Apply,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "HELD_AT_ONCE", 2)
    await own.work()
    tickets = [await opened(contact, severity="critical") for _ in range(3)]
    at(MONDAY + timedelta(minutes=30))
    await put_in_force(_critical(first_response_minutes=120))
    for ticket in tickets:
        level = await level_of(contact, ticket)
        assert level["of"]["first_response"]["remaining_seconds"] == 90 * 60
        assert level["of"]["resolution"]["state"] == "cancelled"
    # Promised anew: it goes on with what it had consumed.
    await put_in_force(_critical(first_response_minutes=60, resolution_minutes=480))
    at(MONDAY + timedelta(minutes=40))
    for ticket in tickets:
        level = await level_of(contact, ticket)
        assert level["of"]["first_response"]["remaining_seconds"] == 20 * 60
        assert level["of"]["resolution"]["consumed_seconds"] == 40 * 60


async def test_what_a_change_brings_counts_from_the_opening(
    contact: AsyncClient, consultant: AsyncClient, at: Move, put_in_force: Apply
) -> None:
    await put_in_force(_only_by_severity)
    ticket = await opened(contact)
    assert ticket["sla"] is None
    at(MONDAY + timedelta(minutes=10))
    await commented(consultant, ticket, "Hvor er du?", transition="ask_customer")
    at(MONDAY + timedelta(minutes=20))
    await commented(contact, ticket, "Her er jeg.")
    at(MONDAY + timedelta(minutes=30))
    assert (await changed(consultant, ticket, severity="critical")).status_code == 200
    found = (await level_of(contact, ticket))["of"]
    # Answered before anybody promised it.
    assert "first_response" not in found
    # Ten minutes were the customer's.
    assert found["resolution"]["consumed_seconds"] == 20 * 60
    assert found["next_response"]["consumed_seconds"] == 10 * 60
    # And what a definition brings for the first time, from then on.
    other = await opened(contact)
    at(MONDAY + timedelta(minutes=90))
    await put_in_force(bool)
    assert (await level_of(contact, other))["of"]["resolution"]["consumed_seconds"] == 0


async def test_no_program_answers_for_an_agent(own: Desk, contact: AsyncClient, at: Move) -> None:
    admin = await _staying(own, "admin@skill.example")
    robot = await service_account(admin, role="consultant")
    key = await key_of(admin, "tickets:read:tenant", "tickets:comment:tenant", person=robot)
    ticket = await opened(contact)
    async with calling(own, key) as script:
        await commented(script, ticket, "Vi har mottatt saken.")
    assert (await level_of(contact, ticket))["of"]["first_response"]["state"] == "running"


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
