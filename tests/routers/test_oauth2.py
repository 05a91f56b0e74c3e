"""Our authorization server over HTTP: every refusal of the code flow, and what kills tokens."""

import asyncio
import base64
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from httpx2 import AsyncClient, Response
from psycopg import AsyncConnection

from tests.desk import Desk
from tests.factories.apps import (
    CLAIMED,
    LOOPBACK,
    PRIVATE,
    SCOPES,
    Flow,
    app_of,
    in_query,
    query_of,
)
from tests.factories.keys import service_account
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
    Clock,
    Newcomer,
    changed,
    newcomer,
    signed_in,
)

ISSUER = "http://127.0.0.1:8000"


@pytest.fixture
async def admin(desk: Desk) -> AsyncClient:
    return await desk.client("admin@crm.example")


@pytest.fixture
async def flow(desk: Desk, admin: AsyncClient) -> Flow:
    """A mobile app, newly registered."""
    return Flow(desk, await app_of(admin))


@pytest.fixture
async def web(desk: Desk, admin: AsyncClient) -> Flow:
    """A web application with a secret."""
    app = await app_of(admin, kind="confidential", redirect_uris=[CLAIMED])
    return Flow(desk, app, redirect_uri=CLAIMED)


@pytest.fixture
async def who(desk: Desk) -> Newcomer:
    return await newcomer(desk, name="Somebody")


@pytest.fixture
async def person(desk: Desk, who: Newcomer) -> AsyncClient:
    return await signed_in(desk, who)


def refused(answer: Response, error: str, status: int = 400) -> bool:
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert "access_token" not in told
    return (answer.status_code, told["error"]) == (status, error)


# --- found ---------------------------------------------------------------------------------------


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


# --- all the way ---------------------------------------------------------------------------------


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


# --- asked wrongly -------------------------------------------------------------------------------


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


# --- codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bent",
    [
        {"code_verifier": "a" * 43},
        {"code_verifier": "short"},
        {"code_verifier": "ü" * 50},
        {"redirect_uri": LOOPBACK},
        {"redirect_uri": "http://127.0.0.1:53683/back"},
        {"redirect_uri": CLAIMED},
        {"code": "sko_guessed"},
    ],
)
async def test_a_code_is_bound_to_address_and_verifier(
    flow: Flow, person: AsyncClient, bent: dict[str, str]
) -> None:
    code = await flow.code(person)
    assert refused(await flow.exchange(code, **bent), "invalid_grant")
    assert (await flow.exchange(code)).status_code == 200, "whoever has both still gets in"


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier", "grant_type"])
async def test_what_is_missing_is_said(flow: Flow, person: AsyncClient, missing: str) -> None:
    code = await flow.code(person)
    assert refused(await flow.exchange(code, **{missing: None}), "invalid_request")


async def test_a_code_is_good_for_the_app_it_was_given_to(
    desk: Desk, admin: AsyncClient, flow: Flow, web: Flow, person: AsyncClient
) -> None:
    other = Flow(desk, await app_of(admin), verifier=flow.verifier)
    code = await flow.code(person)
    assert refused(await other.exchange(code), "invalid_grant")
    stolen = await web.exchange(code, redirect_uri=flow.redirect_uri, code_verifier=flow.verifier)
    assert refused(stolen, "invalid_grant")
    assert (await flow.exchange(code)).status_code == 200


async def test_a_code_of_one_tenant_is_nothing_in_another(
    desk: Desk, flow: Flow, person: AsyncClient
) -> None:
    other_admin = await desk.client("admin@tvox.example", "tvox")
    other = Flow(desk, await app_of(other_admin), verifier=flow.verifier)
    code = await flow.code(person)
    assert refused(await other.exchange(code), "invalid_grant")
    tokens = (await flow.exchange(code)).json()
    assert refused(await other.refresh(tokens), "invalid_grant")
    assert (await other.posts("revoke", token=tokens["access_token"])).status_code == 200
    assert await flow.works(tokens)


async def test_a_code_is_good_for_a_minute(flow: Flow, person: AsyncClient, hands: Clock) -> None:
    first, second = await flow.code(person), await flow.code(person)
    hands.forward(seconds=59)
    assert (await flow.exchange(first)).status_code == 200
    hands.forward(seconds=1)
    assert refused(await flow.exchange(second), "invalid_grant")


