"""Bytes go out whole or in part, under a name that misleads nobody, and nothing runs them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.gateways.storage import Storage, open_storage
from app.web import problem_json
from app.web.downloads import StoredFile, _opened

DATA = b"0123456789"
FILE = StoredFile(
    key="tenant/file", size=10, media_type="text/plain", name="Skjærm\u20ac.txt", etag="abc"
)


async def _stream() -> AsyncIterator[bytes]:
    yield DATA


@pytest.fixture
async def storage() -> Storage:
    storage = open_storage("memory://")
    await storage.put(FILE.key, _stream())
    return storage


async def fetched(storage: Storage, file: StoredFile = FILE, **headers: str) -> httpx2.Response:
    app = FastAPI()
    app.state.storage = storage
    problem_json.install(app)

    @app.get("/file")
    async def get_file(request: Request) -> Response:
        return await _opened(file, request)

    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk.example") as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.get("/file", headers=sent)


async def test_a_file_is_an_attachment_that_no_browser_runs(storage: Storage) -> None:
    answer = await fetched(storage)
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["content-length"] == "10"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Skj_rm_.txt\"; filename*=UTF-8''Skj%C3%A6rm%E2%82%AC.txt"
    )


async def test_a_name_cannot_break_out_of_its_header(storage: Storage) -> None:
    answer = await fetched(storage, replace(FILE, name='a"; x="b\\%\r\nSet-Cookie: c'))
    assert answer.headers["content-disposition"] == (
        'attachment; filename="a_; x=_b____Set-Cookie_ c"; '
        "filename*=UTF-8''a%22%3B%20x%3D%22b%5C%25%0D%0ASet-Cookie%3A%20c"
    )
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "status", "content", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, DATA, "bytes 0-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=9-9", 206, b"9", "bytes 9-9/10"),
        ("bytes=5-2", 200, DATA, None),
        ("bytes=0-1,4-5", 200, DATA, None),
        ("bytes=", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
        ("lines=0-3", 200, DATA, None),
        ("bytes=a-b", 200, DATA, None),
        ("bytes=" + "9" * 50 + "-", 200, DATA, None),
    ],
)
async def test_a_part_can_be_asked_for(
    storage: Storage, asked: str, status: int, content: bytes, content_range: str | None
) -> None:
    answer = await fetched(storage, range=asked)
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-range") == content_range
    assert answer.headers["content-length"] == str(len(content))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
async def test_a_part_behind_the_end_is_refused(storage: Storage, asked: str) -> None:
    answer = await fetched(storage, range=asked)
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10"
    assert answer.json()["code"] == "range-not-satisfiable"


async def test_the_rest_of_a_broken_download_is_only_sent_of_the_same_file(
    storage: Storage,
) -> None:
    same = await fetched(storage, range="bytes=4-", if_range='"abc"')
    other = await fetched(storage, range="bytes=4-", if_range='"old"')
    assert (same.status_code, other.status_code) == (206, 200)


@pytest.mark.parametrize("held", ['"abc"', 'W/"abc"', '"x", "abc"', "*"])
async def test_what_the_client_has_is_not_sent_again(storage: Storage, held: str) -> None:
    answer = await fetched(storage, if_none_match=held)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"abc"'


async def test_a_file_the_storage_has_lost_is_a_problem_and_no_broken_answer() -> None:
    answer = await fetched(open_storage("memory://"))
    assert answer.status_code == 503
    assert answer.json()["code"] == "storage-unavailable"


async def test_a_thumbnail_is_shown_inline_without_a_length(storage: Storage) -> None:
    file = replace(FILE, size=None, media_type="image/webp", inline=True)
    answer = await fetched(storage, file, range="bytes=0-1")
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-disposition"].startswith("inline;")
