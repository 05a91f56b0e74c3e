"""Apps, scripts and leavers: what acts for people, and how it ends with them.

A mobile app is played by a client library of others, over HTTP, as it runs on a telephone: a
listener on the loopback interface, a browser beside it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.integrations.requests_client import OAuth2Session
from httpx2 import Client

from tests.served import Served

PORTAL = "crm-service"
SCOPES = "tickets:create tickets:read:own tickets:comment:own"


@pytest.fixture(scope="module")
def administrator(served: Served) -> Client:
    return served.person(PORTAL, "admin@crm.example")


@pytest.fixture(scope="module")
def company_admin(served: Served) -> Client:
    return served.person(PORTAL, "company-admin@acme.example")


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """What an app waits with for its answer: an address, and where browsers came to."""
    seen: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"http://127.0.0.1:{server.server_port}{self.path}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Go back to the app.")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/back", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def registered(administrator: Client) -> str:
    """The client_id of a new mobile app."""
    new = {
        "name": "Acme in your pocket",
        "kind": "public",
        "redirect_uris": ["http://127.0.0.1/back"],
        "scopes": SCOPES.split(),
    }
    answer = administrator.post("/v1/apps", json=new)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def in_a_browser(served: Served, address: str) -> Client:
    """Somebody's browser, signed in with a cookie."""
    browser = served.anybody(**{"X-Skranke-Request": "1", "Origin": served.base})
    said = {
        "email": address,
        "password": served.password_of(address, PORTAL),
        "delivery": "cookie",
    }
    came = browser.post(f"/v1/portals/{PORTAL}/sessions", json=said)
    assert came.status_code == 201, came.text
    # The cookie is for https; this installation is served on this machine alone.
    cookie = came.headers["set-cookie"].partition(";")[0]
    browser.headers["Cookie"] = cookie
    return browser


def let_in(app: OAuth2Session, browser: Client, server: dict[str, str]) -> dict[str, Any]:
    """The whole way of an app to somebody's tokens."""
    with listening() as (redirect_uri, seen):
        app.redirect_uri = redirect_uri
        verifier = "a-verifier-that-nobody-guesses-0123456789-abcdef"
        url, state = app.create_authorization_url(
            server["authorization_endpoint"], code_verifier=verifier
        )
        to_page = browser.get(url)
        assert to_page.status_code == 302
        page = to_page.headers["location"]
        assert urlsplit(page).path == f"/portals/{PORTAL}/consent"
        request = parse_qs(urlsplit(page).query)["request"][0]
        asked = browser.get(f"/v1/authorizations/{request}").json()
        assert asked["app"]["name"] == "Acme in your pocket"
        assert "Open tickets for oneself." in [each["label"] for each in asked["scopes"]]
        answer = browser.post(f"/v1/authorizations/{request}/decision", json={"allow": True})
        with httpx2.Client() as plain:
            plain.get(answer.json()["redirect_to"])
        told = parse_qs(urlsplit(seen[0]).query)
        assert told["iss"] == [server["issuer"]]
        token: dict[str, Any] = app.fetch_token(
            server["token_endpoint"],
            authorization_response=seen[0],
            code_verifier=verifier,
            state=state,
        )
    return token


