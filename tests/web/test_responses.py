"""What every answer carries, and how each refusal reads, whichever part of the house it is from."""

import io
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
import structlog
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from app.main import create_app
from app.web.metrics import Metrics
from tests.desk import Desk
from tests.factories.tickets import answers, opened

UUID7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
Superuser = psycopg.AsyncConnection[Any]


async def test_what_is_personal_is_kept_by_nobody_on_the_way(member: AsyncClient) -> None:
    for path in ("/v1/me", "/v1/tickets", "/v1/tickets/x", "/v1/nowhere"):
        headers = (await member.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert {"Accept-Language", "Authorization", "Cookie"} <= set(headers["vary"].split(", "))
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers
        assert "server" not in headers


async def test_only_behind_tls_a_browser_is_told_to_insist_on_it(desk: Desk) -> None:
    transport = ASGITransport(app=desk.app)
    async with AsyncClient(transport=transport, base_url="https://testserver") as client:
        assert "max-age" in (await client.get("/livez")).headers["strict-transport-security"]


@pytest.mark.parametrize("sent", ["abc", "A.b_c:d-1", "x" * 128])
async def test_a_request_id_is_echoed(member: AsyncClient, sent: str) -> None:
    answer = await member.get("/v1/tickets/x", headers={"X-Request-Id": sent})
    assert answer.headers["x-request-id"] == sent
    assert answer.json()["instance"] == sent


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 129, "é", '"><script>', "a\tb"])
async def test_a_request_without_a_harmless_id_is_given_one(
    member: AsyncClient, sent: str | None
) -> None:
    headers = [(b"x-request-id", sent.encode("latin-1"))] if sent is not None else []
    answer = await member.get("/v1/tickets/x", headers=headers)
    assert UUID7.match(answer.headers["x-request-id"])
    assert answer.json()["instance"] == answer.headers["x-request-id"]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """What stands in the log of the web, as the program writes it."""
    written = io.StringIO()
    everything = structlog.wrap_logger(
        structlog.PrintLogger(written),
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    monkeypatch.setattr("app.web.correlation.log", everything)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


async def test_one_line_of_the_log_names_trace_and_route_but_no_path_and_no_secret(
    member: AsyncClient, log: Callable[[], list[dict[str, Any]]]
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Request-Id": "mine"}
    await member.get("/v1/tickets/CRM-1?secret=x", headers=headers)
    (told,) = log()
    assert (told["trace_id"], told["request_id"]) == (trace, "mine")
    assert (told["event"], told["method"], told["status"]) == ("request", "GET", 422)
    assert (told["route"], told["problem"]) == ("/v1/tickets/{ticket}", "invalid-input")
    assert told["milliseconds"] >= 0
    secrets = ("CRM-1", "secret", member.headers["Authorization"], "acme")
    assert not [secret for secret in secrets if secret in json.dumps(told)]
    await member.get("/v1/tickets/CRM-1", headers={"traceparent": "nonsense"})
    assert "trace_id" not in log()[-1]


async def test_a_problem_speaks_the_callers_language(member: AsyncClient) -> None:
    async def title(language: str) -> tuple[str, str]:
        answer = await member.get("/v1/tickets/x", headers={"Accept-Language": language})
        return str(answer.json()["title"]), answer.headers["content-language"]

    by_language = {language: await title(language) for language in ("nb", "sv", "fi", "da", "it")}
    assert len({text for text, _ in by_language.values()}) >= 4
    assert all(said == language for language, (_, said) in by_language.items())
    assert await title("nn-NO") == await title("no") == by_language["nb"]
    assert await title("de, fi;q=0.5, sv;q=0.9") == by_language["sv"]
    for other in ("en", "de", "", "*", ";;;q=x,,", "nb;q=0, en;q=0.1", "x" * 5000):
        assert await title(other) == ("There is no such ticket", "en")


async def test_the_persons_own_language_wins(desk: Desk) -> None:
    client = await desk.client("member2@globex.example")
    await client.patch("/v1/me", json={"language": "it"}, headers={"If-Match": "*"})
    answer = await client.get("/v1/tickets/x", headers={"Accept-Language": "fi"})
    assert answer.headers["content-language"] == "it"
    refused = await client.post("/v1/tickets", json={}, headers={"Accept-Language": "fi"})
    assert refused.headers["content-language"] == "it"
    await client.patch("/v1/me", json={"language": None}, headers={"If-Match": "*"})


async def test_an_address_that_is_none_is_a_problem(
    member: AsyncClient, nobody: AsyncClient
) -> None:
    for client in (member, nobody):
        for path in ("/v1/nowhere", "/v1", "/v1/tickets/", "/nowhere", "/v1//tickets"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "route-not-found"), path
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/tickets", {"GET", "HEAD", "POST"}),
        ("PUT", "/v1/tickets/x", {"GET", "HEAD", "PATCH"}),
        ("OPTIONS", "/v1/tickets", {"GET", "HEAD", "POST"}),
        ("TRACE", "/v1/me", {"GET", "HEAD", "PATCH"}),
        ("GET", "/v1/tickets/x/transitions", {"POST"}),
        ("POST", "/livez", {"GET", "HEAD"}),
    ],
)
async def test_a_method_that_is_not_taken_is_a_problem_that_names_those_that_are(
    member: AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = await member.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_whoever_has_not_signed_in_is_told_how(nobody: AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}):
        answer = await nobody.get("/v1/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="skranke"'


async def test_it_lives_and_is_ready_and_measures(nobody: AsyncClient, member: AsyncClient) -> None:
    assert (await nobody.get("/livez")).json() == {"status": "ok"}
    ready = await nobody.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "ok")
    await member.get("/v1/tickets/no-such-one")
    await member.request("BREW", "/v1/tickets/no-such-one")
    measured = (await nobody.get("/metrics")).text
    counted = 'skranke_http_requests_total{method="GET",route="/v1/tickets/{ticket}",status="404"}'
    assert counted in measured
    assert "no-such-one" not in measured
    assert "BREW" not in measured
    assert 'method="other"' in measured
    assert "skranke_database_connections_in_use" in measured
    assert "skranke_http_request_seconds_bucket" in measured


