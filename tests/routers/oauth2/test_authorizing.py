"""Being let in by a person: the question, the answer, and what is asked wrongly."""

import asyncio
from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.apps import (
    CLAIMED,
    PRIVATE,
    SCOPES,
    Flow,
    app_of,
    in_query,
    query_of,
)
from tests.factories.people import (
    Clock,
    Newcomer,
)
from tests.routers.oauth2.conftest import ISSUER, refused


async def test_the_server_says_where_everything_is(nobody: AsyncClient) -> None:
    told = (await nobody.get("/.well-known/oauth-authorization-server?x=1")).json()
    # What it says of addresses is https behind a proxy; here all is http.
    metadata = AuthorizationServerMetadata(
        {
            name: value.replace("http://127.0.0.1:8000", "https://desk.example")
            if isinstance(value, str)
            else value
            for name, value in told.items()
        }
    )
    metadata.validate()
    assert told["issuer"] == ISSUER
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"]
    assert "api_keys:create" not in told["scopes_supported"]


async def test_an_app_acts_for_whoever_lets_it(
    flow: Flow, person: AsyncClient, who: Newcomer
) -> None:
    tokens = await flow.tokens(person)
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert tokens["scope"].split() == sorted(SCOPES)
    acting = flow.acting(tokens)
    me = (await acting.get("/v1/me")).json()
    assert me["id"] == who.id
    assert me["permissions"] == sorted(SCOPES)
    assert me["acting_through"]["kind"] == "app"
    assert me["acting_through"]["name"] == "In your pocket"
    new = {"type": "support", "subject": "From my pocket", "description": "How?"}
    ticket = await acting.post("/v1/tickets", json=new)
    assert ticket.status_code == 201
    assert ticket.json()["requester"]["id"] == who.id
    patched = await acting.patch(
        f"/v1/tickets/{ticket.json()['id']}",
        json={"subject": "Else"},
        headers={"If-Match": ticket.headers["etag"]},
    )
    assert patched.status_code == 403, "its owner may change it, and has not let the app"


async def test_the_question_is_put_in_words_of_the_callers_language(
    flow: Flow, person: AsyncClient, who: Newcomer
) -> None:
    request = await flow.request()
    path = f"/v1/authorizations/{request}"
    asked = (await person.get(path, headers={"Accept-Language": "fi"})).json()
    assert asked["app"] == {"id": flow.app["id"], "name": "In your pocket"}
    assert asked["person"] == {"id": who.id, "name": "Somebody"}
    assert asked["redirect_uri"] == flow.redirect_uri
    assert not asked["allowed_before"]
    english = (await person.get(path)).json()
    assert [each["key"] for each in asked["scopes"]] == sorted(SCOPES)
    assert english["scopes"][1]["label"] == "Open tickets for oneself."
    assert asked["scopes"][1]["label"] != english["scopes"][1]["label"]


async def test_nobody_gives_an_app_more_than_he_has(
    desk: Desk, admin: AsyncClient, person: AsyncClient
) -> None:
    app = await app_of(admin, scopes=["people:write", "tickets:create", "tickets:update:tenant"])
    tokens = await Flow(desk, app).tokens(person)
    assert tokens["scope"] == "tickets:create"


