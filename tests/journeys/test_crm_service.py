"""S3, CRM-service: basic users and company admins, severity for bugs alone, comments that move.

One ticket from opening to closing, and the rules around it, as the people of Acme live them.
"""

import pytest
from httpx2 import Client

from tests.served import Served

PORTAL = "crm-service"


@pytest.fixture(scope="module")
def member(served: Served) -> Client:
    return served.person(PORTAL, "member@acme.example")


@pytest.fixture(scope="module")
def colleague(served: Served) -> Client:
    return served.person(PORTAL, "member2@acme.example")


@pytest.fixture(scope="module")
def admin(served: Served) -> Client:
    return served.person(PORTAL, "company-admin@acme.example")


@pytest.fixture(scope="module")
def stranger(served: Served) -> Client:
    return served.person(PORTAL, "company-admin@globex.example")


@pytest.fixture(scope="module")
def agent(served: Served) -> Client:
    return served.person(PORTAL, "agent@crm.example")


def _open(client: Client, **answers: object) -> dict:  # type: ignore[type-arg]
    told = {"description": "More in words.", **answers}
    answer = client.post("/v1/tickets", json=told)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_a_bug_from_opening_to_closing(served: Served, member: Client, agent: Client) -> None:
    """S3-2, S3-3, S3-11, S3-12, S3-15 to S3-19, S0-21: the whole way of one ticket."""
    screenshot = b"\x89PNG\r\n\x1a\n" + _PIXEL
    upload = member.post(
        "/v1/attachments",
        content=screenshot,
        headers={
            "Content-Type": "image/png",
            "Content-Disposition": "attachment; filename=report.png",
        },
    )
    assert upload.status_code == 201, upload.text

    ticket = _open(
        member,
        type="bug",
        subject="Totals are wrong in the report",
        description="The sum of *June* is missing.",
        severity="sev3",
        priority="high",
        attachment_ids=[upload.json()["id"]],
    )
    assert ticket["number"].startswith("CRM-")
    assert ticket["requester"]["name"] == "Member of Acme"
    assert ticket["organization"]["name"] == "Acme Oy"
    assert ticket["status"]["category"] == "new"
    assert ticket["severity"]["key"] == "sev3"
    served.mail_to("agent@crm.example", ticket["number"])

    asked = agent.post(
        f"/v1/tickets/{ticket['number']}/comments",
        json={"body": "Which report is it?", "transition": "ask_customer"},
    )
    assert asked.status_code == 201, asked.text
    assert asked.json()["status_change"]["after"]["category"] == "waiting_customer"
    mail = served.mail_to("member@acme.example", ticket["number"])
    assert "Which report is it?" in served.mail_to("member@acme.example", "Which report is it?")
    assert mail

    log = member.post(
        "/v1/attachments",
        files={"file": ("log.txt", b"line one\nline two\n", "text/plain")},
    ).json()
    answered = member.post(
        f"/v1/tickets/{ticket['id']}/comments",
        json={
            "body": "The one for June.",
            "transition": "ask_crm_team",
            "attachment_ids": [log["id"]],
        },
    )
    assert answered.status_code == 201, answered.text
    assert [file["name"] for file in answered.json()["attachments"]] == ["log.txt"]
    served.mail_to("agent@crm.example", "The one for June.")

    mended = agent.post(
        "/v1/attachments",
        files={"file": ("mended.txt", b"mended in release 7\n", "text/plain")},
    ).json()
    hung = agent.post(
        f"/v1/tickets/{ticket['id']}/attachments", json={"attachment_ids": [mended["id"]]}
    )
    assert hung.status_code == 201, hung.text
    resolved = agent.post(
        f"/v1/tickets/{ticket['id']}/transitions",
        json={"transition": "resolve", "comment": "Mended in release 7."},
    )
    assert resolved.json()["status"]["category"] == "resolved"

    closed = member.post(f"/v1/tickets/{ticket['id']}/transitions", json={"transition": "close"})
    assert closed.json()["status"]["category"] == "closed"
    assert closed.json()["closed_at"]

    thread = member.get(f"/v1/tickets/{ticket['id']}/comments").json()["items"]
    said = [comment["body"] for comment in thread]
    assert said == ["Mended in release 7.", "The one for June.", "Which report is it?"]

    files = member.get(f"/v1/tickets/{ticket['id']}/attachments").json()["items"]
    assert {file["name"] for file in files} == {"report.png", "log.txt", "mended.txt"}
    picture = next(file for file in files if file["name"] == "report.png")
    assert member.get(picture["content"]).content == screenshot

    happened = member.get(f"/v1/tickets/{ticket['id']}/history?limit=100").json()["items"]
    assert [event["event"] for event in happened][-1] == "ticket.opened"
    moves = [
        event["data"]["after"] for event in happened if event["event"] == "ticket.status_changed"
    ]
    assert moves == ["closed", "resolved", "waiting_crm_team", "waiting_customer"]


