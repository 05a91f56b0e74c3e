"""The judge of exchanges notices whatever the document does not say."""

from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from app.kernel.problems import Problem
from app.web import openapi
from app.web.declare import Trait, problems, traits
from app.web.problem_json import MEDIA_TYPE
from tests.contract.exchanges import BrokenContract, Contract

REQUEST_ID = {"X-Request-Id": "r-1"}


class ParcelLost(Problem):
    code = "parcel-lost"
    status = 410
    title = "The parcel is lost"


class Weight(BaseModel):
    model_config = ConfigDict(extra="forbid")

    grams: Annotated[int, Field(ge=1, le=1000)]


class Parcel(BaseModel):
    id: str
    weight: int


@pytest.fixture
def sent() -> dict[str, Any]:
    """What the post office answers next; each test spoils it in its own way."""
    return {"status_code": 200, "content": '{"id": "p-1", "weight": 5}', "headers": REQUEST_ID}


@pytest.fixture
def app(sent: dict[str, Any]) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)

    @app.put(
        "/v1/parcels/{parcel}",
        tags=["tickets"],
        responses=problems(ParcelLost),
        openapi_extra=traits(Trait.PUBLIC),
    )
    async def weigh_parcel(
        parcel: str, weight: Weight, scale: Annotated[int | None, Query(le=3)] = None
    ) -> Parcel:
        raise NotImplementedError

    @app.delete("/v1/parcels/{parcel}", tags=["tickets"], status_code=204)
    async def drop_parcel(parcel: str) -> None:
        raise NotImplementedError

    app.state.document = openapi.build(app)
    return app


@pytest.fixture
def contract(app: FastAPI) -> Contract:
    return Contract.of(app.state.document)


@pytest.fixture
def client(contract: Contract, sent: dict[str, Any]) -> httpx2.Client:
    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            sent["status_code"],
            headers={"content-type": "application/json"} | sent["headers"],
            content=sent["content"],
        )

    return httpx2.Client(
        base_url="http://post.example",
        transport=httpx2.MockTransport(answer),
        event_hooks={"response": [contract.hook]},
    )


def weigh(client: httpx2.Client, body: Any = None, query: str = "") -> httpx2.Response:
    return client.put(f"/v1/parcels/p-1{query}", json=body or {"grams": 5})


def problem(code: str, status: int, **more: Any) -> dict[str, Any]:
    told = {
        "type": f"urn:skranke:problem:{code}",
        "title": "It is lost",
        "status": status,
        "detail": "Ask the sender.",
        "instance": "r-1",
        "code": code,
    }
    return {
        "status_code": status,
        "content": httpx2.Response(200, json=told | more).text,
        "headers": REQUEST_ID | {"content-type": MEDIA_TYPE},
    }


def test_what_the_document_says_passes_and_is_counted(
    client: httpx2.Client, contract: Contract
) -> None:
    weigh(client)
    assert contract.seen == {("weigh_parcel", 200): 1}


async def test_asynchronous_clients_are_held_to_it_too(contract: Contract) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(202, headers=REQUEST_ID))
    async with httpx2.AsyncClient(
        transport=transport, event_hooks={"response": [contract.async_hook]}
    ) as client:
        with pytest.raises(BrokenContract, match="does not document 202"):
            await client.put("http://post.example/v1/parcels/p", json={"grams": 5})


@pytest.mark.parametrize(
    ("spoiled", "complaint"),
    [
        ({"status_code": 202}, "does not document 202"),
        ({"status_code": 500}, "the service failed"),
        ({"content": '{"id": "p-1", "weight": 5, "owner": "x"}'}, "'owner' was unexpected"),
        ({"content": '{"id": "p-1"}'}, '"weight" is a required property'),
        ({"content": '{"id": "p-1", "weight": "5"}'}, 'at /weight: "5" is not of type "integer"'),
        ({"headers": REQUEST_ID | {"content-type": "text/html"}}, "text/html is not documented"),
        ({"headers": REQUEST_ID | {"etag": '"1"'}}, "the header 'etag' is not documented"),
        ({"headers": {}}, "every answer carries X-Request-Id"),
    ],
)
def test_an_answer_the_document_does_not_know_fails(
    client: httpx2.Client, sent: dict[str, Any], spoiled: dict[str, Any], complaint: str
) -> None:
    sent.update(spoiled)
    with pytest.raises(BrokenContract) as caught:
        weigh(client)
    assert complaint in str(caught.value)


def test_a_body_where_none_is_documented_fails(client: httpx2.Client, sent: dict[str, Any]) -> None:
    sent.update(status_code=204, content='{"gone": true}')
    with pytest.raises(BrokenContract, match="204 is documented without a body"):
        client.delete("/v1/parcels/p-1")


def test_a_problem_must_be_declared_and_whole(client: httpx2.Client, sent: dict[str, Any]) -> None:
    sent.update(problem("parcel-lost", 410))
    weigh(client)
    sent.update(problem("parcel-stolen", 410))
    with pytest.raises(BrokenContract, match="does not declare the problem 'parcel-stolen'"):
        weigh(client)
    sent.update(problem("parcel-lost", 410, stack="…"))
    with pytest.raises(BrokenContract, match="'stack' was unexpected"):
        weigh(client)


def test_an_address_or_method_nobody_documents_must_be_refused_as_a_problem(
    client: httpx2.Client, sent: dict[str, Any]
) -> None:
    with pytest.raises(BrokenContract, match="no operation of the document"):
        client.get("/v1/letters")
    sent.update(problem("route-not-found", 404))
    client.get("/v1/letters")
    sent.update(problem("method-not-allowed", 405))
    with pytest.raises(BrokenContract, match="name the methods in Allow"):
        client.patch("/v1/parcels/p-1")


def test_what_the_document_forbids_must_not_be_taken(client: httpx2.Client) -> None:
    with pytest.raises(BrokenContract, match="took a body that the document forbids"):
        weigh(client, {"grams": 5, "colour": "red"})
    with pytest.raises(BrokenContract, match="there is no parameter 'colour'"):
        weigh(client, query="?colour=red")
    with pytest.raises(BrokenContract, match="scale="):
        weigh(client, query="?scale=4")
    weigh(client, query="?scale=3")


def test_operators_addresses_are_none_of_the_contracts_business(
    client: httpx2.Client, sent: dict[str, Any]
) -> None:
    sent.update(content="ok", headers={"content-type": "text/plain"})
    assert client.get("/livez").text == "ok"
