"""S4, TVox: operators let contacts of customer companies in, and open tickets for them.

Users see their own tickets; company users read and count everything of their company and write in
their own. Two charts say what is in progress.
"""

from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from httpx2 import Client

from tests.served import Served

PORTAL = "tvox"
Ticket = dict[str, Any]
COLORS = {"nuovo": "#f2c200", "aperto": "#d32f2f", "pending": "#29b6f6", "chiuso": "#6b7280"}


@dataclass
class Company:
    """A customer company that an operator has let in: a company user and two users."""

    id: str
    reader: Client
    user: Client
    colleague: Client


@pytest.fixture(scope="module")
def operator(served: Served) -> Client:
    return served.person(PORTAL, "agent@tvox.example")


@pytest.fixture(scope="module")
def lead(served: Served) -> Client:
    return served.person(PORTAL, "lead@tvox.example")


@pytest.fixture(scope="module")
def company(served: Served, operator: Client) -> Company:
    """Initech, let in as every company is."""
    made = operator.post("/v1/organizations", json={"name": "Initech S.r.l."}).json()["id"]
    people: dict[str, Client] = {}
    for name, role in (
        ("reader", "utente_aziendale"),
        ("user", "utente"),
        ("colleague", "utente"),
    ):
        address = f"{name}@initech.example"
        password = f"tre gatti {name} sul tetto"
        _let_in(served, operator, made, address, role, password)
        people[name] = served.signed_in(PORTAL, address, password)
    return Company(made, people["reader"], people["user"], people["colleague"])


def _let_in(
    served: Served, operator: Client, company: str, address: str, role: str, password: str
) -> str:
    """Enter a contact into the address book and open the portal for him; answers his id."""
    made = operator.post("/v1/people", json={"name": address.partition("@")[0], "email": address})
    assert made.status_code == 201, made.text
    person = str(made.json()["id"])
    member = operator.put(f"/v1/organizations/{company}/members/{person}", json={"role": role})
    assert member.is_success, member.text
    assert operator.post(f"/v1/people/{person}/activation").status_code == 202
    token = _secret_in(served.mail_to(address, "skl_"))
    done = served.anybody().post(f"/v1/password-resets/{token}", json={"password": password})
    assert done.status_code == 204, done.text
    return person


def _secret_in(mail: str) -> str:
    start = mail.index("skl_")
    return mail[start : start + 47]


