"""S0, Skill: a consultancy's contacts open cases against their management agreement.

They come as invited guests in earnest; here, as the definition says of itself, demo people sign in
locally. What Microsoft's sign-in brings is another journey's.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from httpx2 import Client

from tests.served import Served

PORTAL = "skill"


@pytest.fixture(scope="module")
def contact(served: Served) -> Client:
    return served.person(PORTAL, "member@acme.example")


@pytest.fixture(scope="module")
def main_contact(served: Served) -> Client:
    return served.person(PORTAL, "company-admin@acme.example")


@pytest.fixture(scope="module")
def consultant(served: Served) -> Client:
    return served.person(PORTAL, "agent@skill.example")


def _open(client: Client, **answers: Any) -> dict[str, Any]:
    answer = client.post("/v1/tickets", json=answers)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _keys(items: Sequence[dict[str, Any]]) -> list[str]:
    return [item["key"] for item in items]


def test_the_front_page_has_all_that_a_frontend_needs(served: Served, contact: Client) -> None:
    """S0-9, S1-3, S1-4: branding and words before signing in; forms and the list after it, so a
    page can offer to open a case wherever it likes."""
    portal = served.anybody(**{"Accept-Language": "nb"}).get(f"/v1/portals/{PORTAL}").json()
    assert portal["name"]
    assert portal["branding"]["primary_color"].startswith("#")
    assert portal["words"]["ticket"] == "sak"
    catalogue = contact.get("/v1/catalogue").json()
    assert [form["key"] for box in catalogue["departments"] for form in box["forms"]] == ["sak"]
    assert contact.get("/v1/tickets").status_code == 200


def test_a_case_with_few_answers_and_a_file(
    served: Served, contact: Client, consultant: Client
) -> None:
    """S0-10 to S0-14, S0-19, S0-20: customer and contact come from who is signed in, severity may
    be left open, a file comes along, the management department is told."""
    file = contact.post(
        "/v1/attachments", files={"file": ("feil.txt", b"Feil 0x80\n", "text/plain")}
    ).json()
    case = _open(
        contact,
        form="sak",
        subject="Salgsordre kan ikke lagres",
        service="dynamics_365",
        description="Siden i går.",
        attachment_ids=[file["id"]],
    )
    assert case["requester"]["name"] == "Contact of Acme"
    assert case["organization"]["name"] == "Acme AS"
    assert case["severity"] is None
    assert case["type"]["key"] == "incident"
    forged = contact.post(
        "/v1/tickets",
        json={"form": "sak", "subject": "x", "requester": "somebody-else"},
    )
    assert forged.status_code == 422

    page = contact.get(f"/v1/tickets/{case['number']}").json()
    for shown in (
        "status",
        "number",
        "severity",
        "requester",
        "type",
        "created_at",
        "service",
        "description",
    ):
        assert shown in page
    files = contact.get(f"/v1/tickets/{case['id']}/attachments").json()["items"]
    assert [each["name"] for each in files] == ["feil.txt"]
    assert "Salgsordre" in served.mail_to("agent@skill.example", case["number"])


def test_a_case_is_charged_to_the_management_agreement(
    served: Served, contact: Client, consultant: Client
) -> None:
    """S0-24: the customer's agreements are offered in the form, a case says which one it is
    charged to (the default where nobody chose), the provider may move it to another one of that
    customer's, and lists can be narrowed to one."""
    lead = served.person(PORTAL, "lead@skill.example")
    home = contact.get("/v1/me").json()["memberships"][0]["organization"]["id"]
    made = {}
    for template in ("forvaltningsavtale", "timebank"):
        new = {"organization": home, "template": template}
        agreed = lead.post("/v1/entitlements", json=new)
        assert agreed.status_code == 201, agreed.text
        made[template] = agreed.json()["id"]
    try:
        form = contact.post(
            "/v1/forms/sak/resolve", json={"type": "incident", "subject": "x"}
        ).json()
        fields = {field["key"]: field for page in form["pages"] for field in page["fields"]}
        offered = {choice["key"] for choice in fields["entitlement"]["choices"]}
        assert offered == set(made.values())

        by_default = _open(contact, form="sak", subject="Uten valg av avtale")
        assert by_default["entitlement"]["id"] == made["forvaltningsavtale"]
        assert by_default["entitlement"]["name"] == "Management agreement"
        chosen = _open(contact, form="sak", subject="Liten jobb", entitlement=made["timebank"])
        assert chosen["entitlement"]["id"] == made["timebank"]

        here = f"/v1/tickets/{by_default['id']}"
        moved = consultant.patch(
            here, json={"entitlement": made["timebank"]}, headers={"If-Match": "*"}
        )
        assert moved.status_code == 200, moved.text
        assert contact.get(here).json()["entitlement"]["id"] == made["timebank"]
        charged = consultant.get(f"/v1/tickets?entitlement={made['timebank']}&limit=100").json()
        assert {by_default["id"], chosen["id"]} == {item["id"] for item in charged["items"]}

        stranger = served.person(PORTAL, "member@globex.example")
        assert stranger.get(f"/v1/entitlements/{made['timebank']}").status_code == 404
        foreign = stranger.post(
            "/v1/tickets", json={"form": "sak", "subject": "x", "entitlement": made["timebank"]}
        )
        assert foreign.status_code == 422
    finally:
        for agreement in made.values():
            ended = lead.patch(
                f"/v1/entitlements/{agreement}", json={"state": "ended"}, headers={"If-Match": "*"}
            )
            assert ended.status_code == 200, ended.text


