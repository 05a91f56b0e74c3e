"""S4, TVox: what a customer sees before anything else, how far his company has got.

The provider opens the tickets here, as mails do in earnest.
"""

from typing import Any

import pytest
from httpx2 import Client

from tests.served import Served

PORTAL = "tvox"
DASHBOARD = "/v1/dashboards/tickets"


@pytest.fixture(scope="module")
def user(served: Served) -> Client:
    return served.person(PORTAL, "member@acme.example")


@pytest.fixture(scope="module")
def company_user(served: Served) -> Client:
    return served.person(PORTAL, "company-reader@acme.example", **{"Accept-Language": "it"})


@pytest.fixture(scope="module")
def operator(served: Served) -> Client:
    return served.person(PORTAL, "agent@tvox.example")


def _opened_for(operator: Client, customer: Client) -> dict[str, Any]:
    me = customer.get("/v1/me").json()
    answer = operator.post(
        "/v1/tickets",
        json={
            "type": "guasto",
            "subject": "The switchboard is silent",
            "description": "Since this morning.",
            "on_behalf_of": me["id"],
            "organization": me["memberships"][0]["organization"]["id"],
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _moved(operator: Client, ticket: dict[str, Any], transition: str) -> None:
    said = {"transition": transition, "comment": "Which line is it?"}
    answer = operator.post(f"/v1/tickets/{ticket['id']}/transitions", json=said)
    assert answer.status_code == 200, answer.text


def _figures(tally: dict[str, Any]) -> dict[str, int]:
    return {each["key"]: each["count"] for each in tally["by_status"]}


def _grown(before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    held = _figures(before)
    return {key: count - held[key] for key, count in _figures(after).items()}


def test_two_charts_follow_tickets_from_new_to_closed(
    user: Client, company_user: Client, operator: Client
) -> None:
    """S4-8, S4-9, S4-13: all of the company's on the left, one's own on the right, by the status
    the provider gave, in its colours; what is closed is gone from both."""
    before = company_user.get(DASHBOARD).json()
    mine = _opened_for(operator, company_user)
    colleagues = [_opened_for(operator, user) for _ in range(3)]
    _moved(operator, colleagues[1], "attendi_cliente")
    _moved(operator, colleagues[2], "chiudi")
    after = company_user.get(DASHBOARD).json()
    new = {"nuovo": 1, "aperto": 0, "pending": 0}
    assert _grown(before["mine"], after["mine"]) == new
    assert _grown(before["organization"], after["organization"]) == {
        "nuovo": 2,
        "aperto": 0,
        "pending": 1,
    }
    told = {each["key"]: (each["color"], each["category"]) for each in after["mine"]["by_status"]}
    assert told == {
        "nuovo": ("#f2c200", "new"),
        "aperto": ("#d32f2f", "open"),
        "pending": ("#29b6f6", "waiting_customer"),
    }
    _moved(operator, mine, "chiudi")
    assert company_user.get(DASHBOARD).json()["mine"] == before["mine"]


def test_the_charts_come_as_pictures_in_the_portals_colours(company_user: Client) -> None:
    """S4-8, S4-9: for a page that draws nothing itself, in the caller's language."""
    for scope in ("organization", "mine"):
        answer = company_user.get(f"{DASHBOARD}.svg?scope={scope}")
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        spoken = answer.headers["Content-Language"]
        assert f'xml:lang="{spoken}"' in answer.text
    drawn = company_user.get(f"{DASHBOARD}.svg?scope=organization").text
    assert all(color in drawn for color in ("#f2c200", "#d32f2f", "#29b6f6"))


def test_who_reads_his_own_counts_his_own(
    user: Client, company_user: Client, operator: Client
) -> None:
    """S4-12: the company's chart is not for him; his own counts nothing of a colleague's."""
    before = user.get(DASHBOARD).json()
    assert before["organization"] is None
    assert user.get(f"{DASHBOARD}.svg?scope=organization").status_code == 403
    _opened_for(operator, company_user)
    assert user.get(DASHBOARD).json() == before
    mine = _opened_for(operator, user)
    assert user.get(DASHBOARD).json()["mine"]["total"] == before["mine"]["total"] + 1
    said = {"body": "It rings again."}
    assert user.post(f"/v1/tickets/{mine['id']}/comments", json=said).status_code == 201


def test_who_counts_the_whole_company_writes_in_his_own_only(
    user: Client, company_user: Client, operator: Client
) -> None:
    """S4-13: each figure leads to the tickets it counts; he reads them and answers only his."""
    colleagues = _opened_for(operator, user)
    own = _opened_for(operator, company_user)
    tally = company_user.get(DASHBOARD).json()["organization"]
    figure = next(each for each in tally["by_status"] if each["key"] == "nuovo")
    listed = company_user.get(f"{figure['href']}&include=total&limit=100").json()
    assert listed["total"] == figure["count"]
    assert {colleagues["id"], own["id"]} <= {ticket["id"] for ticket in listed["items"]}
    for ticket, answered in ((colleagues, 403), (own, 201)):
        assert company_user.get(f"/v1/tickets/{ticket['id']}").status_code == 200
        said = company_user.post(f"/v1/tickets/{ticket['id']}/comments", json={"body": "And now?"})
        assert said.status_code == answered