@pytest.mark.parametrize("type_", ["support", "work_order"])
def test_severity_is_for_bugs_alone(member: Client, type_: str) -> None:
    """S3-13: support and work orders are always "Severity 10 – Not in SLA", whatever is sent."""
    ticket = _open(member, type=type_, subject="How do I export contacts?", severity="sev1")
    assert ticket["severity"]["label"] == "Severity 10 – Not in SLA"

    shown = member.post(
        "/v1/forms/ticket/resolve", json={"type": type_, "subject": "How do I export contacts?"}
    ).json()
    assert shown["forced"] == {"severity": "sev10"}
    assert "severity" not in [field["key"] for page in shown["pages"] for field in page["fields"]]


def test_a_bug_needs_a_severity_and_the_form_says_so_before(member: Client) -> None:
    """S3-12, S3-13: one of three categories; for a bug the severity is asked."""
    asked = member.post("/v1/forms/ticket/resolve", json={"type": "bug", "subject": "x"}).json()
    fields = {field["key"]: field for page in asked["pages"] for field in page["fields"]}
    assert fields["severity"]["required"]
    refused = member.post(
        "/v1/tickets", json={"type": "bug", "subject": "It breaks", "description": "Often."}
    )
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["/severity"]
    types = [kind["label"] for kind in member.get("/v1/catalogue").json()["types"]]
    assert types == ["Support", "Bug", "Work Order"]


def test_priority_is_the_customers_own_view(member: Client) -> None:
    """S3-14: urgency as the customer sees it, beside the severity, for every category."""
    ticket = _open(member, type="work_order", subject="A new field, please", priority="urgent")
    assert ticket["priority"]["key"] == "urgent"
    assert ticket["severity"]["key"] == "sev10"


def test_a_member_sees_and_updates_his_own_and_what_others_did_to_it(
    member: Client, colleague: Client, agent: Client
) -> None:
    """S3-5: own tickets alone; changes others made to them are seen."""
    ticket = _open(member, type="support", subject="Where are the invoices?")
    read = member.get(f"/v1/tickets/{ticket['id']}")
    changed = member.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"subject": "Where are the invoices of 2025?"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    fresh = agent.get(f"/v1/tickets/{ticket['id']}")
    who = agent.get("/v1/me").json()["id"]
    taken = agent.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"assignee": who, "priority": "low"},
        headers={"If-Match": fresh.headers["ETag"]},
    )
    assert taken.status_code == 200, taken.text
    seen = member.get(f"/v1/tickets/{ticket['id']}").json()
    assert seen["priority"]["key"] == "low"
    assert seen["assignee"]["name"] == "Agent"
    happened = member.get(f"/v1/tickets/{ticket['id']}/history").json()["items"]
    assert "ticket.assigned" in [event["event"] for event in happened]

    assert colleague.get(f"/v1/tickets/{ticket['id']}").status_code == 404
    assert colleague.get(f"/v1/tickets/{ticket['number']}/comments").status_code == 404
    listed = colleague.get("/v1/tickets?limit=100").json()["items"]
    assert ticket["id"] not in [item["id"] for item in listed]


