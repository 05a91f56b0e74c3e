"""The catalogue and its forms, as they are for whoever asks."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import answers, codes, opened

RESOLVE = "/v1/forms/ticket/resolve"


def keys(items: list[dict[str, Any]]) -> list[str]:
    return [item["key"] for item in items]


def fields(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for page in form["pages"] for field in page["fields"]}


async def test_everything_stands_in_the_order_of_the_definition(  # S3-12 to S3-14
    member: AsyncClient,
) -> None:
    told = (await member.get("/v1/catalogue")).json()
    assert keys(told["types"]) == ["support", "bug", "work_order"]
    assert keys(told["severities"]) == [f"sev{number}" for number in range(1, 11)]
    assert keys(told["priorities"]) == ["low", "normal", "high", "urgent"]
    assert keys(told["services"]) == ["crm", "invoicing", "integrations", "reporting"]
    assert keys(told["departments"]) == ["support"]
    assert keys(told["departments"][0]["forms"]) == ["ticket"]
    assert keys(told["statuses"])[0] == "new"
    assert all(item["color"].startswith("#") for item in told["severities"])


async def test_labels_are_in_the_callers_language(member: AsyncClient) -> None:
    async def labels(language: str) -> list[str]:
        answer = await member.get("/v1/catalogue", headers={"Accept-Language": language})
        return [item["label"] for item in answer.json()["types"]]

    assert await labels("en") == ["Support", "Bug", "Work Order"]
    assert await labels("fi") == ["Tukipyyntö", "Virhe", "Työtilaus"]
    # A language that the portal does not speak falls back to English.
    assert await labels("it") == await labels("en")


async def test_teams_are_the_agents_own_matter(member: AsyncClient, agent: AsyncClient) -> None:
    of_customers = (await member.get("/v1/catalogue")).json()["departments"][0]
    of_agents = (await agent.get("/v1/catalogue")).json()["departments"][0]
    assert of_customers["teams"] == []
    assert keys(of_agents["teams"]) == ["crm-team", "integrations"]


async def test_a_form_hides_severity_until_it_is_about_a_fault(  # S3-13
    member: AsyncClient,
) -> None:
    begun = (await member.get("/v1/forms/ticket")).json()
    assert "severity" not in fields(begun)
    assert keys(begun["types"]) == ["support", "bug", "work_order"]

    async def resolved(**given: Any) -> dict[str, Any]:
        answer = await member.post(RESOLVE, json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    bug = await resolved(type="bug")
    severity = fields(bug)["severity"]
    assert severity["required"]
    assert keys(severity["choices"]) == [f"sev{number}" for number in range(1, 10)]
    for kind in ("support", "work_order"):
        told = await resolved(type=kind, severity="sev1")
        assert "severity" not in fields(told)
        assert told["forced"] == {"severity": "sev10"}
        assert told["values"]["severity"] == "sev10"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"type": "bug"},
        {"type": "bug", "severity": "sev10"},
        {"type": "support", "subject": " "},
        {"type": "nothing"},
        {"type": "bug", "severity": "sev1", "fields": {"colour": "red"}},
        {"priority": "whenever", "service": "none"},
    ],
)
async def test_what_resolving_finds_is_what_opening_refuses(
    member: AsyncClient, given: dict[str, Any]
) -> None:
    full = {"subject": "Words", "description": "More", **given}
    told = (await member.post(RESOLVE, json=full)).json()["errors"]
    found = sorted((fault["pointer"], fault["code"]) for fault in told)
    refused = await member.post("/v1/tickets", json={"form": "ticket", **full})
    assert found
    assert sorted(codes(refused)[2]) == found


async def test_what_resolves_without_faults_is_taken(member: AsyncClient) -> None:
    told = (await member.post(RESOLVE, json=answers())).json()
    assert told["errors"] == []
    ticket = await opened(member)
    for key in ("type", "severity", "priority"):
        assert ticket[key]["key"] == told["values"][key]
    assert ticket["billable"] == told["billable"]


async def test_resolving_changes_nothing(member: AsyncClient) -> None:
    before = (await member.get("/v1/tickets?include=total")).json()["total"]
    await member.post(RESOLVE, json=answers())
    assert (await member.get("/v1/tickets?include=total")).json()["total"] == before


@pytest.mark.parametrize("form", ["unheard_of", "x" * 61, "%00", "Ticket"])
async def test_a_form_that_is_not_offered_is_not_there(member: AsyncClient, form: str) -> None:
    assert (await member.get(f"/v1/forms/{form}")).status_code == 404
    assert (await member.post(f"/v1/forms/{form}/resolve", json={})).status_code == 404


async def test_an_answer_has_one_place(member: AsyncClient) -> None:
    answer = await member.post(RESOLVE, json={"fields": {"type": ["bug"]}})
    assert codes(answer) == (422, "invalid-input", [("/fields/type", "unknown")])


async def test_a_question_says_where_its_answer_stands(desk: Desk) -> None:
    client = await desk.client("member@acme.example", "sensedesk")
    asked = (await client.get("/v1/forms/building")).json()
    pointers = {each["key"]: each["pointer"] for page in asked["pages"] for each in page["fields"]}
    assert pointers["subject"] == "/subject"
    assert pointers["room"] == "/fields/room"
    told = (await client.post("/v1/forms/building/resolve", json={})).json()
    assert told["errors"]
    assert {fault["pointer"] for fault in told["errors"]} <= set(pointers.values())


async def test_what_agents_fill_in_is_not_shown_to_customers(desk: Desk) -> None:
    member = await desk.client("member@acme.example", "sensedesk")
    lead = await desk.client("lead@sensedesk.example", "sensedesk")
    for client, shown in ((member, False), (lead, True)):
        form = (await client.get("/v1/forms/equipment")).json()
        assert ("cost_centre" in fields(form)) is shown
        sent = {"subject": "Skjerm", "fields": {"cost_centre": "42"}}
        told = (await client.post("/v1/forms/equipment/resolve", json=sent)).json()
        assert ("cost_centre" in told["values"]) is shown
        strange = [fault for fault in told["errors"] if fault["pointer"] == "/fields/cost_centre"]
        assert bool(strange) is not shown