def test_two_applications_measure_apart() -> None:
    first, second = Metrics(), Metrics()
    first.observe("GET", "/x", 200, 0.1)
    assert b'route="/x"' in first.exposed()
    assert b'route="/x"' not in second.exposed()


@pytest.fixture
async def without_database(desk: Desk) -> AsyncIterator[FastAPI]:
    """An API whose database cannot be reached."""
    away = desk.settings.model_copy(
        update={"database_url": SecretStr("postgresql://nobody:x@/nowhere?host=/nowhere&port=1")}
    )
    app = create_app(away)
    async with app.router.lifespan_context(app):
        yield app


async def test_without_its_database_it_lives_but_is_not_ready(without_database: FastAPI) -> None:
    transport = ASGITransport(app=without_database)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get("/livez")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, "away")
        answer = await client.get("/v1/me", headers={"Authorization": "Bearer x"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1


async def test_it_is_not_ready_while_it_stops(
    desk: Desk, nobody: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(desk.app.state._state, "stopping", True)
    ready = await nobody.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "stopping")


async def test_a_browser_reads_even_what_nobody_foresaw(
    desk: Desk, member: AsyncClient, superuser: Superuser
) -> None:
    origin = "https://portal.acme.example"
    settings = desk.settings.model_copy(update={"allowed_origins": [origin]})
    app = create_app(settings)
    await opened(member)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://testserver") as client:
            client.headers |= {"Authorization": member.headers["Authorization"], "Origin": origin}
            await superuser.execute("ALTER SCHEMA ticket_numbers RENAME TO gone")
            try:
                answer = await client.post("/v1/tickets", json=answers())
            finally:
                await superuser.execute("ALTER SCHEMA gone RENAME TO ticket_numbers")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["cache-control"] == "no-store"
    assert "Traceback" not in answer.text
    assert "gone" not in answer.text
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Link", "X-Request-Id", "Retry-After"} <= set(exposed.split(", "))