def _open(operator: Client, user: Client, subject: str, **answers: Any) -> Ticket:
    """A ticket that an operator opens for whoever called."""
    who = user.get("/v1/me").json()["id"]
    told = {"type": "guasto", "subject": subject, "on_behalf_of": who, **answers}
    answer = operator.post("/v1/tickets", json=told)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _step(client: Client, ticket: Ticket, transition: str, **more: Any) -> Ticket:
    path = f"/v1/tickets/{ticket['id']}/transitions"
    answer = client.post(path, json={"transition": transition, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def _say(client: Client, ticket: Ticket, body: str, **more: Any) -> int:
    path = f"/v1/tickets/{ticket['id']}/comments"
    return client.post(path, json={"body": body, **more}).status_code


def _listed(client: Client, query: str = "") -> set[str]:
    answer = client.get(f"/v1/tickets?limit=100{query}")
    assert answer.status_code == 200, answer.text
    return {item["id"] for item in answer.json()["items"]}


def test_an_operator_opens_the_portal_for_a_contact_of_the_address_book(
    served: Served, operator: Client, company: Company
) -> None:
    """S4-2 to S4-6: the contact is in the address book with his address, an operator whose role
    has that permission lets him in with one of two roles, and a link comes by mail in place of a
    password."""
    address = "centralinista@initech.example"
    password = "sette colli sotto la pioggia"
    stranger = served.anybody().post(
        f"/v1/portals/{PORTAL}/sessions", json={"email": address, "password": password}
    )
    assert stranger.status_code == 401
    _let_in(served, operator, company.id, address, "utente", password)
    contact = served.signed_in(PORTAL, address, password)
    me = contact.get("/v1/me").json()
    assert me["email"] == address
    assert [held["role"] for held in me["memberships"]] == ["utente"]

    roles = {role["key"]: role for role in operator.get("/v1/roles").json()["items"]}
    assert {key for key, role in roles.items() if role["side"] == "customer"} == {
        "utente",
        "utente_aziendale",
    }
    may = {key for key, role in roles.items() if "portal_access:grant" in role["permissions"]}
    assert may == {"agent", "lead", "tenant_admin"}
    refused = contact.post(f"/v1/people/{me['id']}/activation")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    place = f"/v1/organizations/{company.id}/members/{me['id']}"
    assert operator.put(place, json={"role": "utente_aziendale"}).is_success
    held = contact.get("/v1/me").json()["memberships"]
    assert [each["role"] for each in held] == ["utente_aziendale"]


def test_a_user_changes_his_password(served: Served, operator: Client, company: Company) -> None:
    """S4-7: in his profile, with the one he has; the old one opens nothing any more."""
    address, old, new = "cambio@initech.example", "un asino che vola basso", "due lune sul mare"
    _let_in(served, operator, company.id, address, "utente", old)
    user = served.signed_in(PORTAL, address, old)
    wrong = user.post("/v1/me/password", json={"present": "indovinata", "password": new})
    assert wrong.json()["code"] == "password-wrong"
    changed = user.post("/v1/me/password", json={"present": old, "password": new})
    assert changed.status_code == 200, changed.text
    tried = {"email": address, "password": old}
    assert served.anybody().post(f"/v1/portals/{PORTAL}/sessions", json=tried).status_code == 401
    assert served.signed_in(PORTAL, address, new).get("/v1/me").status_code == 200


def test_after_a_change_of_policy_a_user_sets_another_password_before_he_goes_on(
    served: Served, company: Company, operator: Client
) -> None:
    """S4-20: wherever he is signed in; the link for a forgotten password does it as well."""
    address, old = "careful@initech.example", "tre gatti cauti sul tetto"
    person = _let_in(served, operator, company.id, address, "utente", old)
    client = served.signed_in(PORTAL, address, old)
    assert operator.post(f"/v1/people/{person}/password-expiry").status_code == 204
    shut = client.get("/v1/tickets")
    assert shut.json()["code"] == "password-change-required"
    sent = {"present": old, "password": "quattro cani prudenti sotto il ponte"}
    state = client.post("/v1/me/password", json=sent).json()
    assert state["state"] == "signed_in"


def test_customers_open_none_here_and_are_told_so(operator: Client, company: Company) -> None:
    """This portal takes no new tickets from its pages; an operator opens one for whoever calls."""
    asked = {"type": "guasto", "subject": "Non squilla"}
    refused = company.user.post("/v1/tickets", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "channel-not-offered")
    ticket = _open(operator, company.user, "Non squilla")
    assert ticket["requester"]["name"] == "user"
    assert ticket["channel"] == "agent"


def test_a_ticket_goes_through_four_statuses_each_with_its_colour(
    operator: Client, company: Company
) -> None:
    """S4-1, S4-9: followed, read and managed by the customer: new until an operator takes it,
    open while the provider must act, pending while the customer must, closed when it is done."""
    catalogue = company.user.get("/v1/catalogue").json()
    assert {each["key"]: each["color"] for each in catalogue["statuses"]} == COLORS
    ticket = _open(operator, company.user, "Eco nelle chiamate")
    seen = [company.user.get(f"/v1/tickets/{ticket['number']}").json()["status"]]
    assert operator.post(f"/v1/tickets/{ticket['id']}/take").is_success
    seen.append(company.user.get(f"/v1/tickets/{ticket['id']}").json()["status"])
    _step(operator, ticket, "attendi_cliente", comment="Su quali interni?")
    seen.append(company.user.get(f"/v1/tickets/{ticket['id']}").json()["status"])
    assert seen[-1]["label"] == "Waiting for your answer"
    assert _say(company.user, ticket, "Sul 214 e sul 230.") == 201
    seen.append(company.user.get(f"/v1/tickets/{ticket['id']}").json()["status"])
    _step(operator, ticket, "chiudi", comment="Volume corretto.")
    seen.append(company.user.get(f"/v1/tickets/{ticket['id']}").json()["status"])
    assert [each["key"] for each in seen] == ["nuovo", "aperto", "pending", "aperto", "chiuso"]
    assert all(each["color"] == COLORS[each["key"]] for each in seen)
    thread = company.user.get(f"/v1/tickets/{ticket['id']}/comments").json()["items"]
    assert [said["body"] for said in thread] == [
        "Su quali interni?",
        "Sul 214 e sul 230.",
        "Volume corretto.",
    ]


def test_users_have_their_own_and_company_users_read_everything(
    served: Served, operator: Client, company: Company
) -> None:
    """S4-10 to S4-13: all tickets and my tickets; a user reads and writes in his own alone; a
    company user reads all of the company's and writes in his own; another company sees nothing."""
    his = _open(operator, company.user, "Interno muto")
    other = _open(operator, company.colleague, "Fax che non parte")
    own = _open(operator, company.reader, "Messaggio di benvenuto")

    assert {own["id"], his["id"], other["id"]} <= _listed(company.reader)
    mine = _listed(company.reader, "&mine=true")
    assert own["id"] in mine
    assert not {his["id"], other["id"]} & mine
    assert his["id"] in _listed(company.user)
    assert not {own["id"], other["id"]} & _listed(company.user)
    assert _listed(company.user) == _listed(company.user, "&mine=true")

    path = f"/v1/tickets/{his['id']}"
    assert company.user.get(path).status_code == 200
    assert _say(company.user, his, "Ancora muto.") == 201
    assert company.colleague.get(path).status_code == 404
    assert _say(company.colleague, his, "Anche il mio.") == 404
    read = company.reader.get(path)
    assert read.json()["subject"] == "Interno muto"
    assert _say(company.reader, his, "Sollecito.") == 403
    assert _say(company.reader, own, "Ecco il testo.") == 201
    comment = [each for each in read.json()["allowed_actions"] if each["action"] == "comment"]
    assert not any(each["allowed"] for each in comment)

    abroad = served.person(PORTAL, "company-reader@globex.example")
    assert abroad.get(path).status_code == 404
    assert not {own["id"], his["id"], other["id"]} & _listed(abroad)


def test_two_charts_count_what_is_in_progress_by_status(served: Served, operator: Client) -> None:
    """S4-8, S4-12, S4-13: left the company's tickets, right one's own, by status and in its
    colour, as figures and as pictures; a user without the company's has his own alone."""
    made = operator.post("/v1/organizations", json={"name": "Grafici S.p.A."}).json()["id"]
    for name, role in (("capo", "utente_aziendale"), ("addetto", "utente")):
        _let_in(served, operator, made, f"{name}@grafici.example", role, "quattro sedie rosse")
    boss = served.signed_in(PORTAL, "capo@grafici.example", "quattro sedie rosse")
    user = served.signed_in(PORTAL, "addetto@grafici.example", "quattro sedie rosse")
    _open(operator, boss, "Uno")
    _open(operator, user, "Due")
    taken = _open(operator, user, "Tre")
    assert operator.post(f"/v1/tickets/{taken['id']}/take").is_success
    waiting = _open(operator, user, "Quattro")
    _step(operator, waiting, "attendi_cliente", comment="Quale interno?")
    done = _open(operator, user, "Cinque")
    _step(operator, done, "chiudi", comment="Fatto.")

    def counted(chart: dict[str, Any]) -> dict[str, int]:
        assert all(each["color"] == COLORS[each["key"]] for each in chart["by_status"])
        return {each["key"]: each["count"] for each in chart["by_status"]}

    charts = boss.get("/v1/dashboards/tickets").json()
    assert counted(charts["organization"]) == {"nuovo": 2, "aperto": 1, "pending": 1}
    assert counted(charts["mine"]) == {"nuovo": 1, "aperto": 0, "pending": 0}
    for each in charts["organization"]["by_status"]:
        led_to = boss.get(each["href"]).json()["items"]
        assert len(led_to) == each["count"]
    own = user.get("/v1/dashboards/tickets").json()
    assert own["organization"] is None
    assert counted(own["mine"]) == {"nuovo": 1, "aperto": 1, "pending": 1}

    for scope in ("organization", "mine"):
        drawn = boss.get("/v1/dashboards/tickets.svg", params={"scope": scope})
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert ET.fromstring(drawn.text).tag.endswith("svg")  # noqa: S314 (our own)
        assert COLORS["nuovo"] in drawn.text
    refused = user.get("/v1/dashboards/tickets.svg?scope=organization")
    assert refused.status_code == 403


def test_a_service_is_called_as_the_contract_calls_it(
    lead: Client, operator: Client, company: Company
) -> None:
    """S4-14: every ticket has a service, in lists too; under a premium contract it has another
    name."""
    plain = _open(operator, company.user, "Prima del contratto", service="centralino")
    assert plain["service"]["label"] == "TVox exchange"
    agreed = lead.post("/v1/entitlements", json={"organization": company.id, "template": "premium"})
    assert agreed.status_code == 201, agreed.text
    premium = agreed.json()["id"]
    managed = _open(
        operator, company.user, "Con il contratto", service="centralino", entitlement=premium
    )
    listed = company.user.get("/v1/tickets?service=centralino&limit=100").json()["items"]
    names = {item["id"]: item["service"]["label"] for item in listed}
    assert names[plain["id"]] == "TVox exchange"
    assert names[managed["id"]] == "Managed TVox exchange"
    shown = company.user.get(f"/v1/tickets/{managed['id']}").json()
    assert shown["entitlement"]["id"] == premium


def test_a_private_note_reaches_the_operator_in_charge_alone(
    served: Served, operator: Client, company: Company
) -> None:
    """S4-15: the customer's note is seen by its author and the agents; the one in charge is
    mailed; colleagues and company users see nothing of it."""
    ticket = _open(operator, company.user, "Conto da rivedere")
    assert operator.post(f"/v1/tickets/{ticket['id']}/take").is_success
    note = "Per favore non ditelo al capo."
    assert _say(company.user, ticket, note, visibility="private") == 201
    served.mail_to("agent@tvox.example", note)
    path = f"/v1/tickets/{ticket['id']}/comments"

    def said(client: Client) -> list[str]:
        return [each["body"] for each in client.get(path).json()["items"]]

    assert said(company.user) == [note]
    assert note in said(operator)
    assert said(company.reader) == []
    assert company.reader.get("/v1/tickets", params={"q": "capo"}).json()["items"] == []
    assert not [mail for mail in served.mails_to("reader@initech.example") if note in str(mail)]


def test_the_provider_reads_who_of_his_customers_came_in(
    served: Served, operator: Client, lead: Client, company: Company
) -> None:
    """S4-18: who came in, when, how and from where, and whom it was refused; as a table too. A
    user reads of himself alone."""
    address, password = "portineria@initech.example", "cinque ombrelli nel vento"
    person = _let_in(served, operator, company.id, address, "utente", password)
    door = f"/v1/portals/{PORTAL}/sessions"
    guessed = served.anybody().post(door, json={"email": address, "password": "indovinata"})
    assert guessed.status_code == 401
    visitor = served.signed_in(PORTAL, address, password)

    report = {"person": person, "kind": ["sign_in", "refusal"], "sort": "occurred_at"}
    told = lead.get("/v1/access-report", params=report)
    assert told.status_code == 200, told.text
    entries = told.json()["items"]
    assert [each["kind"] for each in entries] == ["refusal", "sign_in"]
    came = entries[-1]
    assert came["person"] == {"id": person, "name": "portineria"}
    assert [each["name"] for each in came["organizations"]] == ["Initech S.r.l."]
    assert came["network"] == "127.0.0.0/24"
    assert came["occurred_at"]
    table = lead.get("/v1/access-report", params={**report, "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert len(table.text.splitlines()) == 3

    of_himself = visitor.get("/v1/access-report?limit=100").json()["items"]
    assert {each["person"]["id"] for each in of_himself} == {person}
    assert person not in company.user.get("/v1/access-report?limit=100").text