def test_a_company_admin_sees_updates_and_answers_all_of_his_company(
    member: Client, admin: Client, stranger: Client
) -> None:
    """S3-4, S3-6: everything of his own company, nothing of another."""
    ticket = _open(member, type="support", subject="Who may approve offers?")
    read = admin.get(f"/v1/tickets/{ticket['id']}")
    assert read.status_code == 200
    changed = admin.patch(
        f"/v1/tickets/{ticket['id']}",
        json={"priority": "high"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert changed.json()["priority"]["key"] == "high"
    file = admin.post(
        "/v1/attachments", files={"file": ("list.csv", b"a;b\n1;2\n", "text/csv")}
    ).json()
    said = admin.post(
        f"/v1/tickets/{ticket['id']}/comments",
        json={"body": "It should be the sales lead.", "attachment_ids": [file["id"]]},
    )
    assert said.status_code == 201, said.text
    assert stranger.get(f"/v1/tickets/{ticket['id']}").status_code == 404
    assert ticket["id"] not in [
        item["id"] for item in stranger.get("/v1/tickets?limit=100").json()["items"]
    ]


def test_the_role_is_set_per_user_in_the_portal(
    served: Served, member: Client, admin: Client
) -> None:
    """S3-7: a colleague becomes a company admin by being given the role, and from the next
    request on sees what his company asked for."""
    ticket = _open(member, type="support", subject="Visible to admins only")
    company = admin.get("/v1/organizations").json()["items"][0]["id"]
    second = served.person(PORTAL, "member2@acme.example")
    who = second.get("/v1/me").json()["id"]
    assert second.get(f"/v1/tickets/{ticket['id']}").status_code == 404
    place = f"/v1/organizations/{company}/members/{who}"
    assert admin.put(place, json={"role": "paakayttaja"}).status_code == 200
    assert second.get(f"/v1/tickets/{ticket['id']}").status_code == 200
    assert admin.put(place, json={"role": "perus"}).status_code == 200
    assert second.get(f"/v1/tickets/{ticket['id']}").status_code == 404


def test_lists_are_filtered_by_several_values_and_sorted_by_every_field(
    member: Client, admin: Client
) -> None:
    """S3-20, S3-21, S0-16, S0-18: status, category, severity, priority, "My tickets"."""
    _open(member, type="bug", subject="Alpha breaks", severity="sev2", priority="urgent")
    _open(member, type="bug", subject="Beta breaks", severity="sev7", priority="low")
    found = admin.get(
        "/v1/tickets?type=bug&severity=sev2&severity=sev7&priority=urgent&priority=low"
        "&state=open&sort=severity&limit=100"
    ).json()["items"]
    keys = [item["severity"]["key"] for item in found]
    assert keys == sorted(keys)
    assert {"Alpha breaks", "Beta breaks"} <= {item["subject"] for item in found}
    assert all(item["priority"]["key"] in {"urgent", "low"} for item in found)

    mine = admin.get("/v1/tickets?mine=true&limit=100").json()["items"]
    assert {item["requester"]["name"] for item in mine} <= {"Company admin of Acme"}
    for field in (
        "number",
        "subject",
        "type",
        "status",
        "severity",
        "priority",
        "requester",
        "assignee",
        "organization",
        "created_at",
        "updated_at",
        "closed_at",
    ):
        for direction in ("", "-"):
            answer = admin.get(f"/v1/tickets?sort={direction}{field}&limit=2")
            assert answer.status_code == 200, answer.text


def test_access_is_granted_to_certain_contacts_by_an_agent(served: Served, agent: Client) -> None:
    """S3-1, S3-8 (a link, never a password), S3-9: an agent makes a contact and lets him in."""
    company = agent.post("/v1/organizations", json={"name": "Initech Oy"}).json()["id"]
    address = "new-contact@initech.example"
    person = agent.post("/v1/people", json={"name": "New contact", "email": address}).json()["id"]
    agent.put(f"/v1/organizations/{company}/members/{person}", json={"role": "perus"})
    assert agent.post(f"/v1/people/{person}/activation").status_code == 202
    mail = served.mail_to(address, "http")
    token = _secret_in(mail)
    anybody = served.anybody()
    assert anybody.get(f"/v1/password-resets/{token}").json()["purpose"] == "activation"
    password = "kaksi vihreää omenaa pöydällä"
    done = anybody.post(f"/v1/password-resets/{token}", json={"password": password})
    assert done.status_code == 204, done.text
    newcomer = served.signed_in(PORTAL, address, password)
    assert newcomer.get("/v1/me").json()["email"] == address
    assert newcomer.get("/v1/tickets").json()["items"] == []


def test_a_forgotten_password_is_set_anew_by_mail(served: Served) -> None:
    """S3-10, S2-4: a link by mail; the old password and every session end with it."""
    address = "member@globex.example"
    before = served.person(PORTAL, address)
    anybody = served.anybody()
    asked = anybody.post(f"/v1/portals/{PORTAL}/password-resets", json={"email": address})
    assert asked.status_code == 202
    token = _secret_in(served.mail_to(address, "skl_"))
    password = "sade ropisee peltikattoon yöllä"
    assert (
        anybody.post(f"/v1/password-resets/{token}", json={"password": password}).status_code == 204
    )
    assert before.get("/v1/me").status_code == 401
    assert served.signed_in(PORTAL, address, password).get("/v1/me").status_code == 200


def _secret_in(mail: str) -> str:
    start = mail.index("skl_")
    return mail[start : start + 47]


_PIXEL = bytes.fromhex(
    "0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
