"""HEAD is answered as GET is, without the body (RFC 9110, 9.1 and 9.3.2)."""

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import AsyncClient, Response

from app.web.allowed_methods import allowed_methods
from tests.desk import Desk
from tests.factories.tickets import opened

#: What differs from one answer to the next, whatever was asked.
_OF_THE_MOMENT = {"date", "ratelimit", "x-request-id"}


STEPS = {
    "/oauth2/authorize",
    "/v1/oidc/callback",
    "/v1/portals/{portal}/oidc/{provider}/start",
}


def header_of(answer: Response) -> dict[str, str]:
    return {name: said for name, said in answer.headers.items() if name not in _OF_THE_MOMENT}


async def test_head_says_what_get_says_and_no_more(member: AsyncClient) -> None:
    ticket = await opened(member)
    for path in (f"/v1/tickets/{ticket['id']}", "/v1/tickets?limit=1", "/v1/me", "/v1/nowhere/x"):
        said, whole = await member.head(path), await member.get(path)
        assert said.status_code == whole.status_code
        assert header_of(said) == header_of(whole), path
        assert (said.content, int(said.headers["content-length"])) == (b"", len(whole.content))


async def test_head_tells_whether_a_thing_has_changed(member: AsyncClient) -> None:
    path = f"/v1/tickets/{(await opened(member))['id']}"
    tag = (await member.head(path)).headers["etag"]
    assert (await member.head(path, headers={"If-None-Match": tag})).status_code == 304


async def test_head_of_a_file_tells_its_size_and_leaves_the_storage_alone(
    member: AsyncClient, desk: Desk
) -> None:
    made = await member.post(
        "/v1/attachments", files={"file": ("a.txt", b"twelve bytes", "text/plain")}
    )
    path = f"/v1/attachments/{made.json()['id']}/content"
    whole = await member.get(path)
    storage, desk.app.state.storage = desk.app.state.storage, None
    try:
        said = await member.head(path)
        part = await member.head(path, headers={"Range": "bytes=0-3"})
    finally:
        desk.app.state.storage = storage
    assert header_of(said) == header_of(whole)
    assert (part.status_code, part.headers["content-range"]) == (206, "bytes 0-3/12")


async def test_head_finds_no_more_than_get(
    member: AsyncClient, nobody: AsyncClient, desk: Desk
) -> None:
    path = f"/v1/tickets/{(await opened(member))['id']}"
    assert (await nobody.head(path)).status_code == 401
    stranger = await desk.client("agent@tvox.example", "tvox")
    assert (await stranger.head(path)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/oauth2/authorize?response_type=code&client_id=x",
        "/v1/oidc/callback?state=x&code=y",
        "/v1/portals/crm-service/oidc/microsoft/start",
    ],
)
async def test_a_step_of_a_sign_in_is_not_taken_by_looking_ahead(
    nobody: AsyncClient, path: str
) -> None:
    answer = await nobody.head(path)
    assert answer.status_code == 405
    assert "HEAD" not in answer.headers["allow"].split(", ")


async def test_head_is_refused_where_nothing_is_read(member: AsyncClient) -> None:
    answer = await member.head("/v1/tickets/x/transitions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_every_other_address_that_is_read_takes_head(desk: Desk) -> None:
    for route in iter_route_contexts(desk.app.routes):
        if route.path and "GET" in (route.methods or ()) and route.path not in STEPS:
            assert "HEAD" in allowed_methods(desk.app, route.path).split(", "), route.path
