"""Uploads to a real server: cut off, endless, refused while they still arrive, and large."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
import uvicorn

from app.web import file_bodies, uploads
from tests.desk import Desk

MIB = 1024 * 1024
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
async def port(desk: Desk) -> AsyncIterator[int]:
    """The desk's API, served on a port of its own."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(desk.app, lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    yield int(listener.getsockname()[1])
    server.should_exit = True
    await serving


@pytest.fixture
async def client(port: int, member: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    """A member of Acme who speaks to the served API."""
    headers = {"Authorization": member.headers["Authorization"], **OCTETS}
    base = f"http://127.0.0.1:{port}"
    async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        yield client


def limit(desk: Desk, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    told = desk.settings.model_copy(update={"attachment_limit_bytes": size})
    monkeypatch.setitem(desk.app.state._state, "settings", told)


def kept(desk: Desk) -> set[str]:
    folder = Path(desk.settings.storage_address.removeprefix("file://"))
    return {file.name for file in folder.rglob("*") if file.is_file()}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (what is waited for is another's doing)
            await asyncio.sleep(0.01)


async def stream(mebibytes: int) -> AsyncIterator[bytes]:
    for _ in range(mebibytes * 16):
        yield b"a" * (64 * 1024)


async def begun(port: int, client: httpx2.AsyncClient, length: int) -> asyncio.StreamWriter:
    """An upload whose client has sent its first 6 MiB of `length` bytes."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /v1/attachments HTTP/1.1\r\nHost: desk.example\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    writer.write(head.encode() + b"a" * (6 * MIB))
    await writer.drain()
    return writer


async def test_an_upload_that_breaks_off_leaves_nothing(
    desk: Desk, port: int, client: httpx2.AsyncClient
) -> None:
    before = kept(desk)
    writer = await begun(port, client, 20 * MIB)
    await until(lambda: kept(desk) != before)
    writer.close()
    await until(lambda: kept(desk) == before)


async def test_a_client_that_falls_silent_is_sent_away(
    desk: Desk, port: int, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_bodies, "_PATIENCE_SECONDS", 0.1)
    before = kept(desk)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        "POST /v1/attachments HTTP/1.1\r\nHost: desk.example\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        "Content-Length: 1000\r\n\r\nhello".encode()
    )
    answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"upload-stalled"' in answer
    writer.close()
    assert kept(desk) == before


async def test_a_file_whose_length_is_said_to_be_too_large_is_refused_unread(
    desk: Desk, port: int, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(desk, monkeypatch, MIB)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        "POST /v1/attachments HTTP/1.1\r\nHost: desk.example\r\n"
        f"Authorization: {client.headers['Authorization']}\r\n"
        "Expect: 100-continue\r\nContent-Length: 10737418240\r\n\r\n".encode()
    )
    async with asyncio.timeout(2):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    writer.close()


async def test_an_endless_file_is_refused_in_words_the_client_gets_to_read(
    desk: Desk, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(desk, monkeypatch, MIB)
    before = kept(desk)
    answer = await client.post("/v1/attachments", content=stream(64))
    assert (answer.status_code, answer.json()["code"]) == (413, "attachment-too-large")
    assert kept(desk) == before


async def test_whoever_is_refused_while_still_sending_reads_why(
    client: httpx2.AsyncClient,
) -> None:
    stranger = {"Authorization": "Bearer ska_nobody"}
    answer = await client.post("/v1/attachments", content=stream(32), headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_large_file_needs_little_memory_and_comes_back_whole(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    await client.post("/v1/attachments", content=stream(16))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await client.post("/v1/attachments", content=stream(192))
    assert answer.status_code == 201
    size = 0
    async with client.stream("GET", answer.json()["content"]) as download:
        async for piece in download.aiter_bytes():
            size += len(piece)
    assert size == answer.json()["size"] == 192 * MIB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_more_uploads_at_once_than_there_is_room_for_are_told_to_wait(
    desk: Desk, port: int, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_AT_ONCE_OF_PERSON", 1)
    before = kept(desk)
    writer = await begun(port, client, 20 * MIB)
    await until(lambda: kept(desk) != before)
    answer = await client.post("/v1/attachments", content=b"small")
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert answer.headers["retry-after"] == "5"
    writer.close()
    await until(lambda: kept(desk) == before)
    answer = await client.post("/v1/attachments", content=b"small")
    assert answer.status_code == 201


async def test_two_uploads_with_one_key_at_the_same_time_make_one_file(
    desk: Desk, client: httpx2.AsyncClient
) -> None:
    before = kept(desk)
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(client.post("/v1/attachments", content=b"same", headers=key) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert kept(desk) - before == made