async def test_a_code_used_again_ends_what_it_was_given_for(
    flow: Flow, person: AsyncClient
) -> None:
    code = await flow.code(person)
    tokens = (await flow.exchange(code)).json()
    assert await flow.works(tokens)
    assert refused(await flow.exchange(code), "invalid_grant")
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_grant")


async def test_of_many_who_show_a_code_at_once_nobody_keeps_anything(
    flow: Flow, person: AsyncClient
) -> None:
    code = await flow.code(person)
    answers = await asyncio.gather(*(flow.exchange(code) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 400, 400, 400]
    tokens = next(each.json() for each in answers if each.status_code == 200)
    assert not await flow.works(tokens)


@pytest.mark.parametrize("what", ["deactivated", "password"])
async def test_a_code_on_its_way_dies_with_its_persons_sessions(
    flow: Flow, lead: AsyncClient, person: AsyncClient, who: Newcomer, what: str
) -> None:
    code = await flow.code(person)
    if what == "deactivated":
        assert (await changed(lead, who.id, state="inactive")).status_code == 200
    else:
        sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
        assert (await person.post("/v1/me/password", json=sent)).status_code == 200
    assert refused(await flow.exchange(code), "invalid_grant")


async def test_secrets_are_kept_as_hashes(
    flow: Flow, person: AsyncClient, superuser: AsyncConnection
) -> None:
    request = await flow.request()
    path = f"/v1/authorizations/{request}/decision"
    told = (await person.post(path, json={"allow": True})).json()["redirect_to"]
    rows = await superuser.execute("SELECT r::text FROM authorization_requests r")
    kept = str(await rows.fetchall())
    for secret in (request, in_query(told)["code"]):
        assert secret not in kept
        assert secret.encode().hex() not in kept


# --- clients -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bent", [{"client_secret": None}, {"client_secret": "sks_wrong"}, {"client_secret": ""}]
)
async def test_a_confidential_app_shows_its_secret(
    web: Flow, person: AsyncClient, bent: dict[str, str | None]
) -> None:
    code = await web.code(person)
    assert refused(await web.exchange(code, **bent), "invalid_client", 401)
    assert (await web.exchange(code)).status_code == 200


async def test_a_secret_comes_in_the_header_or_the_form_and_not_in_both(
    desk: Desk, web: Flow, person: AsyncClient
) -> None:
    def basic(name: str, secret: str) -> dict[str, str]:
        pair = f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    async def sent(headers: dict[str, str], **more: str) -> Response:
        form = {
            "grant_type": "authorization_code",
            "code": await web.code(person),
            "redirect_uri": web.redirect_uri,
            "code_verifier": web.verifier,
            **more,
        }
        return await desk.anybody().post("/oauth2/token", data=form, headers=headers)

    name, secret = web.app["id"], web.app["client_secret"]
    assert (await sent(basic(name, secret))).status_code == 200
    assert (await sent(basic(name, secret), client_id=name)).status_code == 200
    assert refused(await sent(basic(name, secret), client_secret=secret), "invalid_request")
    assert refused(await sent(basic(name, secret), client_id="other"), "invalid_request")
    assert refused(await sent(basic(name, "wrong")), "invalid_client", 401)
    for header in ("Basic x", "Basic", "Bearer x", "Basic " + base64.b64encode(b"x").decode()):
        answer = await sent({"Authorization": header})
        assert refused(answer, "invalid_client", 401)
        assert answer.headers["www-authenticate"] == 'Basic realm="skranke"'
    assert refused(await sent({}), "invalid_client", 401)


async def test_a_public_app_has_no_secret_to_show(flow: Flow, person: AsyncClient) -> None:
    code = await flow.code(person)
    assert refused(await flow.exchange(code, client_secret="x"), "invalid_client", 401)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"grant_type": "client_credentials"}', "application/json"),
        ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
        ("a=%00", "application/x-www-form-urlencoded"),
        ("a=%ff", "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(60)), "application/x-www-form-urlencoded"),
        ("", ""),
    ],
)
async def test_a_form_that_is_none_is_refused(nobody: AsyncClient, content: str, kind: str) -> None:
    for endpoint in ("token", "revoke", "introspect"):
        answer = await nobody.post(
            f"/oauth2/{endpoint}", content=content, headers={"Content-Type": kind}
        )
        assert refused(answer, "invalid_request")


@pytest.mark.parametrize("grant", ["password", "implicit", "x"])
async def test_other_grants_are_not_known(flow: Flow, grant: str) -> None:
    assert refused(await flow.posts("token", grant_type=grant), "unsupported_grant_type")


