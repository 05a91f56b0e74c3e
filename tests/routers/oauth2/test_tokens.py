"""Tokens that rotate, narrow and die."""

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.apps import (
    Flow,
)
from tests.factories.people import (
    OTHER_PASSWORD,
    PASSWORD,
)
from tests.routers.oauth2.conftest import refused


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
