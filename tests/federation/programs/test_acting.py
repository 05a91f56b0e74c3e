"""Programs of a directory with tokens of their own: what they act as, and what opens nothing."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from app.database.tenancy import ByDirectory, entered
from app.domain.people.actions import create_person
from app.kernel import clock, ids
from app.models.federation import ExternalIdentity
from tests.desk import Desk
from tests.factories import definitions
from tests.factories.definitions import Document
from tests.factories.directory_tokens import (
    AUDIENCE,
    CLIENT,
    DIRECTORY,
    OF_PROGRAMS,
    OTHER,
    PROGRAM,
    calling,
    own_token,
    program_of,
    refused,
    taking,
    taking_programs,
    without_none,
)
from tests.factories.federation import PORTAL, known_as
from tests.factories.people import Client, as_system, changed, newcomer
from tests.federation.conftest import Apply
from tests.providers.browser import Browser
from tests.providers.entra import Claims, Entra
from tests.refusals import refusal


async def test_a_program_acts_as_the_service_account_it_is_bound_to(
    door: Desk, directory: Entra
) -> None:
    who, program, robot = await program_of(door, directory)
    client = calling(door, own_token(directory, who))
    me = (await client.get("/v1/me")).json()
    assert (me["id"], me["service"], me["acting_through"]) == (
        robot,
        True,
        {
            "kind": "directory",
            "id": program,
            "name": "Nightly import",
            "scopes": OF_PROGRAMS,
            "organization": None,
        },
    )
    assert me["permissions"] == OF_PROGRAMS
    asker = await newcomer(door, role="member", portal=PORTAL)
    new = {"type": "question", "subject": "From the night", "on_behalf_of": asker.id}
    opened = await client.post("/v1/tickets", json=new)
    assert opened.status_code == 201, opened.text
    assert (await client.get(f"/v1/tickets/{opened.json()['id']}")).status_code == 200
    assert refusal(await client.post("/v1/organizations", json={"name": "Own"}))[0] == 403


@pytest.mark.parametrize(
    "path", ["/v1/me/sessions", "/v1/me/identities", "/v1/api-keys", "/v1/programs", "/v1/apps"]
)
async def test_what_is_done_in_person_a_program_does_not(
    door: Desk, directory: Entra, path: str
) -> None:
    who, _, _ = await program_of(door, directory)
    client = calling(door, own_token(directory, who))
    assert refusal(await client.get(path)) == (403, "only-in-person")


_BENT: dict[str, Claims] = {
    "of another directory": {"tid": OTHER},
    "of the issuer of another directory": {"iss": f"https://evil.example/{OTHER}/v2.0"},
    "without a directory": {"tid": None},
    "of another program": {"oid": str(uuid4()), "sub": None},
    "without an object": {"oid": None},
    "of an application that is not its own": {"azp": str(uuid4())},
    "of a program of people": {"azp": CLIENT},
    "of no application": {"azp": None},
    "of an application that is none": {"azp": "erp"},
    "with a scope": {"scp": "access_as_user"},
    "with an empty scope": {"scp": ""},
    "whose subject is another": {"sub": str(uuid4())},
    "whose subject is a person's": {"sub": "Gq8bYpRAbKU0aWCUSXdVVUSbhqvHLcLKBkqEaoJAzJ8"},
    "without a subject": {"sub": None},
    "that says it is a person's": {"idtyp": "user"},
    "that says it is a person's, with a scope": {"idtyp": "user", "scp": "access_as_user"},
    "of a device": {"idtyp": "device"},
    "of several kinds": {"idtyp": ["app"]},
    "of a kind that is no word": {"idtyp": True},
    "for another api": {"aud": str(uuid4())},
    "for the api by its address": {"aud": f"api://{AUDIENCE}"},
    "for two apis": {"aud": [AUDIENCE, str(uuid4())]},
    "of version 1": {"ver": "1.0"},
    "of version 1, as they are": {"ver": "1.0", "azp": None, "appid": PROGRAM, "appidacr": "1"},
    "over": {"exp": time.time() - 61},
    "without an end": {"exp": None},
    "not yet begun": {"nbf": time.time() + 3600},
    "given later": {"iat": time.time() + 3600},
    "given long ago": {"iat": time.time() - 30 * 3600},
}


@pytest.mark.parametrize("how", _BENT)
async def test_a_token_is_not_believed(
    door: Desk, directory: Entra, keeper: Client, how: str
) -> None:
    who, program, _ = await program_of(door, directory)
    answer = await calling(door, own_token(directory, who, **_BENT[how])).get("/v1/me")
    assert refused(answer), answer.text
    held = (await keeper.get(f"/v1/programs/{program}")).json()
    assert held["last_used_at"] is None
    assert (await calling(door, own_token(directory, who)).get("/v1/me")).status_code == 200


async def test_a_token_that_does_not_say_whose_it_is_is_no_programs(
    door: Desk, directory: Entra
) -> None:
    """The API must ask for the claim: else it is a person's, without the scope."""
    who, _, _ = await program_of(door, directory)
    answer = await calling(door, own_token(directory, who, idtyp=None, azp=CLIENT)).get("/v1/me")
    assert refusal(answer) == (403, "directory-scope-missing")
    assert refused(await calling(door, own_token(directory, who, idtyp=None)).get("/v1/me"))


