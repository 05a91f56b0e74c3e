"""Refusals around every operation: other methods, large headers, times that are no times."""

import http.client
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.contract.document import Document
from tests.served import Served


async def test_allow_names_every_method_of_an_address(
    nobody: httpx2.AsyncClient, document: Document
) -> None:
    for path, item in document.raw["paths"].items():
        documented = {method.upper() for method in item}
        if "get" in item and "302" not in item["get"]["responses"]:
            documented.add("HEAD")
        refused = await nobody.request("TRACE", path.replace("{", "x").replace("}", "x"))
        assert refused.status_code == 405
        assert set(refused.headers["allow"].split(", ")) == documented, path


async def test_an_unknown_address_answers_404_as_a_problem(nobody: httpx2.AsyncClient) -> None:
    refused = await nobody.get("/v1/no-such-thing")
    assert refused.status_code == 404
    assert refused.json()["code"] == "route-not-found"


@pytest.mark.parametrize(
    "headers", [{"X-Long": "x" * 8193}, {f"X-{n}": "x" * 8000 for n in "abcde"}]
)
async def test_headers_that_are_too_large_are_refused(
    headers: dict[str, str], nobody: httpx2.AsyncClient
) -> None:
    refused = await nobody.get("/v1/portals/crm-service", headers=headers)
    assert refused.status_code == 431
    assert refused.json()["code"] == "headers-too-large"


async def test_headers_of_a_usual_size_are_taken(nobody: httpx2.AsyncClient) -> None:
    taken = await nobody.get("/v1/portals/crm-service", headers={"X-Long": "x" * 8192})
    assert taken.status_code == 200


@pytest.mark.parametrize(
    "moment", ["0.5", "1700000000", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00"]
)
async def test_what_is_no_time_as_in_rfc_3339_is_refused(
    moment: str, member: httpx2.AsyncClient
) -> None:
    refused = await member.get("/v1/tickets", params={"updated_to": moment})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["parameter"] == "updated_to"
    assert refused.json()["errors"][0]["code"] == "not-a-time"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_the_ends_of_time_are_refused_in_words(
    moment: str, member: httpx2.AsyncClient
) -> None:
    refused = await member.get("/v1/tickets", params={"updated_to": moment})
    assert refused.status_code == 422


@pytest.mark.slow
def test_on_the_wire_nothing_follows_the_header(served: Served) -> None:
    """Two requests over one connection: a body of the first would stand before the second."""
    where = urlsplit(served.base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    for path in ("/v1/portals/crm-service", "/openapi.json", "/v1/tickets"):
        connection.request("HEAD", path)
        with connection.getresponse() as said:
            assert int(said.headers["Content-Length"]) > 0
            assert said.read() == b""
        connection.request("GET", path)
        with connection.getresponse() as whole:
            assert whole.status == said.status
            assert str(len(whole.read())) == said.headers["Content-Length"]
    connection.close()
