"""S0, Skill: a case is handled within what the customer was promised. The days pass quickly: this
installation reads its clock from a file."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx2 import Client

from tests import cluster
from tests.cluster import Addresses
from tests.served import Served, free_port

PORTAL = "skill"
#: A Monday in weeks without public holidays; the office is open from eight to four.
MONDAY = datetime(2027, 2, 1, 9, tzinfo=ZoneInfo("Europe/Oslo"))
CRITICAL = {"type": "incident", "subject": "Alt står stille", "severity": "critical"}


@pytest.fixture(scope="module")
def served(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation of its own: its clock is put forward by hours."""
    name = cluster.copy_of_template(addresses)
    folder = Path(tmp_path_factory.mktemp("served"))
    settings = cluster.settings_for(addresses, name, folder, port=free_port())
    with Served(settings, cluster.demo_people(addresses)).running() as running:
        yield running
    cluster.drop(addresses, name)


def _contact(served: Served) -> Client:
    """Signed in anew, as the clock has gone on."""
    return served.person(PORTAL, "member@acme.example")


def _consultant(served: Served) -> Client:
    return served.person(PORTAL, "agent@skill.example")


def _clocks(client: Client, case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = client.get(f"/v1/tickets/{case['id']}").json()["service_level"]
    return {clock["metric"]: clock for clock in found["clocks"]}


def _say(client: Client, case: dict[str, Any], body: str, **more: Any) -> None:
    said = client.post(f"/v1/tickets/{case['id']}/comments", json={"body": body, **more})
    assert said.status_code == 201, said.text


def test_a_case_within_what_was_promised(served: Served) -> None:
    """S0-15: the promise is shown before sending, the first answer comes in time, and while the
    customer is waited for no time passes."""
    served.set_clock(MONDAY)
    contact, consultant = _contact(served), _consultant(served)
    told = contact.post("/v1/forms/sak/resolve", json=CRITICAL).json()["service_level"]
    assert told["policy"]["key"] == "critical"
    promised = {target["metric"]: target for target in told["targets"]}
    assert promised["first_response"]["target_seconds"] == 3600

    case = contact.post("/v1/tickets", json={"form": "sak", **CRITICAL}).json()
    assert case["sla"] == "running"
    assert case["due_at"] == promised["first_response"]["due_at"] == "2027-02-01T09:00:00Z"

    served.set_clock(MONDAY + timedelta(minutes=20))
    contact, consultant = _contact(served), _consultant(served)
    _say(consultant, case, "Hvilken feilmelding får dere?", transition="ask_customer")
    clocks = _clocks(contact, case)
    assert clocks["first_response"]["state"] == "fulfilled"
    assert clocks["resolution"]["state"] == "paused"
    assert clocks["resolution"]["paused_by"]["key"] == "venter_pa_kunde"

    served.set_clock(MONDAY + timedelta(days=1))
    contact, consultant = _contact(served), _consultant(served)
    _say(contact, case, "Ingen: skjermen er svart.")
    clocks = _clocks(contact, case)
    assert clocks["resolution"]["consumed_seconds"] == 20 * 60
    assert clocks["next_response"]["target_seconds"] == 2 * 3600

    served.set_clock(MONDAY + timedelta(days=1, hours=1))
    contact, consultant = _contact(served), _consultant(served)
    _say(consultant, case, "Skjermkortet var løst.", transition="solve")
    solved = contact.get(f"/v1/tickets/{case['id']}").json()
    assert (solved["sla"], solved["due_at"]) == ("met", None)
    log = contact.get(f"/v1/tickets/{case['id']}/sla").json()["clocks"]
    (resolution,) = (clock for clock in log if clock["metric"] == "resolution")
    assert [entry["event"] for entry in resolution["log"]] == [
        "activated",
        "paused",
        "resumed",
        "fulfilled",
    ]


def test_a_promise_that_is_broken(served: Served) -> None:
    """S0-15: those who can still act are warned by mail, and told when it is too late; the list
    and the desk show it, and the customer reads it."""
    wednesday = MONDAY + timedelta(days=2)
    served.set_clock(wednesday)
    case = _contact(served).post("/v1/tickets", json={"form": "sak", **CRITICAL}).json()

    served.set_clock(wednesday + timedelta(minutes=50))
    warning = served.mail_to("agent@skill.example", f"{case['number']} må besvares snart")
    assert "Kritiske saker" in warning
    assert _contact(served).get(f"/v1/tickets/{case['id']}").json()["sla"] == "warned"

    served.set_clock(wednesday + timedelta(hours=2))
    served.mail_to("agent@skill.example", f"Svaret i {case['number']} er forsinket")
    contact, consultant = _contact(served), _consultant(served)
    for client in (contact, consultant):
        late = client.get("/v1/tickets?sla=breached&sort=due_at").json()["items"]
        assert [each["id"] for each in late] == [case["id"]]
    clock = _clocks(contact, case)["first_response"]
    assert clock["breached_at"] == "2027-02-03T09:00:00Z"
    assert clock["remaining_seconds"] == -3600
    happened = contact.get(f"/v1/tickets/{case['id']}/history").json()["items"]
    assert {"service_level.warned", "service_level.breached"} <= {
        each["event"] for each in happened
    }
    tiles = consultant.get("/v1/dashboards/desk").json()["service_levels"]
    (breached,) = (tile for tile in tiles if tile["key"] == "breached")
    assert breached["count"] == 1
    assert [each["id"] for each in consultant.get(breached["href"]).json()["items"]] == [case["id"]]