async def test_a_role_that_is_asked_for_must_be_there(
    door: Desk, directory: Entra, apply: Apply, keeper: Client
) -> None:
    who, program, _ = await program_of(door, directory)
    await apply(taking_programs(directory, role="Portal.Program"))
    for roles in (None, [], ["Other"], "Portal.Program", {"Portal.Program": 1}):
        answer = await calling(door, own_token(directory, who, roles=roles)).get("/v1/me")
        assert refusal(answer) == (403, "directory-role-missing")
        assert "Portal.Program" in answer.json()["detail"]
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert (await keeper.get(f"/v1/programs/{program}")).json()["last_used_at"] is None
    token = own_token(directory, who, roles=["Other", "Portal.Program"])
    assert (await calling(door, token).get("/v1/me")).status_code == 200


async def test_a_program_that_is_bound_to_nothing_is_refused(door: Desk, directory: Entra) -> None:
    stranger = directory.account(DIRECTORY, "stranger")
    assert refused(await calling(door, own_token(directory, stranger)).get("/v1/me"))


async def test_a_program_acts_only_in_the_tenant_it_is_bound_in(
    door: Desk, directory: Entra, tmp_path: Path
) -> None:
    """Two portals may trust the same API of the same directory; the request names one."""
    written = definitions.document()
    written["portal"] |= {"slug": "next-door", "number_prefix": "NXT"}
    taking_programs(directory)(written)
    file = tmp_path / "next-door.yaml"
    file.write_text(definitions.text_of(written))
    await door.apply(file)
    who, _, robot = await program_of(door, directory)
    token = own_token(directory, who)
    assert refused(await calling(door, token, "next-door").get("/v1/me"))
    assert refused(await calling(door, token, None).get("/v1/me"))
    _, _, other = await program_of(door, directory, portal="next-door", oid=who.oid)
    for portal, account in (("next-door", other), (PORTAL, robot)):
        assert (await calling(door, token, portal).get("/v1/me")).json()["id"] == account


async def test_a_persons_token_acts_as_no_service_account_and_the_reverse(
    door: Desk, directory: Entra
) -> None:
    who, _, _ = await program_of(door, directory)
    for client in (CLIENT, PROGRAM):
        claims = directory.access_claims(who, AUDIENCE, client)
        for idtyp in (None, "user"):
            token = directory.signed(without_none({**claims, "idtyp": idtyp}))
            assert refused(await calling(door, token).get("/v1/me"))
    person = directory.account(DIRECTORY, "somebody@acme.example")
    issuer = directory.issuer(DIRECTORY)
    await known_as(door, person.oid, provider="microsoft", issuer=issuer, role="member")
    for client in (CLIENT, PROGRAM):
        claims = directory.program_claims(person, AUDIENCE, client)
        assert refused(await calling(door, directory.signed(claims)).get("/v1/me"))
    claims = directory.access_claims(person, AUDIENCE, CLIENT)
    assert (await calling(door, directory.signed(claims)).get("/v1/me")).status_code == 200


async def test_nobody_signs_in_as_a_program(door: Desk, directory: Entra, browser: Browser) -> None:
    """Were the directory to say so: a program's account signs nobody in."""
    directory.who, _, _ = await program_of(door, directory)
    back = await browser.sign_in(PORTAL, "microsoft", return_to="/in")
    assert back.headers["location"] == "/in?error=invitation-needed"
    assert (await browser.me()).status_code == 401


@pytest.mark.parametrize("kind", ["a person's", "a program's"])
@pytest.mark.parametrize("service", [True, False], ids=["a service account", "a person"])
async def test_the_wall_itself_lets_in_programs_as_service_accounts_and_nobody_else(
    door: Desk, directory: Entra, kind: str, service: bool
) -> None:
    """Whatever stands in a row, and however it came there."""
    issuer, subject = directory.issuer(DIRECTORY), str(uuid4())
    own = kind == "a program's"
    async with as_system(door, PORTAL) as (session, system):
        who = await create_person(
            session, system, name="Who", side="agent", role="agent", service=True
        )
        who.service = service
        row = ExternalIdentity(
            tenant_id=system.tenant_id,
            id=ids.new_id(),
            person_id=who.id,
            provider="microsoft",
            issuer=issuer,
            subject=subject,
            bound_by="administrator" if own else "signed_in",
            created_at=clock.now(),
            client_id=PROGRAM if own else None,
            scopes=["people:read"] if own else None,
        )
        session.add(row)
    for client in (None, PROGRAM, CLIENT, ""):
        named = (PORTAL, AUDIENCE, issuer, subject, client)
        async with door.app.state.database.transaction(ByDirectory(*named, clock.now())) as session:
            await session.connection()
            let_in = entered(session) is not None
        assert let_in == (service == own and client == (PROGRAM if own else None)), client


