"""Apps as they are registered."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.apps import (
    CLAIMED,
    PRIVATE,
    SCOPES,
    Flow,
)
from tests.factories.people import (
    newcomer,
)
from tests.routers.oauth2.conftest import refused


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
