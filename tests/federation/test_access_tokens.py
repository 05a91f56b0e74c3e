"""Access tokens of a portal's directory: whom they name, what they carry, and all that is not to be
believed."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.desk import Desk
from tests.factories import definitions
from tests.factories.definitions import Bend, Document
from tests.factories.directory_tokens import (
    AUDIENCE,
    CLIENT,
    DIRECTORY,
    OTHER,
    calling,
    refused,
    taking,
    without_none,
)
from tests.factories.federation import PORTAL, known_as
from tests.factories.people import changed, newcomer, signed_in_at
from tests.federation.conftest import Apply
from tests.providers.entra import Account, Claims, Entra, entra
from tests.served import free_port


@pytest.fixture
async def directory(apply: Apply, microsoft: Entra) -> AsyncIterator[Entra]:
    """The portal takes access tokens of a directory."""
    await apply(taking(microsoft))
    microsoft.fails.clear()
    yield microsoft
    microsoft.fails.clear()


async def known(door: Desk, held: Entra, role: str = "member") -> tuple[Account, str]:
    """Somebody of the directory who has come before, and his id here."""
    who = held.account(DIRECTORY, "somebody@acme.example")
    issuer = held.issuer(DIRECTORY)
    found = await known_as(door, who.oid, provider="microsoft", issuer=issuer, role=role)
    return who, found.id


def token_for(held: Entra, who: Account, **bent: Any) -> str:
    claims = held.access_claims(who, AUDIENCE, CLIENT) | bent
    return held.signed(without_none(claims))


async def test_whom_the_directory_names_acts_as_far_as_the_portal_says(
    door: Desk, directory: Entra
) -> None:
    who, person = await known(door, directory)
    client = calling(door, token_for(directory, who))
    me = (await client.get("/v1/me")).json()
    assert (me["id"], me["acting_through"]["kind"]) == (person, "directory")
    assert me["permissions"] == ["tickets:create", "tickets:read:own"]  # no more than he has
    assert (await client.get("/v1/tickets")).status_code == 200
    for own in ("/v1/me/sessions", "/v1/me/identities", "/v1/me/terms"):
        assert (await client.get(own)).json()["code"] == "only-in-person"


async def test_a_guest_is_known_by_his_object_id(door: Desk, directory: Entra) -> None:
    guest = directory.account(DIRECTORY, "guest@elsewhere.example", home=OTHER)
    issuer = directory.issuer(DIRECTORY)
    found = await known_as(door, guest.oid, provider="microsoft", issuer=issuer)
    client = calling(door, token_for(directory, guest))
    assert (await client.get("/v1/me")).json()["id"] == found.id


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


_BENT: dict[str, Callable[[Claims], Claims]] = {
    "for another api": lambda claims: {**claims, "aud": str(uuid4())},
    "for the portal's own sign-in": lambda claims: {**claims, "aud": "11111111-2222-4333"},
    "for two apis": lambda claims: {**claims, "aud": [AUDIENCE, str(uuid4())]},
    "for no api": lambda claims: {k: v for k, v in claims.items() if k != "aud"},
    "given to another program": lambda claims: {**claims, "azp": str(uuid4())},
    "given to nobody": lambda claims: {k: v for k, v in claims.items() if k != "azp"},
    "of version 1": lambda claims: {**claims, "ver": "1.0"},
    "of no version": lambda claims: {k: v for k, v in claims.items() if k != "ver"},
    "of another directory": lambda claims: {**claims, "tid": OTHER},
    "of another issuer": lambda claims: {**claims, "iss": f"https://evil.example/{DIRECTORY}/v2.0"},
    "of the issuer of version 1": lambda claims: {
        **claims,
        "iss": f"https://sts.windows.net/{DIRECTORY}/",
    },
    "without a directory": lambda claims: {k: v for k, v in claims.items() if k != "tid"},
    "without an object": lambda claims: {k: v for k, v in claims.items() if k != "oid"},
    "of an object that is none": lambda claims: {**claims, "oid": "somebody"},
    "of nobody known": lambda claims: {**claims, "oid": str(uuid4())},
    "of a program itself": lambda claims: {**claims, "idtyp": "app"},
    "of a device": lambda claims: {**claims, "idtyp": "device"},
    "over": lambda claims: {**claims, "exp": time.time() - 61},
    "without an end": lambda claims: {k: v for k, v in claims.items() if k != "exp"},
    "not yet begun": lambda claims: {**claims, "nbf": time.time() + 120},
    "given later": lambda claims: {**claims, "iat": time.time() + 120},
    "given long ago": lambda claims: {**claims, "iat": time.time() - 30 * 3600},
    "given nobody knows when": lambda claims: {k: v for k, v in claims.items() if k != "iat"},
}


@pytest.mark.parametrize("how", _BENT)
async def test_a_token_is_not_believed(door: Desk, directory: Entra, how: str) -> None:
    who, _ = await known(door, directory)
    claims = _BENT[how](directory.access_claims(who, AUDIENCE, CLIENT))
    assert refused(await calling(door, directory.signed(claims)).get("/v1/me"))


@pytest.mark.parametrize(
    "how",
    [
        "unsigned",
        "by a key it brings",
        "by an unknown key",
        "cut",
        "another's key",
        "altered",
        "no object",
    ],
)
async def test_a_signature_is_not_believed(door: Desk, directory: Entra, how: str) -> None:
    who, _ = await known(door, directory)
    good = token_for(directory, who)
    head, body, signature = good.split(".")
    claims = directory.access_claims(who, AUDIENCE, CLIENT)
    own = directory.key.as_dict(private=False)
    bad = {
        "unsigned": _unsigned(good),
        "by a key it brings": directory.signed(claims, jwk=own),
        "by an unknown key": directory.signed(claims, kid="nobody's"),
        "another's key": directory.signed(claims, kid="personal"),
        "cut": f"{head}.{body}.{signature[:-9]}",
        "altered": f"{head}.{body[:-6]}AAAAAA.{signature}",
        "no object": f"{head}.WzFd.{signature}",
    }[how]
    assert refused(await calling(door, bad).get("/v1/me"))
    assert (await calling(door, good).get("/v1/me")).status_code == 200


async def test_without_the_portal_it_is_nothing(door: Desk, directory: Entra) -> None:
    who, _ = await known(door, directory)
    token = token_for(directory, who)
    for portal in (None, "nowhere", "crm-service", "SMALL", "x" * 500):
        assert refused(await calling(door, token, portal).get("/v1/me"))


async def test_at_another_tenants_portal_it_is_nothing(
    door: Desk, directory: Entra, tmp_path: Path
) -> None:
    """Nor where that one takes tokens for the same API of the same directory."""
    written = definitions.document()
    written["portal"] |= {"slug": "neighbour", "number_prefix": "NBR"}
    taking(directory)(written)
    file = tmp_path / "neighbour.yaml"
    file.write_text(definitions.text_of(written))
    await door.apply(file)
    who, person = await known(door, directory)
    token = token_for(directory, who)
    assert refused(await calling(door, token, "neighbour").get("/v1/me"))
    assert (await calling(door, token).get("/v1/me")).json()["id"] == person


@pytest.mark.parametrize(
    "scp", [None, "", "openid", "access_as_user2", ["access_as_user"]], ids=str
)
async def test_a_scope_that_is_missing_is_said(door: Desk, directory: Entra, scp: Any) -> None:
    who, _ = await known(door, directory)
    answer = await calling(door, token_for(directory, who, scp=scp)).get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "directory-scope-missing")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="access_as_user"' in challenge


async def test_a_role_that_is_asked_for_must_be_there(
    door: Desk, directory: Entra, apply: Apply
) -> None:
    who, _ = await known(door, directory)
    await apply(taking(directory, role="Portal.User"))
    for roles in (None, [], ["Other"], "Portal.User", {"Portal.User": 1}):
        answer = await calling(door, token_for(directory, who, roles=roles)).get("/v1/me")
        assert answer.json()["code"] == "directory-scope-missing"
    token = token_for(directory, who, roles=["Other", "Portal.User"])
    assert (await calling(door, token).get("/v1/me")).status_code == 200


async def test_it_is_over_with_the_next_request_once_the_portal_or_the_person_is_shut(
    door: Desk, directory: Entra, apply: Apply
) -> None:
    who, person = await known(door, directory)
    client = calling(door, token_for(directory, who))
    assert (await client.get("/v1/me")).status_code == 200
    await apply(taking(directory, clients=[str(uuid4())]))
    assert refused(await client.get("/v1/me"))
    await apply(taking(directory, permissions=["tickets:create"]))
    assert (await client.get("/v1/me")).json()["permissions"] == ["tickets:create"]
    await apply(None)
    assert refused(await client.get("/v1/me"))
    await apply(taking(directory))
    assert (await client.get("/v1/me")).status_code == 200
    agent = await newcomer(door, role="agent", side="agent", portal=PORTAL)
    desk = await signed_in_at(door, agent, PORTAL)
    assert (await changed(desk, person, state="inactive")).status_code == 200
    assert refused(await client.get("/v1/me"))


async def test_a_directory_that_is_away_refuses_nobody(
    door: Desk, directory: Entra, apply: Apply
) -> None:
    """Whose keys were never seen cannot be held against anything: try again."""
    who, _ = await known(door, directory)
    with entra(free_port()) as gone:
        bend = taking(gone)
        claims = gone.access_claims(who, AUDIENCE, CLIENT)
        token = gone.signed(claims)
    await apply(bend)
    answer = await calling(door, token).get("/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "30"


async def test_newer_terms_hold_for_it_too(door: Desk, directory: Entra, apply: Apply) -> None:
    who, _ = await known(door, directory)
    client = calling(door, token_for(directory, who))

    def bend(written: Document) -> None:
        taking(directory)(written)
        steps = [definitions.named("trust")]
        written["sign_in"]["terms"] = {"version": "1", "steps": steps}

    await apply(bend)
    assert (await client.get("/v1/tickets")).json()["code"] == "terms-acceptance-required"


async def test_it_stands_in_the_access_report_once_a_day(door: Desk, directory: Entra) -> None:
    """S4-18."""
    who = directory.account(DIRECTORY, "somebody@acme.example")
    issuer = directory.issuer(DIRECTORY)
    person = await known_as(door, who.oid, provider="microsoft", issuer=issuer)
    client = calling(door, token_for(directory, who))
    for _ in range(3):
        assert (await client.get("/v1/me")).status_code == 200
    himself = await signed_in_at(door, person, PORTAL)
    report = (await himself.get("/v1/access-report")).json()["items"]
    used = [each for each in report if each["event"] == "identity.used"]
    assert [(each["kind"], each["way"]) for each in used] == [("sign_in", "directory:microsoft")]
    assert used[0]["person"]["id"] == person.id


def bends(microsoft: Entra) -> list[tuple[str, Bend]]:
    twice = taking(microsoft)

    def again(written: Document) -> None:
        twice(written)
        twice(written)
        written["sign_in"]["providers"][-1]["key"] = "again"

    return [
        (
            "access_tokens.permissions[0]: there is no permission",
            taking(microsoft, permissions=["x"]),
        ),
        ("nobody's to hand on", taking(microsoft, permissions=["apps:manage"])),
        ("another provider takes tokens for this audience", again),
        ("access_tokens.clients", taking(microsoft, clients=[])),
        ("access_tokens.audience", taking(microsoft, audience="api://portal")),
        ("access_tokens.scope", taking(microsoft, scope="two words")),
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_definition_that_would_take_what_it_should_not_is_refused(
    microsoft: Entra, number: int
) -> None:
    mistake, bend = bends(microsoft)[number]
    assert any(mistake in told for told in definitions.told(bend)), definitions.told(bend)