async def test_a_row_is_a_persons_or_a_programs(door: Desk, directory: Entra) -> None:
    await program_of(door, directory)
    async with as_system(door, PORTAL) as (session, _):
        for change in (
            "client_id = NULL",
            "scopes = NULL",
            "bound_by = 'directory'",
            "client_id = NULL, scopes = NULL",
        ):
            with pytest.raises(IntegrityError):
                async with session.begin_nested():
                    await session.execute(
                        text(
                            f"UPDATE external_identities SET {change}"  # noqa: S608
                            " WHERE bound_by = 'administrator'"
                        )
                    )


async def test_it_is_over_with_the_next_request(
    door: Desk, directory: Entra, apply: Apply, keeper: Client
) -> None:
    """Once its service account, its binding, or the portal's word for programs is gone."""
    who, program, robot = await program_of(door, directory)
    client = calling(door, own_token(directory, who))
    assert (await client.get("/v1/me")).status_code == 200
    assert (await changed(keeper, robot, state="inactive")).status_code == 200
    assert refused(await client.get("/v1/me"))
    assert (await changed(keeper, robot, state="active")).status_code == 200
    assert (await client.get("/v1/me")).status_code == 200
    await apply(taking(directory))
    assert refused(await client.get("/v1/me"))
    await apply(taking_programs(directory, permissions=["tickets:read:tenant"]))
    assert (await client.get("/v1/me")).json()["permissions"] == ["tickets:read:tenant"]
    assert (await keeper.delete(f"/v1/programs/{program}")).status_code == 204
    assert refused(await client.get("/v1/me"))
    assert refusal(await keeper.get(f"/v1/programs/{program}")) == (404, "program-not-found")
    assert refusal(await keeper.delete(f"/v1/programs/{program}")) == (404, "program-not-found")


async def test_the_rights_are_those_its_account_has_left(
    door: Desk, directory: Entra, apply: Apply, keeper: Client
) -> None:
    """Were the definition and its binding to let it carry more."""
    carried = {"permissions": ["definition:read", "people:read", "tickets:read:tenant"]}
    await apply(taking_programs(directory, **carried))
    scopes = ["definition:read", "tickets:read:tenant"]
    who, _, robot = await program_of(door, directory, role="keeper", scopes=scopes)
    client = calling(door, own_token(directory, who))
    assert (await client.get("/v1/me")).json()["permissions"] == scopes
    assert (await changed(keeper, robot, role="agent")).status_code == 200
    assert (await client.get("/v1/me")).json()["permissions"] == ["tickets:read:tenant"]


async def test_it_is_let_in_in_one_round_trip(door: Desk, directory: Entra) -> None:
    who, _, _ = await program_of(door, directory)
    client = calling(door, own_token(directory, who))
    assert (await client.get("/v1/me")).status_code == 200
    asked: list[str] = []
    engine = door.app.state.database.engine.sync_engine
    listener: Callable[..., None] = lambda *args: asked.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listener)
    try:
        assert (await client.get("/v1/me")).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    assert len([each for each in asked if "wall.enter" in each]) == 1
    assert "wall.enter" in asked[0]


async def test_a_provider_that_lets_programs_alone_call_takes_no_persons_token(
    door: Desk, directory: Entra, apply: Apply
) -> None:
    who, _, robot = await program_of(door, directory)
    await apply(
        taking(directory, clients=[], permissions=[], programs={"permissions": OF_PROGRAMS})
    )
    client = calling(door, own_token(directory, who))
    assert (await client.get("/v1/me")).json()["id"] == robot
    somebody = directory.account(DIRECTORY, "somebody@acme.example")
    token = directory.signed(directory.access_claims(somebody, AUDIENCE, CLIENT))
    assert refused(await calling(door, token).get("/v1/me"))


@pytest.mark.parametrize(
    ("mistake", "more"),
    [
        ("access_tokens.programs.permissions[0]: there is no", {"permissions": ["x"]}),
        ("nobody's to hand on", {"permissions": ["api_keys:manage"]}),
        ("access_tokens.programs.permissions", {"permissions": []}),
        ("access_tokens.programs.role", {"role": "two words"}),
    ],
    ids=["unknown", "never delegated", "nothing", "no role"],
)
def test_a_definition_that_would_take_what_it_should_not_is_refused(
    microsoft: Entra, mistake: str, more: dict[str, Any]
) -> None:
    def bend(written: Document) -> None:
        taking_programs(microsoft, **more)(written)

    assert any(mistake in told for told in definitions.told(bend)), definitions.told(bend)
