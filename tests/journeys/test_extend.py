"""S2, Extend Commerce: a supplier's desk where what was mended is approved by the customer.

The type comes first and says what it costs; two different yeses and a no, there only while a case
waits for them; a reminder, and a day later silence is taken for a yes.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from tests import cluster
from tests.cluster import Addresses
from tests.served import Served, free_port

PORTAL = "extend"
MEMBER = "member@acme.example"
AGENT = "agent@extend.example"
Case = dict[str, Any]


@pytest.fixture(scope="module")
def served(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation of its own: its clock is put forward by days."""
    name = cluster.copy_of_template(addresses)
    folder = Path(tmp_path_factory.mktemp("extend"))
    settings = cluster.settings_for(addresses, name, folder, port=free_port())
    with Served(settings, cluster.demo_people(addresses)).running() as running:
        yield running
    cluster.drop(addresses, name)


@pytest.fixture
def member(served: Served) -> Client:
    """Somebody who opens cases (S2-3): signed in anew, as the clock may have gone on."""
    return served.person(PORTAL, MEMBER)


@pytest.fixture
def agent(served: Served) -> Client:
    return served.person(PORTAL, AGENT)


def _open(client: Client, **answers: Any) -> Case:
    told = {"type": "question", "subject": "Hur bokas en retur?", **answers}
    answer = client.post("/v1/tickets", json={"description": "Vi hittar inte knappen.", **told})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _step(client: Client, case: Case, transition: str, **more: Any) -> Case:
    answer = client.post(
        f"/v1/tickets/{case['id']}/transitions", json={"transition": transition, **more}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _mended(member: Client, agent: Client, **answers: Any) -> Case:
    """A case that an agent has mended, and says so."""
    case = _open(member, **answers)
    _step(agent, case, "start")
    return _step(agent, case, "ask_approval", comment="Knappen syns nu under Order.")


def _shown(client: Client, case: Case) -> Case:
    return client.get(f"/v1/tickets/{case['id']}").json()  # type: ignore[no-any-return]


def _choices(case: Case) -> dict[str, Case]:
    """What the ticket offers to decide, by its label."""
    return {
        action["label"]: action
        for action in case["allowed_actions"]
        if action["action"] == "decide" and action["allowed"]
    }


def _choose(client: Client, action: Case, comment: str | None = None) -> Case:
    """Send what an action says, as a frontend would."""
    told = {**action["input"], **({"comment": comment} if comment else {})}
    answer = client.request(action["method"], action["href"], json=told)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _approval(client: Client, case: Case) -> Case:
    found = client.get(f"/v1/tickets/{case['id']}/approvals").json()["items"]
    return found[0]  # type: ignore[no-any-return]


def test_the_portal_is_the_one_way_in_and_that_is_a_setting(
    served: Served, member: Client, agent: Client
) -> None:
    """S2-1, S2-2: this tenant takes tickets by its portal alone; another one differs by data."""
    nobody = served.anybody()
    assert nobody.get(f"/v1/portals/{PORTAL}").json()["intake_channels"] == ["portal"]
    assert "agent" in nobody.get("/v1/portals/crm-service").json()["intake_channels"]
    whom = member.get("/v1/me").json()["id"]
    refused = agent.post(
        "/v1/tickets",
        json={"type": "question", "subject": "Per telefon", "on_behalf_of": whom},
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "channel-not-offered")


def test_the_type_comes_first_is_explained_and_says_what_it_costs(member: Client) -> None:
    """S2-5, S2-6, S2-8, S2-21: types with their texts; all but a technical fault are charged for
    and say so before anything is sent; each has a form and fields of its own."""
    member.headers["Accept-Language"] = "sv"
    types = {kind["key"]: kind for kind in member.get("/v1/catalogue").json()["types"]}
    assert types["technical_fault"]["label"] == "Tekniskt fel"
    assert all(kind["description"] for kind in types.values())
    assert [key for key, kind in types.items() if not kind["billable"]] == ["technical_fault"]
    fields = {}
    for key in types:
        shown = member.post(f"/v1/forms/{key}/resolve", json={"type": key}).json()
        assert shown["billable"] == types[key]["billable"]
        assert bool(shown["billable_notice"]) == types[key]["billable"]
        fields[key] = {field["key"] for page in shown["pages"] for field in page["fields"]}
    assert "environment" in fields["technical_fault"] - fields["question"]
    assert {"wanted_by", "budget"} <= fields["change"] - fields["technical_fault"]
    assert "order" in fields["operations"]


def test_the_provider_changes_a_type_that_was_wrong(member: Client, agent: Client) -> None:
    """S2-6, S2-7: what was sent as a fault turns out to be a question, and is charged for."""
    case = _open(
        member,
        type="technical_fault",
        subject="Moms saknas på fakturan",
        service="checkout",
        fields={"environment": "production"},
    )
    assert case["billable"] is False
    read = agent.get(f"/v1/tickets/{case['id']}")
    changed = agent.patch(
        f"/v1/tickets/{case['id']}",
        json={"type": "question"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    seen = _shown(member, case)
    assert (seen["type"]["key"], seen["billable"]) == ("question", True)
    events = member.get(f"/v1/tickets/{case['id']}/history").json()["items"]
    assert events[0]["event"] == "ticket.changed"
    assert events[0]["data"]["before"]["type"] == "technical_fault"


def test_a_case_from_registration_to_approval(
    served: Served, member: Client, agent: Client
) -> None:
    """S2-3, S2-9 to S2-12, S2-15, S2-16: registered, talked about, mended, approved; the choices
    are there only while the case is in that phase."""
    case = _open(member, subject="Returer hittas inte")
    assert case["number"].startswith("EXT-")
    assert case["status"]["label"] == "Registered"
    assert _choices(case) == {}
    said = member.post(f"/v1/tickets/{case['id']}/comments", json={"body": "Det brådskar."})
    assert said.status_code == 201
    served.mail_to(AGENT, "Det brådskar.")
    _step(agent, case, "start")
    assert _choices(_shown(member, case)) == {}

    _step(agent, case, "ask_approval", comment="Knappen syns nu *under Order*.")
    waiting = _shown(member, case)
    assert waiting["status"]["label"] == "Fixed – test and approve"
    assert waiting["ball_with"] == "customer"
    assert list(_choices(waiting)) == ["Tested ok", "Approved", "Rejected"]
    assert _choices(_shown(agent, case)) == {}
    approval = _approval(member, case)
    mail = served.mail_to(MEMBER, f"/approvals/{approval['id']}")
    assert "Knappen syns nu under Order." in mail
    assert f"{case['number']} väntar på ditt godkännande" in mail
    mine = member.get("/v1/approvals").json()["items"]
    assert approval["id"] in [item["id"] for item in mine]

    made = _choose(member, _choices(waiting)["Approved"], "Tack, det fungerar.")
    assert made["outcome"] == "granted"
    done = _shown(member, case)
    assert done["status"]["label"] == "Closed"
    assert done["closed_at"]
    assert _choices(done) == {}
    served.mail_to(AGENT, "Tack, det fungerar.")

    active = _open(member, subject="En fråga till")
    for state, here, not_here in (("open", active, case), ("closed", case, active)):
        listed = member.get(f"/v1/tickets?state={state}&limit=100").json()["items"]
        ids = {item["id"]: item["status"]["label"] for item in listed}
        assert here["id"] in ids
        assert not_here["id"] not in ids
        assert all(ids.values())


def test_tested_ok_goes_to_production_and_a_no_goes_back(member: Client, agent: Client) -> None:
    """S2-14, S2-15: the two yeses are two different ways on; a no is explained."""
    case = _mended(member, agent)
    refused = _choose(member, _choices(_shown(member, case))["Rejected"], "Inte i mobilen.")
    assert (refused["outcome"], refused["approval"]["state"]) == ("refused", "refused")
    assert _shown(agent, case)["status"]["key"] == "pagar"

    _step(agent, case, "ask_approval", comment="I mobilen med.")
    tested = _choose(member, _choices(_shown(member, case))["Tested ok"])
    assert tested["outcome"] == "granted"
    assert _shown(member, case)["status"]["label"] == "Tested – going to production"
    assert _step(agent, case, "delivered")["status"]["category"] == "closed"
    proof = member.get(f"/v1/approvals/{tested['approval']['id']}/certificate").json()
    assert proof["decisions"][0]["decided_by"]["name"] == "Member of Acme"
    assert proof["decision"]["key"] == "tested_ok"


@pytest.fixture
def at(served: Served) -> Iterator[Callable[[str | datetime], datetime]]:
    """Lets it be a moment; afterwards it is now again."""

    def put(moment: str | datetime) -> datetime:
        told = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        served.set_clock(told)
        return told

    yield put
    served.clock.unlink(missing_ok=True)


def test_after_a_reminder_and_24_hours_silence_is_a_yes(
    served: Served, member: Client, agent: Client, at: Callable[[str | datetime], datetime]
) -> None:
    """S2-17, S2-18: one reminder for all that waits, and a day later what is still unanswered is
    closed, its approval presumed. A word of the customer stops that, until he is answered."""
    silent = _mended(member, agent, subject="Tyst ärende")
    spoken = _mended(member, agent, subject="Omtalat ärende")
    due = _approval(member, silent)["remind_at"]
    reminded = at(due)
    mail = served.mail_to(MEMBER, "Påminnelse")
    assert silent["number"] in mail
    assert spoken["number"] in mail
    assert "inom 24 timmar" in mail

    member, agent = served.person(PORTAL, MEMBER), served.person(PORTAL, AGENT)
    counting = served.until(lambda: _approval(member, silent)["presumed_at"])
    assert datetime.fromisoformat(counting) - reminded == timedelta(hours=24)
    said = member.post(f"/v1/tickets/{spoken['id']}/comments", json={"body": "Vi testar än."})
    assert said.status_code == 201
    assert _approval(member, spoken)["presumed_at"] is None

    at(datetime.fromisoformat(counting) - timedelta(seconds=1))
    assert _shown(served.person(PORTAL, MEMBER), silent)["status"]["key"] == "att_godkanna"
    at(counting)
    told = served.mail_to(MEMBER, f"{silent['number']} räknas som godkänt")
    assert "”Godkänt”" in told
    served.mail_to(AGENT, f"{silent['number']} räknas som godkänt")
    member, agent = served.person(PORTAL, MEMBER), served.person(PORTAL, AGENT)
    assert _shown(member, silent)["status"]["label"] == "Closed"
    assert _shown(member, spoken)["status"]["key"] == "att_godkanna"

    approval = _approval(member, silent)
    (decision,) = approval["decisions"]
    assert (decision["kind"], decision["decided_by"]) == ("presumed", None)
    late = member.post(f"/v1/approvals/{approval['id']}/decisions", json={"decision": "tested_ok"})
    assert (late.status_code, late.json()["code"]) == (409, "already-decided")
    history = member.get(f"/v1/tickets/{silent['id']}/history?limit=100").json()["items"]
    steps = [event["event"] for event in reversed(history) if "approval." in event["event"]]
    assert steps == [
        "approval.asked",
        "approval.reminded",
        "approval.countdown_started",
        "approval.decided",
    ]

    answered = agent.post(f"/v1/tickets/{spoken['id']}/comments", json={"body": "Ta er tid."})
    assert answered.status_code == 201
    again = datetime.fromisoformat(_approval(member, spoken)["remind_at"])
    assert again - datetime.fromisoformat(counting) > timedelta(days=5)