def test_the_case_handler_sets_a_severity_that_was_left_open(
    contact: Client, consultant: Client
) -> None:
    """S0-22: no duty of the customer's; the handler sets it, at the latest when solving."""
    case = _open(contact, form="sak", subject="Rapporten er treg")
    solve = f"/v1/tickets/{case['id']}/transitions"
    refused = consultant.post(solve, json={"transition": "solve", "comment": "Indeks manglet."})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].endswith("/severity")
    read = consultant.get(f"/v1/tickets/{case['id']}")
    changed = consultant.patch(
        f"/v1/tickets/{case['id']}",
        json={"severity": "low"},
        headers={"If-Match": read.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    solved = consultant.post(solve, json={"transition": "solve", "comment": "Indeks manglet."})
    assert solved.status_code == 200, solved.text
    assert contact.get(f"/v1/tickets/{case['id']}").json()["severity"]["key"] == "low"


def test_one_conversation_by_portal_and_mail(
    served: Served, contact: Client, consultant: Client
) -> None:
    """S0-25 to S0-28, S0-30: text and file in one go; each side's comment mails the other, the
    customer's mail holds the answer itself, so nobody has to sit in the portal."""
    case = _open(contact, form="sak", subject="Tilgang til lager", type="service_request")
    who = consultant.get("/v1/me").json()["id"]
    read = consultant.get(f"/v1/tickets/{case['id']}")
    consultant.patch(
        f"/v1/tickets/{case['id']}",
        json={"assignee": who},
        headers={"If-Match": read.headers["ETag"]},
    )
    screenshot = consultant.post(
        "/v1/attachments", files={"file": ("veiledning.txt", b"Slik gjor du\n", "text/plain")}
    ).json()
    consultant.post(
        f"/v1/tickets/{case['id']}/comments",
        json={"body": "Du har fått tilgang nå.", "attachment_ids": [screenshot["id"]]},
    )
    mail = served.mail_to("member@acme.example", "Du har fått tilgang nå.")
    assert "veiledning.txt" in mail
    contact.post(f"/v1/tickets/{case['id']}/comments", json={"body": "Tusen takk for hjelpen!"})
    assert served.mail_to("agent@skill.example", "Tusen takk for hjelpen!")


def test_a_long_conversation_is_shown_shortened_and_then_whole(
    contact: Client, consultant: Client
) -> None:
    """S0-29: the last messages first, "show more" brings the rest, page by page."""
    case = _open(contact, form="sak", subject="En lang sak")
    for number in range(7):
        consultant.post(f"/v1/tickets/{case['id']}/comments", json={"body": f"Melding {number}"})
    first = contact.get(
        f"/v1/tickets/{case['id']}/comments?sort=-created_at&limit=3&include=total"
    ).json()
    assert first["total"] == 7
    said, cursor = [each["body"] for each in first["items"]], first["next_cursor"]
    while cursor:
        more = contact.get(
            f"/v1/tickets/{case['id']}/comments?sort=-created_at&limit=3&cursor={cursor}"
        ).json()
        said += [each["body"] for each in more["items"]]
        cursor = more["next_cursor"]
    assert said == [f"Melding {number}" for number in reversed(range(7))]


def test_overview_of_open_and_closed_cases_with_filters_applied_together(
    contact: Client, main_contact: Client, consultant: Client
) -> None:
    """S0-16 to S0-18: status reason, service, severity and type, chosen together."""
    one = _open(
        contact, form="sak", subject="Filter en", service="azure", severity="high", type="incident"
    )
    two = _open(
        contact, form="sak", subject="Filter to", service="azure", severity="low", type="question"
    )
    consultant.post(
        f"/v1/tickets/{two['id']}/transitions",
        json={"transition": "cancel", "comment": "Trukket."},
    )
    together = main_contact.get(
        "/v1/tickets?service=azure&severity=high&severity=low&type=incident&status=ny&limit=100"
    ).json()["items"]
    assert [item["id"] for item in together] == [one["id"]]
    closed = main_contact.get("/v1/tickets?state=closed&service=azure").json()["items"]
    assert [item["id"] for item in closed] == [two["id"]]
    assert closed[0]["status"]["key"] == "avbrutt"
    both = main_contact.get("/v1/tickets?service=azure&include=total").json()
    assert both["total"] == 2


def test_a_status_reason_stands_inside_a_fixed_state(contact: Client) -> None:
    """S0-32: the tenant's words, each inside one of the product's categories; S0-23: the services
    are kinds of technology; S0-31: a wish for the portal itself is a type of case."""
    catalogue = contact.get("/v1/catalogue").json()
    finer = {status["key"]: status["category"] for status in catalogue["statuses"]}
    assert finer["planlagt"] == finer["under_arbeid"] == "open"
    assert finer["avbrutt"] == finer["lukket"] == "closed"
    assert "dynamics_365" in _keys(catalogue["services"])
    assert "change_request" in _keys(catalogue["types"])
    wish = _open(contact, form="sak", subject="Mørk modus, takk", type="change_request")
    assert wish["type"]["key"] == "change_request"
