"""Whoever is sent away is answered where he is read, and his connection goes on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI

from app.commands.api_server import ApiServer
from app.commands.serving import take_port
from app.kernel.secrets import fingerprint
from app.kernel.settings import Settings
from app.web.admission import Door
from app.web.fair_shares import FairShares, Tenants
from app.web.metrics import Metrics
from app.web.proxies import Proxies
from tests.commands.conftest import free_port

_LOUD = b"Authorization: Bearer of-the-loud\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def trusted() -> list[str]:
    """The proxies that are trusted."""
    return []


@pytest.fixture
async def connection(trusted: list[str]) -> AsyncIterator[Streams]:
    """A connection to an API that has no place free, and lets nobody of one tenant wait."""
    shares, tenants = FairShares(places=0, share=0), Tenants()
    tenants._known[fingerprint("of-the-loud")] = "loud"
    app = FastAPI()
    app.state.door = Door(shares, tenants, Metrics(), Proxies(trusted))

    @app.api_route("/v1/asked", methods=["GET", "POST", "HEAD"])
    async def asked() -> str:
        return "let in"

    async with _serving(app) as port, _somebody_waiting(shares):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer
        writer.close()


@asynccontextmanager
async def _somebody_waiting(shares: FairShares) -> AsyncIterator[None]:
    async def wait() -> None:
        async with shares.one("somebody"):
            pass

    shares._longest = 1
    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    shares._longest = 0
    yield
    waiting.cancel()
    await asyncio.wait([waiting])


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[int]:
    listener = take_port(Settings(port=free_port()))
    server = ApiServer(app, grace=0, on_ready=lambda: None)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.open_ports([listener])
    yield listener.getsockname()[1]
    await server.shutdown([listener])


async def answer_of(streams: Streams, asked: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, fields and body of the answer to what is sent."""
    reader, writer = streams
    writer.write(asked)
    async with asyncio.timeout(20):
        line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        fields = dict(field.lower().split(": ", 1) for field in lines)
        length = 0 if asked.startswith(b"HEAD") else int(fields["content-length"])
        return int(line.split()[1]), fields, await reader.readexactly(length)


def request(head: bytes, *, loud: bool = True, more: bytes = b"", body: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    named = _LOUD if loud else b""
    return head + b" HTTP/1.1\r\nHost: localhost\r\n" + named + more + length + b"\r\n" + body


async def test_a_refusal_is_a_whole_answer_and_the_next_request_is_read(
    connection: Streams,
) -> None:
    asked = request(b"POST /v1/asked", body=b'{"GET /v1/asked HTTP/1.1": "is not a request"}')
    status, fields, body = await answer_of(connection, asked)
    assert (status, fields["retry-after"]) == (503, "1")
    assert fields["content-type"] == "application/problem+json"
    assert json.loads(body)["instance"] == fields["x-request-id"]
    again, _, _ = await answer_of(connection, asked)
    assert again == 503
    let_in, _, body = await answer_of(connection, request(b"GET /v1/asked", loud=False))
    assert (let_in, body) == (200, b'"let in"')


async def test_requests_sent_in_one_go_are_answered_in_their_order(connection: Streams) -> None:
    reader, writer = connection
    writer.write(
        request(b"GET /v1/asked")
        + request(b"GET /v1/asked", loud=False)
        + request(b"GET /v1/asked")
    )
    told = [(await answer_of((reader, writer), b""))[0] for _ in range(3)]
    assert told == [503, 200, 503]


@pytest.mark.parametrize("asked", [b"HEAD /v1/asked", b"GET /elsewhere"], ids=["head", "path"])
async def test_what_the_door_does_not_judge_goes_its_way(connection: Streams, asked: bytes) -> None:
    status, _, _ = await answer_of(connection, request(asked))
    assert status in {200, 404}


@pytest.mark.parametrize(
    ("trusted", "kept_to_https"),
    [(["127.0.0.1"], True), (["192.0.2.0/24"], False), ([], False)],
    ids=["trusted", "another is trusted", "nobody is"],
)
async def test_behind_a_proxy_with_tls_a_refusal_keeps_browsers_to_https(
    connection: Streams, *, kept_to_https: bool
) -> None:
    asked = request(b"GET /v1/asked", more=b"X-Forwarded-Proto: https\r\n")
    status, fields, _ = await answer_of(connection, asked)
    assert status == 503
    assert ("strict-transport-security" in fields) is kept_to_https


async def test_whose_tenant_is_known_begins_beside_a_crowd_that_came_before_him() -> None:
    tenants, begun = Tenants(), list[str]()
    tenants._known[fingerprint("of-the-loud")] = "loud"
    app = FastAPI()
    app.state.door = Door(FairShares(places=1, share=1), tenants, Metrics(), Proxies([]))

    @app.get("/v1/{who}")
    async def asked(who: str) -> None:
        begun.append(who)

    crowd = [request(b"GET /v1/crowd", loud=False)] * 30
    async with _serving(app) as port:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(31)]
        for each in connections:
            await answer_of(each, request(b"GET /v1/first"))
        begun.clear()
        for (_, writer), sent in zip(connections, [*crowd, request(b"GET /v1/known")], strict=True):
            writer.write(sent)  # all of them before the loop has a moment to read
        for each in connections:
            await answer_of(each, b"")
            each[1].close()
    assert begun.count("crowd") == 30
    assert begun.index("known") < 5
