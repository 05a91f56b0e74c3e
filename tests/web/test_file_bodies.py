"""The file in a body, whatever clients wrap around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from app.web import file_bodies
from app.web.file_bodies import UploadMalformed, UploadStalled, open_file_body
from app.web.problems import InvalidInput

FORM = "multipart/form-data; boundary=line"


def request(pieces: Sequence[bytes], **headers: str) -> Request:
    waiting = list(pieces)

    async def receive() -> Message:
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


async def whole(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in stream])


async def read(pieces: Sequence[bytes], **headers: str) -> tuple[str, bytes]:
    body = await open_file_body(request(pieces, **headers))
    return body.name, await whole(body.stream)


def part(disposition: str, data: bytes) -> bytes:
    head = f"--line\r\nContent-Disposition: {disposition}\r\nContent-Type: text/x\r\n\r\n"
    return head.encode() + data + b"\r\n"


def form(*parts: bytes, end: bytes = b"--line--\r\n") -> bytes:
    return b"".join(parts) + end


FILE = 'form-data; name="file"; filename="a.txt"'


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="rapport.pdf"', "rapport.pdf"),
        ("attachment; filename=rapport.pdf", "rapport.pdf"),
        (
            "attachment; filename=\"x\"; filename*=UTF-8''Skj%C3%A6rm%20%E2%82%AC.png",
            "Skjærm €.png",
        ),
        ("attachment; filename*=UTF-8''a.txt; filename=\"b.txt\"", "a.txt"),
        ("attachment; filename*=iso-8859-1'en'%A3.txt", "£.txt"),
        ('attachment; filename="Skjærm.png"', "Skjærm.png"),
        ('attachment; filename="a;b\\"c.txt"', 'a;b"c.txt'),
        ("attachment", ""),
        ("; ;;", ""),
        ("attachment; filename*=UTF-8''%ff%00", "ÿ\x00"),
    ],
)
async def test_a_raw_body_is_named_by_content_disposition(disposition: str, name: str) -> None:
    headers = {"content_type": "application/json", "content_disposition": disposition}
    assert await read([b"ab", b"", b"c"], **headers) == (name, b"abc")


async def test_a_raw_body_without_any_header_is_a_file_too() -> None:
    assert await read([b"abc"]) == ("", b"abc")


async def test_a_form_holds_one_file() -> None:
    body = form(part('form-data; name="file"; filename="å \\"x\\".txt"', b"a\r\n--lin\r\nb"))
    assert await read([body], content_type=FORM) == ('å "x".txt', b"a\r\n--lin\r\nb")


@given(st.integers(1, 200), st.binary(max_size=300).filter(lambda data: b"--line" not in data))
async def test_a_form_may_arrive_in_pieces_of_any_size(size: int, data: bytes) -> None:
    body = form(part(FILE, data))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    assert await read(pieces, content_type=FORM) == ("a.txt", data)


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (form(), "required", "/file"),
        (b"", "required", "/file"),
        (form(part('form-data; name="note"', b"x")), "unknown", "/note"),
        (form(part('form-data; name="a/b~c"; filename="x"', b"x")), "unknown", "/a~1b~0c"),
        (form(part('form-data; name="file"', b"x")), "not-a-file", "/file"),
        (form(part(FILE, b"x"), part(FILE, b"y")), "too-many", "/file"),
        (form(part(FILE, b"x"), part('form-data; name="note"', b"y")), "too-many", "/file"),
    ],
)
async def test_a_form_with_anything_else_in_it_is_refused(
    body: bytes, code: str, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await read([body], content_type=FORM)
    (fault,) = caught.value.faults
    assert (fault.code, fault.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (form(part(FILE, b"x")), "multipart/form-data"),
        (form(part(FILE, b"x")), "multipart/form-data; boundary=" + "b" * 300),
        (b"no form at all", FORM),
        (form(part(FILE, b"x"), end=b""), FORM),
        (form(part(FILE, b"x"))[:-9], FORM),
        (b"--line\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", FORM),
        (b"--line\r\n" + b"X: y\r\n" * 5000 + b"\r\n", FORM),
    ],
)
async def test_a_broken_form_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(UploadMalformed):
        await read([body], content_type=content_type)


@given(st.binary(max_size=500), st.sampled_from([b"", b"--line\r\n", form(part(FILE, b"x"))[:-20]]))
async def test_no_body_makes_the_reader_fall(data: bytes, begin: bytes) -> None:
    with contextlib.suppress(UploadMalformed, InvalidInput):
        await read([begin + data], content_type=FORM)


async def test_what_percent_signs_spell_is_read_once() -> None:
    headers = {"content_disposition": f"attachment; filename*=UTF-8''{quote('50%20.txt')}"}
    assert await read([b"x"], **headers) == ("50%20.txt", b"x")


async def test_a_client_that_only_trickles_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_bodies, "_PATIENCE_SECONDS", 0.05)

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    trickle = Request({"type": "http", "method": "POST", "headers": []}, receive)
    body = await open_file_body(trickle)
    with pytest.raises(UploadStalled):
        await whole(body.stream)
