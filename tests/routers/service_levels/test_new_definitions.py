"""What an agreement, a change or another definition promises open cases (S0-15)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from app.domain.service_levels import following
from tests.desk import Desk
from tests.factories.tickets import changed, commented
from tests.routers.service_levels.cases import (
    MONDAY,
    Apply,
    Move,
    Shown,
    level_of,
    opened,
    staying,
)


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


async def test_what_an_agreement_names_comes_before_everything_else(
    own: Desk, contact: AsyncClient, at: Move
) -> None:
    lead = await staying(own, "lead@skill.example")
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
