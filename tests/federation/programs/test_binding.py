"""Binding programs of a directory to service accounts: by whom, to what, with how much."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.desk import Desk
from tests.factories.definitions import Document, named
from tests.factories.directory_tokens import (
    AUDIENCE,
    DIRECTORY,
    OF_PROGRAMS,
    OTHER,
    PROGRAM,
    calling,
    own_token,
    refused,
    taking_programs,
)
from tests.factories.federation import PORTAL, known_as
from tests.factories.keys import service_account
from tests.factories.people import Client, changed, newcomer, signed_in_at
from tests.federation.conftest import Apply
from tests.providers.entra import PERSONAL, Entra
from tests.refusals import refusal


def new(account: str, **more: Any) -> dict[str, Any]:
    """A program as it is sent."""
    return {
        "name": "Nightly import",
        "service_account": account,
        "provider": "microsoft",
        "object_id": str(uuid4()),
        "client_id": PROGRAM,
        "scopes": OF_PROGRAMS,
        **more,
    }


async def test_a_program_is_bound_shown_and_taken_away(
    door: Desk, directory: Entra, keeper: Client
) -> None:
    robot = await service_account(keeper)
    who = directory.account(DIRECTORY, "program")
    sent = new(robot, object_id=who.oid.upper(), directory=DIRECTORY)
    made = await keeper.post("/v1/programs", json=sent)
    assert made.status_code == 201, made.text
    program = made.json()
    assert made.headers["location"] == f"/v1/programs/{program['id']}"
    assert program == {
        "id": program["id"],
        "name": "Nightly import",
        "service_account": {"id": robot, "name": "Robot"},
        "provider": "microsoft",
        "issuer": directory.issuer(DIRECTORY),
        "object_id": who.oid,
        "client_id": PROGRAM,
        "scopes": OF_PROGRAMS,
        "created_at": program["created_at"],
        "last_used_at": None,
    }
    assert (await calling(door, own_token(directory, who)).get("/v1/me")).json()["id"] == robot
    listed = (await keeper.get(f"/v1/programs?service_account={robot}")).json()["items"]
    assert [each["id"] for each in listed] == [program["id"]]
    assert listed[0]["last_used_at"] is not None
    assert (await keeper.delete(made.headers["location"])).status_code == 204
    listed = (await keeper.get("/v1/programs?limit=100")).json()["items"]
    assert program["id"] not in [each["id"] for each in listed]


async def test_the_list_is_read_page_by_page(keeper: Client) -> None:
    robot = await service_account(keeper)
    made = [(await keeper.post("/v1/programs", json=new(robot))).json()["id"] for _ in range(3)]
    where = f"/v1/programs?service_account={robot}&limit=2&sort=created_at"
    first = (await keeper.get(where)).json()
    second = (await keeper.get(f"{where}&cursor={first['next_cursor']}")).json()
    found = [each["id"] for page in (first, second) for each in page["items"]]
    assert (found, second["next_cursor"]) == (made, None)


async def test_a_program_acts_as_one_account(door: Desk, directory: Entra, keeper: Client) -> None:
    """And an account elsewhere that signs somebody in is no program."""
    robot, other = await service_account(keeper), await service_account(keeper)
    sent = new(robot)
    assert (await keeper.post("/v1/programs", json=sent)).status_code == 201
    for account in (robot, other):
        again = await keeper.post("/v1/programs", json={**sent, "service_account": account})
        assert refusal(again) == (409, "program-taken")
    person = directory.account(DIRECTORY, "somebody@acme.example")
    issuer = directory.issuer(DIRECTORY)
    await known_as(door, person.oid, provider="microsoft", issuer=issuer)
    answer = await keeper.post("/v1/programs", json=new(robot, object_id=person.oid))
    assert refusal(answer) == (409, "program-taken")
    assert refused(await calling(door, own_token(directory, person)).get("/v1/me"))


async def test_of_several_who_bind_it_at_once_one_wins(keeper: Client) -> None:
    accounts = [await service_account(keeper) for _ in range(4)]
    program = str(uuid4())
    answers = await asyncio.gather(
        *(keeper.post("/v1/programs", json=new(each, object_id=program)) for each in accounts)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_sent_again_with_its_key_it_is_bound_once(keeper: Client) -> None:
    sent = new(await service_account(keeper))
    again = {"Idempotency-Key": str(uuid4())}
    first = await keeper.post("/v1/programs", json=sent, headers=again)
    second = await keeper.post("/v1/programs", json=sent, headers=again)
    assert (first.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replayed"] == "true"


_UNFIT: dict[str, tuple[str, dict[str, Any]]] = {
    "no provider": ("/provider", {"provider": "nobody"}),
    "a provider without directory": ("/provider", {"provider": "certified"}),
    "a directory that is not trusted": ("/directory", {"directory": OTHER}),
    "personal accounts": ("/directory", {"directory": PERSONAL}),
    "nobody": ("/service_account", {"service_account": str(uuid4())}),
    "no permission": ("/scopes/1", {"scopes": ["people:read", "no_such:thing"]}),
    "a permission that nobody hands on": ("/scopes/0", {"scopes": ["api_keys:manage"]}),
    "more than the portal says": ("/scopes/0", {"scopes": ["tickets:update:tenant"]}),
    "nothing to do": ("/scopes", {"scopes": []}),
    "an object that is none": ("/object_id", {"object_id": "program@provider.example"}),
    "an application that is none": ("/client_id", {"client_id": "0"}),
    "no application": ("/client_id", {"client_id": None}),
    "no name": ("/name", {"name": " "}),
    "a tenant": ("/tenant", {"tenant": OTHER}),
}


@pytest.mark.parametrize("what", _UNFIT)
async def test_what_does_not_fit_binds_nothing(keeper: Client, what: str) -> None:
    pointer, bent = _UNFIT[what]
    robot = await service_account(keeper)
    answer = await keeper.post("/v1/programs", json={**new(robot), **bent})
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]
    assert (await keeper.get(f"/v1/programs?service_account={robot}")).json()["items"] == []


async def test_it_acts_as_no_person_and_as_no_account_that_is_shut(
    door: Desk, keeper: Client
) -> None:
    person = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    robot = await service_account(keeper)
    assert (await changed(keeper, robot, state="inactive")).status_code == 200
    for account in (person.id, robot):
        answer = await keeper.post("/v1/programs", json=new(account))
        assert refusal(answer) == (422, "program-unfit")
        assert answer.json()["errors"][0]["pointer"] == "/service_account"


async def test_nobody_binds_more_than_he_and_the_account_have(
    door: Desk, directory: Entra, apply: Apply
) -> None:
    def bend(written: Document) -> None:
        taking_programs(directory, permissions=["confidential:read", "people:read"])(written)
        narrow = ["api_keys:manage", "people:read", "people:write", "roles:assign"]
        written["roles"].append(named("narrow", side="agent", permissions=narrow))

    await apply(bend)
    admin = await newcomer(door, role="keeper", side="agent", portal=PORTAL)
    keeper = await signed_in_at(door, admin, PORTAL)
    who = await newcomer(door, role="narrow", side="agent", portal=PORTAL)
    narrow = await signed_in_at(door, who, PORTAL)
    for client, role in ((keeper, "agent"), (narrow, "keeper")):
        robot = await service_account(keeper, role=role)
        sent = new(robot, scopes=["people:read", "confidential:read"])
        answer = await client.post("/v1/programs", json=sent)
        assert refusal(answer) == (422, "program-unfit")
        assert [(each["code"], each["pointer"]) for each in answer.json()["errors"]] == [
            ("above-ones-own", "/scopes/1")
        ]
        sent["scopes"] = ["people:read"]
        assert (await client.post("/v1/programs", json=sent)).status_code == 201


async def test_others_bind_see_and_take_away_nothing(door: Desk, keeper: Client) -> None:
    robot = await service_account(keeper)
    program = (await keeper.post("/v1/programs", json=new(robot))).json()["id"]
    agent = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    boss = await newcomer(door, role="boss", portal=PORTAL)
    for who in (agent, boss):
        client = await signed_in_at(door, who, PORTAL)
        assert refusal(await client.post("/v1/programs", json=new(robot))) == (403, "forbidden")
        assert refusal(await client.get("/v1/programs")) == (403, "forbidden")
        for answer in (
            await client.get(f"/v1/programs/{program}"),
            await client.delete(f"/v1/programs/{program}"),
        ):
            assert refusal(answer) == (404, "program-not-found")
    assert (await keeper.get(f"/v1/programs/{program}")).status_code == 200
    assert refusal(await keeper.get("/v1/programs/x")) == (404, "program-not-found")


async def test_an_account_elsewhere_of_a_person_is_no_program(
    door: Desk, directory: Entra, keeper: Client
) -> None:
    who = directory.account(DIRECTORY, "somebody@acme.example")
    issuer = directory.issuer(DIRECTORY)
    person = await known_as(door, who.oid, provider="microsoft", issuer=issuer)
    own = (await (await signed_in_at(door, person, PORTAL)).get("/v1/me/identities")).json()
    identity = own["items"][0]["id"]
    assert refusal(await keeper.delete(f"/v1/programs/{identity}")) == (404, "program-not-found")
    listed = (await keeper.get("/v1/programs?limit=100")).json()["items"]
    assert identity not in [each["id"] for each in listed]


async def test_of_several_directories_one_is_named(
    door: Desk, microsoft: Entra, apply: Apply
) -> None:
    take = taking_programs(microsoft)

    def bend(written: Document) -> None:
        take(written)
        provider = written["sign_in"]["providers"][-1]
        provider |= {"kind": "entra_multi", "directories": [DIRECTORY, OTHER]}
        provider |= {"personal_accounts": True}
        del provider["directory"]

    await apply(bend)
    who = await newcomer(door, role="keeper", side="agent", portal=PORTAL)
    keeper = await signed_in_at(door, who, PORTAL)
    robot = await service_account(keeper)
    account = microsoft.account(OTHER, "program")
    for unfit in (None, str(uuid4()), PERSONAL):
        answer = await keeper.post("/v1/programs", json=new(robot, directory=unfit))
        assert answer.json()["errors"][0]["pointer"] == "/directory"
    sent = new(robot, directory=OTHER, object_id=account.oid)
    assert (await keeper.post("/v1/programs", json=sent)).status_code == 201
    assert (await calling(door, own_token(microsoft, account)).get("/v1/me")).json()["id"] == robot
    # The same object id in the other directory is another program.
    elsewhere = {"tid": DIRECTORY, "iss": microsoft.issuer(DIRECTORY)}
    assert refused(await calling(door, own_token(microsoft, account, **elsewhere)).get("/v1/me"))
    claims = microsoft.program_claims(account, AUDIENCE, PROGRAM) | {"tid": DIRECTORY}
    assert refused(await calling(door, microsoft.signed(claims)).get("/v1/me"))


async def test_who_bound_what_and_its_use_stand_in_the_access_report(
    door: Desk, directory: Entra, keeper: Client
) -> None:
    """S4-18."""
    robot = await service_account(keeper)
    who = directory.account(DIRECTORY, "program")
    made = await keeper.post("/v1/programs", json=new(robot, object_id=who.oid))
    for _ in range(2):
        await calling(door, own_token(directory, who)).get("/v1/me")
    assert (await keeper.delete(made.headers["location"])).status_code == 204
    report = (await keeper.get(f"/v1/access-report?person={robot}")).json()["items"]
    told = [each for each in report if each["event"].startswith(("program.", "identity."))]
    assert sorted(each["event"] for each in told) == [
        "identity.used",
        "program.bound",
        "program.unbound",
    ]
    ways = {each["event"]: each["way"] for each in told}
    assert ways["identity.used"] == "directory:microsoft"
