"""Looking into tokens, and apps that act by themselves."""

from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.apps import (
    SCOPES,
    Flow,
    app_of,
)
from tests.factories.keys import service_account
from tests.factories.people import (
    Newcomer,
    changed,
)
from tests.routers.oauth2.conftest import refused


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
