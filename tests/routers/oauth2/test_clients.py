"""Apps that prove themselves, and how they send forms."""

import base64
from urllib.parse import quote

import pytest
from httpx2 import AsyncClient, Response

from tests.desk import Desk
from tests.factories.apps import (
    Flow,
    app_of,
)
from tests.routers.oauth2.conftest import refused


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