async def test_what_is_allowed_is_remembered_and_can_be_taken_back(
    flow: Flow, person: AsyncClient
) -> None:
    tokens = await flow.tokens(person)
    allowed = (await person.get("/v1/me/apps")).json()["items"]
    assert [each["app"]["id"] for each in allowed] == [flow.app["id"]]
    assert [each["key"] for each in allowed[0]["scopes"]] == sorted(SCOPES)
    again = await flow.request()
    assert (await person.get(f"/v1/authorizations/{again}")).json()["allowed_before"]
    waiting = await flow.code(person)
    assert (await person.delete(f"/v1/me/apps/{flow.app['id']}")).status_code == 204
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_grant")
    assert refused(await flow.exchange(waiting), "invalid_grant")
    assert (await person.get("/v1/me/apps")).json()["items"] == []
    gone = await person.delete(f"/v1/me/apps/{flow.app['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "consent-not-found")
    asked = (await person.get(f"/v1/authorizations/{await flow.request()}")).json()
    assert not asked["allowed_before"]


async def test_whoever_declines_gives_nothing(flow: Flow, person: AsyncClient) -> None:
    told = in_query(await flow.answered(person, allow=False))
    assert told == {"error": "access_denied", "state": "xyz", "iss": ISSUER}
    assert (await person.get("/v1/me/apps")).json()["items"] == []


async def test_an_answer_names_its_issuer_and_state_only_where_one_was_sent(
    flow: Flow, person: AsyncClient
) -> None:
    told = in_query(await flow.answered(person, state=None))
    assert told.keys() == {"code", "iss"}
    assert told["iss"] == ISSUER
    told = in_query(await flow.answered(person, state="a b&c=d#é"))
    assert told["state"] == "a b&c=d#é"


@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"client_id": None}, "app-unknown"),
        ({"client_id": ""}, "app-unknown"),
        ({"client_id": "x"}, "app-unknown"),
        ({"client_id": "00000000-0000-7000-8000-000000000000"}, "app-unknown"),
        ({"redirect_uri": None}, "redirect-not-registered"),
        ({"redirect_uri": ""}, "redirect-not-registered"),
        ({"redirect_uri": "https://evil.example/back"}, "redirect-not-registered"),
        ({"redirect_uri": f"{CLAIMED}/"}, "redirect-not-registered"),
        ({"redirect_uri": f"{CLAIMED}?x=1"}, "redirect-not-registered"),
        ({"redirect_uri": f"{CLAIMED}#x"}, "redirect-not-registered"),
        ({"redirect_uri": CLAIMED.replace("https", "http")}, "redirect-not-registered"),
        ({"redirect_uri": CLAIMED.replace("app.acme", "APP.acme")}, "redirect-not-registered"),
        ({"redirect_uri": "https://app.acme.example:444/back"}, "redirect-not-registered"),
        ({"redirect_uri": "https://app.acme.example@evil.example/back"}, "redirect-not-registered"),
        ({"redirect_uri": "https://evil.example/?https://app.acme.example/back"}, None),
        ({"redirect_uri": "http://localhost:5000/back"}, "redirect-not-registered"),
        ({"redirect_uri": "http://127.0.0.1:5000/other"}, "redirect-not-registered"),
        ({"redirect_uri": "http://127.0.0.1.evil.example/back"}, "redirect-not-registered"),
        ({"redirect_uri": "http://127.0.0.1:80@evil.example/back"}, "redirect-not-registered"),
        ({"redirect_uri": "http://127.0.0.1:x/back"}, "redirect-not-registered"),
        ({"redirect_uri": "http://127.0.0.1:99999/back"}, "redirect-not-registered"),
        ({"redirect_uri": "https://127.0.0.1:5000/back"}, "redirect-not-registered"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect-not-registered"),
        ({"redirect_uri": "//evil.example"}, "redirect-not-registered"),
        ({"redirect_uri": f"{CLAIMED}\r\nX: y"}, "redirect-not-registered"),
        ({"redirect_uri": "com.example.app:/back2"}, "redirect-not-registered"),
    ],
)
async def test_where_app_or_address_is_not_proven_nobody_is_sent_on(
    flow: Flow, bent: dict[str, str | None], code: str | None
) -> None:
    answer = await flow.asks(**bent)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.json()["code"] == (code or "redirect-not-registered")


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1/back", "http://127.0.0.1:1/back", PRIVATE, CLAIMED]
)
async def test_registered_addresses_are_answered(flow: Flow, person: AsyncClient, uri: str) -> None:
    flow.redirect_uri = uri
    told = await flow.answered(person)
    assert told.startswith(f"{uri}?code=")
    assert (await flow.exchange(in_query(told)["code"])).status_code == 200


@pytest.mark.parametrize(
    ("bent", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"scope": "people:write"}, "invalid_scope"),
        ({"scope": "tickets:create no-such"}, "invalid_scope"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
        ({"state": "x" * 2001}, "invalid_request"),
    ],
)
async def test_what_is_asked_wrongly_is_told_to_the_app(
    flow: Flow, bent: dict[str, str | None], error: str
) -> None:
    answer = await flow.asks(**bent)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{flow.redirect_uri}?error=")
    told = query_of(answer)
    assert told["error"] == error
    assert told["iss"] == ISSUER
    assert told["state"] == bent.get("state", "xyz")


async def test_a_parameter_that_stands_there_twice_is_none(desk: Desk, flow: Flow) -> None:
    asked = list(flow.question().items())
    for name in ("client_id", "redirect_uri"):
        twice = urlencode([*asked, (name, flow.question()[name])])
        answer = await desk.anybody().get(f"/oauth2/authorize?{twice}")
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    twice = urlencode([*asked, ("state", "other")])
    told = query_of(await desk.anybody().get(f"/oauth2/authorize?{twice}"))
    assert told["error"] == "invalid_request"
    assert "state" not in told


async def test_unknown_parameters_are_ignored(flow: Flow, person: AsyncClient) -> None:
    assert await flow.works(await flow.tokens(person, prompt="login", ui_locales="fi"))


async def test_a_question_of_another_tenant_is_not_there(desk: Desk, flow: Flow) -> None:
    elsewhere = await desk.client("member@acme.example", "tvox")
    request = await flow.request()
    for answer in (
        await elsewhere.get(f"/v1/authorizations/{request}"),
        await elsewhere.post(f"/v1/authorizations/{request}/decision", json={"allow": True}),
        await elsewhere.get("/v1/authorizations/skq_guessed"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "authorization-not-found")


async def test_a_question_is_answered_once_and_in_time(
    flow: Flow, person: AsyncClient, hands: Clock
) -> None:
    path = f"/v1/authorizations/{await flow.request()}/decision"
    answers = await asyncio.gather(*(person.post(path, json={"allow": True}) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 404, 404, 404]
    late = f"/v1/authorizations/{await flow.request()}/decision"
    hands.forward(minutes=9)
    path = f"/v1/authorizations/{await flow.request()}/decision"
    assert (await person.post(path, json={"allow": True})).status_code == 200
    hands.forward(seconds=59)
    hands.forward(seconds=1)
    assert (await person.post(late, json={"allow": True})).status_code in {401, 404}


async def test_no_key_and_no_app_answers_for_somebody(flow: Flow, person: AsyncClient) -> None:
    acting = flow.acting(await flow.tokens(person))
    request = await flow.request()
    for answer in (
        await acting.get(f"/v1/authorizations/{request}"),
        await acting.post(f"/v1/authorizations/{request}/decision", json={"allow": True}),
        await acting.get("/v1/me/apps"),
        await acting.get("/v1/me/sessions"),
        await acting.post("/v1/me/password", json={"present": "x", "password": "y"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "only-in-person")