def test_a_mobile_app_opens_and_follows_a_ticket(
    served: Served, administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3-2, S3-12, S3-17: opened from a telephone, answered at the desk, read on the telephone."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    server = served.anybody().get("/.well-known/oauth-authorization-server").json()
    app = OAuth2Session(
        registered(administrator),
        scope=SCOPES,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    )
    member = in_a_browser(served, "member@acme.example")
    first = dict(let_in(app, member, server))

    new = {"type": "support", "subject": "From the train", "description": "It does not load."}
    opened = app.post(f"{served.base}/v1/tickets", json=new)
    assert opened.status_code == 201, opened.text
    ticket = opened.json()
    agent = served.person(PORTAL, "agent@crm.example")
    said = agent.post(f"/v1/tickets/{ticket['id']}/comments", json={"body": "Which train?"})
    assert said.status_code == 201
    thread = app.get(f"{served.base}/v1/tickets/{ticket['id']}/comments").json()["items"]
    assert [comment["body"] for comment in thread] == ["Which train?"]
    # What he has not let it do, it does not, though he may.
    refused = app.patch(
        f"{served.base}/v1/tickets/{ticket['id']}",
        json={"subject": "Else"},
        headers={"If-Match": opened.headers["etag"]},
    )
    assert refused.status_code == 403

    renewed = app.refresh_token(server["token_endpoint"])
    assert renewed["refresh_token"] != first["refresh_token"]
    assert app.get(f"{served.base}/v1/me").status_code == 200

    held = member.get("/v1/me/sessions").json()["items"]
    assert "Acme in your pocket" in [each["app"]["name"] for each in held if each["app"]]
    allowed = member.get("/v1/me/apps").json()["items"]
    mine = next(each["app"]["id"] for each in allowed if each["app"]["id"] == app.client_id)
    assert member.delete(f"/v1/me/apps/{mine}").status_code == 204
    assert app.get(f"{served.base}/v1/me").status_code == 401
    assert member.get("/v1/me").status_code == 200


def test_a_script_opens_tickets_with_a_key(served: Served, company_admin: Client) -> None:
    """S3-5, S3-12: an integrator's script, with a key that does this alone."""
    made = company_admin.post(
        "/v1/api-keys",
        json={"name": "Nightly import", "scopes": ["tickets:create", "tickets:read:own"]},
    ).json()
    script = served.anybody(Authorization=f"Bearer {made['key']}")
    assert script.get("/v1/me").json()["acting_through"]["name"] == "Nightly import"
    numbers = set()
    for night in range(3):
        new = {"type": "support", "subject": f"Import {night}", "description": "It broke off."}
        again = {"Idempotency-Key": f"night-{night}"}
        first = script.post("/v1/tickets", json=new, headers=again)
        second = script.post("/v1/tickets", json=new, headers=again)
        assert first.status_code == 201, first.text
        assert second.headers["idempotent-replayed"] == "true"
        numbers.add(first.json()["number"])
    assert len(numbers) == 3
    # Its owner sees his colleagues, the key only himself.
    assert len(script.get("/v1/people").json()["items"]) == 1
    rotated = company_admin.post(
        f"/v1/api-keys/{made['id']}/rotation", json={"overlap_seconds": 0}
    ).json()
    assert script.get("/v1/me").status_code == 401
    script.headers["Authorization"] = f"Bearer {rotated['key']}"
    assert script.get("/v1/me").status_code == 200
    assert company_admin.delete(f"/v1/api-keys/{made['id']}").status_code == 204
    assert script.get("/v1/me").status_code == 401


def test_all_a_leaver_holds_dies_with_the_next_request(
    served: Served, administrator: Client, company_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3-4, S3-7, S4-18: his company's admin lets him go; cookie, token, app and key are dead."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    address = "member2@acme.example"
    leaver = served.person(PORTAL, address)
    me = leaver.get("/v1/me").json()
    home = me["memberships"][0]["organization"]["id"]
    place = f"/v1/organizations/{home}/members/{me['id']}"
    assert company_admin.put(place, json={"role": "paakayttaja"}).status_code == 200
    made = leaver.post("/v1/api-keys", json={"name": "His", "scopes": ["tickets:create"]})
    assert made.status_code == 201, made.text
    script = served.anybody(Authorization=f"Bearer {made.json()['key']}")
    browser = in_a_browser(served, address)
    server = served.anybody().get("/.well-known/oauth-authorization-server").json()
    app = OAuth2Session(
        registered(administrator),
        scope=SCOPES,
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
    )
    let_in(app, browser, server)
    for held in (leaver, script, browser):
        assert held.get("/v1/me").status_code == 200
    assert app.get(f"{served.base}/v1/me").status_code == 200

    path = f"/v1/people/{me['id']}"
    gone = company_admin.patch(path, json={"state": "inactive"}, headers={"If-Match": "*"})
    assert gone.status_code == 200, gone.text
    for held in (leaver, script, browser):
        assert held.get("/v1/me").status_code == 401
    assert app.get(f"{served.base}/v1/me").status_code == 401

    lead = served.person(PORTAL, "lead@crm.example")
    told = lead.get("/v1/access-report", params={"person": me["id"], "limit": "100"}).json()
    happened = {each["event"] for each in told["items"]}
    assert {"person.deactivated", "session.ended", "api_key.revoked", "app.allowed"} <= happened
    back = company_admin.patch(path, json={"state": "active"}, headers={"If-Match": "*"})
    assert back.status_code == 200
    assert script.get("/v1/me").status_code == 401, "what has ended stays so"
    assert served.person(PORTAL, address).get("/v1/me").status_code == 200
    assert company_admin.put(place, json={"role": "perus"}).status_code == 200
