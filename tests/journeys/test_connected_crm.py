"""S3-22: a CRM system that is kept in step with the portal, by a script with an API key.

The script knows the portal's things by its own names alone, and keeps one thing between two runs:
how far it has followed the feed.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from tests.served import Served

PORTAL = "crm-service"
SCOPES = (
    "changes:read",
    "organizations:read",
    "organizations:write",
    "people:read",
    "people:write",
    "tickets:read:tenant",
    "tickets:open_on_behalf",
    "tickets:update:tenant",
)


class Crm:
    """One run of the script. What it knows of tickets lies in a file, as it would in the CRM."""

    def __init__(self, client: Client, file: Path) -> None:
        self._client = client
        self._file = file
        self.known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def put(self, noun: str, key: str, **said: Any) -> dict[str, Any]:
        answer = self._client.put(f"/v1/{noun}/by-reference/crm/{key}", json=said)
        assert answer.status_code in {200, 201}, answer.text
        kept: dict[str, Any] = answer.json()
        return kept

    def begin(self) -> None:
        """Follow from now on."""
        found = self._client.get("/v1/changes", params={"begin": "newest"}).json()
        self._keep(found["next"])

    def follow(self, *, until: int) -> list[str]:
        """Follow until so much has happened to tickets of the CRM's own; answers what it was."""
        happened: list[str] = []
        while True:
            asked = {"cursor": self.known["next"], "wait": 20}
            answer = self._client.get("/v1/changes", params=asked)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            for change in found["items"]:
                ticket = change["ticket"]
                if ticket and ticket["external_ref"]:
                    happened.append(f"{ticket['external_ref']['key']}: {change['event']}")
            self._keep(found["next"])
            if len(happened) >= until or not found["items"]:
                return happened

    def _keep(self, place: str) -> None:
        self.known["next"] = place
        self._file.write_text(json.dumps(self.known))


@pytest.fixture
def key(served: Served) -> dict[str, Any]:
    administrator = served.person(PORTAL, "admin@crm.example")
    robot = administrator.post(
        "/v1/people",
        json={"name": "CRM", "side": "agent", "role": "lead", "service": True},
    )
    assert robot.status_code == 201, robot.text
    made = administrator.post(
        "/v1/api-keys",
        json={"name": "CRM", "scopes": SCOPES, "person": robot.json()["id"]},
    )
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def test_a_crm_and_the_portal_keep_in_step(
    served: Served, key: dict[str, Any], tmp_path: Path
) -> None:
    """S3-22: organization, person and ticket by the CRM's names; events to synchronize by."""
    client = served.anybody(Authorization=f"Bearer {key['key']}")
    crm = Crm(client, tmp_path / "crm.json")
    crm.begin()
    company = crm.put("organizations", "A-1", name="Initech Oy", email_domains=["initech.example"])
    person = crm.put("people", "C-7", name="Contact", email="contact@initech.example")
    member = client.put(
        f"/v1/organizations/{company['id']}/members/{person['id']}", json={"role": "perus"}
    )
    assert member.status_code == 200, member.text
    ticket = crm.put(
        "tickets",
        "T-3",
        type="support",
        subject="Report is empty",
        description="Since Monday.",
        on_behalf_of=person["id"],
    )
    assert ticket["organization"]["id"] == company["id"]
    # Said again in the night, it changes nothing.
    assert crm.put("organizations", "A-1", name="Initech Oy")["id"] == company["id"]
    listed = client.get("/v1/organizations", params={"external_ref": "crm:A-1"}).json()["items"]
    assert [each["id"] for each in listed] == [company["id"]]
    assert crm.follow(until=1) == ["T-3: ticket.opened"]

    agent = served.person(PORTAL, "agent@crm.example")
    # The CRM's server is down; the portal goes on.
    said = agent.post(
        f"/v1/tickets/{ticket['id']}/comments",
        json={"body": "Which report?", "visibility": "public"},
    )
    assert said.status_code == 201, said.text
    renamed = agent.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"subject": "The June report is empty"},
        headers={"If-Match": agent.get(f"/v1/tickets/{ticket['id']}").headers["ETag"]},
    )
    assert renamed.status_code == 200, renamed.text

    again = Crm(client, tmp_path / "crm.json")
    assert again.follow(until=3) == [
        "T-3: ticket.status_changed",
        "T-3: comment.added",
        "T-3: ticket.changed",
    ]
    nothing = client.get("/v1/changes", params={"cursor": again.known["next"]}).json()
    assert (nothing["items"], nothing["more"]) == ([], False)
    shown = client.get("/v1/tickets/by-reference/crm/T-3").json()
    assert shown["subject"] == "The June report is empty"
