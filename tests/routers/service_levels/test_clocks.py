"""How the clocks of service levels run over HTTP (S0-15)."""

from datetime import timedelta

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.keys import calling, key_of, service_account
from tests.factories.tickets import changed, commented, history
from tests.routers.service_levels.cases import (
    HOUR,
    MONDAY,
    Move,
    level_of,
    opened,
    staying,
)


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


async def test_no_program_answers_for_an_agent(own: Desk, contact: AsyncClient, at: Move) -> None:
    admin = await staying(own, "admin@skill.example")
    robot = await service_account(admin, role="consultant")
    key = await key_of(admin, "tickets:read:tenant", "tickets:comment:tenant", person=robot)
    ticket = await opened(contact)
    async with calling(own, key) as script:
        await commented(script, ticket, "Vi har mottatt saken.")
    assert (await level_of(contact, ticket))["of"]["first_response"]["state"] == "running"