async def test_a_page_of_the_apps_own_origin_may_read_the_answer(
    desk: Desk, admin: AsyncClient, person: AsyncClient
) -> None:
    flow = Flow(desk, await app_of(admin, origins=["https://app.acme.example"]))
    form = {"client_id": flow.app["id"], "grant_type": "x"}
    for origin, read in (("https://app.acme.example", True), ("https://evil.example", False)):
        answer = await desk.anybody().post("/oauth2/token", data=form, headers={"Origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) == read


# --- going on ------------------------------------------------------------------------------------


async def test_refresh_tokens_rotate_and_a_lost_answer_signs_nobody_out(
    flow: Flow, person: AsyncClient
) -> None:
    first = await flow.tokens(person)
    lost = await flow.refresh(first)
    assert lost.status_code == 200
    second = (await flow.refresh(first)).json()
    assert second["refresh_token"] not in {first["refresh_token"], lost.json()["refresh_token"]}
    assert second["scope"] == first["scope"]
    assert await flow.works(second)


async def test_a_refresh_token_used_again_ends_the_family(flow: Flow, person: AsyncClient) -> None:
    first = await flow.tokens(person)
    second = (await flow.refresh(first)).json()
    assert await flow.works(second)
    assert refused(await flow.refresh(first), "invalid_grant")
    assert not await flow.works(second)
    assert refused(await flow.refresh(second), "invalid_grant")


async def test_scopes_are_never_widened(flow: Flow, person: AsyncClient) -> None:
    tokens = await flow.tokens(person, scope="tickets:create")
    assert tokens["scope"] == "tickets:create"
    for wider in ("tickets:create tickets:read:own", "people:write"):
        assert refused(await flow.refresh(tokens, scope=wider), "invalid_scope")
    same = await flow.refresh(tokens, scope="tickets:create")
    assert same.json()["scope"] == "tickets:create"
    acting = flow.acting(same.json())
    assert (await acting.get("/v1/me")).json()["permissions"] == ["tickets:create"]


async def test_a_refresh_token_is_good_for_its_app_alone_and_only_here(
    desk: Desk, flow: Flow, web: Flow, person: AsyncClient, nobody: AsyncClient
) -> None:
    tokens = await flow.tokens(person)
    assert refused(await web.refresh(tokens), "invalid_grant")
    sent = {"refresh_token": tokens["refresh_token"]}
    answer = await nobody.post("/v1/sessions/refresh", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-refused")
    own = await desk.anybody().post(
        "/v1/portals/crm-service/sessions",
        json={"email": (await person.get("/v1/me")).json()["email"], "password": PASSWORD},
    )
    assert refused(await flow.refresh(own.json()), "invalid_grant")
    assert (await flow.refresh(tokens)).status_code == 200


async def test_a_web_app_refreshes_with_its_secret(web: Flow, person: AsyncClient) -> None:
    tokens = await web.tokens(person)
    assert refused(await web.refresh(tokens, client_secret=None), "invalid_client", 401)
    assert (await web.refresh(tokens)).status_code == 200


# --- what kills tokens ---------------------------------------------------------------------------


async def test_an_apps_session_is_listed_and_ended_like_any(
    flow: Flow, person: AsyncClient
) -> None:
    tokens = await flow.tokens(person)
    listed = (await person.get("/v1/me/sessions")).json()["items"]
    its = next(each for each in listed if each["app"])
    assert its["app"] == {"id": flow.app["id"], "name": "In your pocket"}
    assert not its["current"]
    assert (await person.delete(f"/v1/me/sessions/{its['id']}")).status_code == 204
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_grant")


async def test_tokens_die_with_a_new_password(flow: Flow, person: AsyncClient) -> None:
    tokens = await flow.tokens(person)
    sent = {"present": PASSWORD, "password": OTHER_PASSWORD}
    assert (await person.post("/v1/me/password", json=sent)).status_code == 200
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_grant")


async def test_tokens_die_with_their_app(
    desk: Desk, admin: AsyncClient, flow: Flow, person: AsyncClient
) -> None:
    tokens, waiting = await flow.tokens(person), await flow.code(person)
    assert await flow.works(tokens)
    path = f"/v1/apps/{flow.app['id']}"
    assert (await admin.delete(path, headers={"If-Match": "*"})).status_code == 204
    assert not await flow.works(tokens)
    assert refused(await flow.refresh(tokens), "invalid_client", 401)
    assert refused(await flow.exchange(waiting), "invalid_client", 401)
    assert (await flow.asks()).json()["code"] == "app-unknown"
    assert (await admin.get(path)).status_code == 404


async def test_what_is_taken_from_an_app_is_taken_from_what_it_holds(
    admin: AsyncClient, flow: Flow, person: AsyncClient
) -> None:
    tokens = await flow.tokens(person)
    path = f"/v1/apps/{flow.app['id']}"
    answer = await admin.patch(path, json={"scopes": ["tickets:create"]}, headers={"If-Match": "*"})
    assert answer.status_code == 200
    me = (await flow.acting(tokens).get("/v1/me")).json()
    assert me["permissions"] == ["tickets:create"]
    assert (await flow.refresh(tokens)).json()["scope"] == "tickets:create"


async def test_an_app_takes_its_tokens_back(flow: Flow, web: Flow, person: AsyncClient) -> None:
    for kind in ("access_token", "refresh_token"):
        tokens = await flow.tokens(person)
        assert (await web.posts("revoke", token=tokens[kind])).status_code == 200
        assert await flow.works(tokens), "not with another's name"
        hint = {"token_type_hint": "nonsense"}
        assert (await flow.posts("revoke", token=tokens[kind], **hint)).status_code == 200
        assert not await flow.works(tokens)
        assert refused(await flow.refresh(tokens), "invalid_grant")
        assert (await flow.posts("revoke", token=tokens[kind])).status_code == 200
    assert (await flow.posts("revoke", token="ska_guessed")).status_code == 200
    assert refused(await flow.posts("revoke"), "invalid_request")


async def test_no_app_revokes_or_sees_what_is_no_apps(web: Flow, person: AsyncClient) -> None:
    own = person.headers["Authorization"].removeprefix("Bearer ")
    assert (await web.posts("introspect", token=own)).json() == {"active": False}
    assert (await web.posts("revoke", token=own)).status_code == 200
    assert (await person.get("/v1/me")).status_code == 200


# --- introspection -------------------------------------------------------------------------------


async def test_an_app_sees_what_its_tokens_are_good_for(
    web: Flow, flow: Flow, person: AsyncClient, who: Newcomer
) -> None:
    tokens = await web.tokens(person)
    told = (await web.posts("introspect", token=tokens["access_token"])).json()
    assert told["active"]
    assert told["sub"] == who.id
    assert told["client_id"] == web.app["id"]
    assert told["scope"].split() == sorted(SCOPES)
    assert told["token_type"] == "Bearer"
    assert told["exp"] > told["iat"]
    theirs = await flow.tokens(person)
    assert (await web.posts("introspect", token=theirs["access_token"])).json() == {"active": False}
    public = await flow.posts("introspect", token=theirs["access_token"])
    assert refused(public, "unauthorized_client")
    nothing = await web.posts("introspect", token=tokens["access_token"], client_secret="x")
    assert refused(nothing, "invalid_client", 401)


async def test_a_server_of_resources_sees_every_apps_tokens_of_its_tenant(
    desk: Desk, admin: AsyncClient, flow: Flow, person: AsyncClient
) -> None:
    server_of = {"kind": "confidential", "redirect_uris": [], "scopes": [], "introspects": True}
    server = await app_of(admin, **server_of)
    tokens = await flow.tokens(person)
    asking = Flow(desk, server)
    assert (await asking.posts("introspect", token=tokens["access_token"])).json()["active"]
    other = await desk.client("admin@tvox.example", "tvox")
    stranger = Flow(desk, await app_of(other, **server_of))
    unseen = await stranger.posts("introspect", token=tokens["access_token"])
    assert unseen.json() == {"active": False}
    second = (await flow.refresh(tokens)).json()
    assert await flow.works(second)
    old = await asking.posts("introspect", token=tokens["refresh_token"])
    assert old.json() == {"active": False}


# --- by itself -----------------------------------------------------------------------------------


async def test_an_app_acts_by_itself_as_its_service_account(desk: Desk, admin: AsyncClient) -> None:
    robot = await service_account(admin, name="Connector")
    app = await app_of(
        admin,
        kind="confidential",
        redirect_uris=[],
        scopes=["tickets:read:tenant", "people:read"],
        service_account=robot,
    )
    flow = Flow(desk, app)
    answer = await flow.posts("token", grant_type="client_credentials", scope="people:read")
    tokens = answer.json()
    assert answer.status_code == 200
    assert "refresh_token" not in tokens
    assert tokens["scope"] == "people:read"
    me = (await flow.acting(tokens).get("/v1/me")).json()
    assert (me["id"], me["permissions"]) == (robot, ["people:read"])
    wider = await flow.posts("token", grant_type="client_credentials", scope="people:write")
    assert refused(wider, "invalid_scope")
    assert (await changed(admin, robot, state="inactive")).status_code == 200
    assert not await flow.works(tokens)
    again = await flow.posts("token", grant_type="client_credentials")
    assert refused(again, "invalid_grant")


async def test_an_app_without_a_service_account_does_not_act_by_itself(
    flow: Flow, web: Flow
) -> None:
    for each in (flow, web):
        answer = await each.posts("token", grant_type="client_credentials")
        assert refused(answer, "unauthorized_client")


# --- registered ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bent", "pointer"),
    [
        ({"redirect_uris": ["http://app.example/back"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["http://localhost/back"]}, "/redirect_uris/0"),
        ({"redirect_uris": [CLAIMED, f"{CLAIMED}#x"]}, "/redirect_uris/1"),
        ({"redirect_uris": ["https://*.example/back"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://a@app.example/back"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["data:text/html,x"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["myapp:/back"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["com.example.app:back"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://app.example/a b"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://app.example\\@evil.example/"]}, "/redirect_uris/0"),
        ({"kind": "confidential", "redirect_uris": [PRIVATE]}, "/redirect_uris/0"),
        ({"redirect_uris": []}, "/redirect_uris"),
        ({"scopes": ["no_such:verb"]}, "/scopes/0"),
        ({"scopes": ["api_keys:create"]}, "/scopes/0"),
        ({"scopes": ["apps:manage"]}, "/scopes/0"),
        ({"origins": ["https://app.example/path"]}, "/origins/0"),
        ({"origins": ["*"]}, "/origins/0"),
        ({"origins": ["http://app.example"]}, "/origins/0"),
        ({"introspects": True}, "/introspects"),
        (
            {"kind": "confidential", "service_account": "00000000-0000-7000-8000-000000000000"},
            "/service_account",
        ),
    ],
)
async def test_an_app_that_would_be_a_hole_is_not_registered(
    admin: AsyncClient, bent: dict[str, Any], pointer: str
) -> None:
    new = {"name": "App", "kind": "public", "redirect_uris": [CLAIMED], "scopes": list(SCOPES)}
    answer = await admin.post("/v1/apps", json={**new, **bent})
    assert (answer.status_code, answer.json()["code"]) == (422, "app-unfit")
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_a_person_is_no_service_account(desk: Desk, admin: AsyncClient) -> None:
    victim = (await newcomer(desk, side="agent", role="lead")).id
    new = {"name": "App", "kind": "confidential", "scopes": [], "service_account": victim}
    answer = await admin.post("/v1/apps", json=new)
    assert answer.json()["errors"][0]["pointer"] == "/service_account"


async def test_a_secret_is_shown_once_and_renewed(
    admin: AsyncClient, web: Flow, person: AsyncClient
) -> None:
    path = f"/v1/apps/{web.app['id']}"
    assert "client_secret" not in (await admin.get(path)).json()
    old, waiting = dict(web.app), await web.code(person)
    web.app = (await admin.post(f"{path}/secret")).json()
    assert web.app["client_secret"] != old["client_secret"]
    assert refused(
        await web.exchange(waiting, client_secret=old["client_secret"]), "invalid_client", 401
    )
    assert (await web.exchange(waiting)).status_code == 200


async def test_a_replayed_registration_does_not_show_the_secret_again(admin: AsyncClient) -> None:
    new = {"name": "App", "kind": "confidential", "redirect_uris": [CLAIMED], "scopes": []}
    headers = {"Idempotency-Key": "app-once"}
    assert (await admin.post("/v1/apps", json=new, headers=headers)).status_code == 201
    again = await admin.post("/v1/apps", json=new, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "already-created")


async def test_only_administrators_keep_apps(lead: AsyncClient, flow: Flow) -> None:
    new = {"name": "App", "kind": "public", "redirect_uris": [CLAIMED], "scopes": []}
    assert (await lead.post("/v1/apps", json=new)).status_code == 403
    assert (await lead.get("/v1/apps")).status_code == 403
    assert (await lead.get(f"/v1/apps/{flow.app['id']}")).status_code == 404


async def test_apps_are_listed_by_name(admin: AsyncClient, flow: Flow) -> None:
    listed = (await admin.get("/v1/apps?limit=100")).json()["items"]
    assert flow.app["id"] in [each["id"] for each in listed]
    assert "client_secret" not in str(listed)
