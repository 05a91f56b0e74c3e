"""`skranke key` and `skranke user`: what an operator does where nobody can sign in."""

import asyncio

import pytest
from typer.testing import CliRunner

from app.commands.key import key
from app.commands.user import user
from tests.desk import Desk
from tests.factories.keys import calling
from tests.factories.people import newcomer, signed_in

PORTAL = "crm-service"


@pytest.fixture
def operator(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> "Operator":
    """An operator at the desk's own database, who was told the worker's password alone."""
    held = desk.settings
    assert held.worker_database_url
    monkeypatch.setenv("SKRANKE_WORKER_DATABASE_URL", held.worker_database_url.get_secret_value())
    monkeypatch.setenv("SKRANKE_DATA_DIR", str(held.data_dir))
    return Operator()


class Operator:
    """Runs commands in a thread: they have an event loop of their own."""

    async def run(self, program: object, *words: str) -> tuple[int, str, str]:
        result = await asyncio.to_thread(CliRunner().invoke, program, words)  # type: ignore[arg-type]
        said = str(result.exception or "")
        return result.exit_code, result.stdout.strip(), said


async def test_a_key_is_made_listed_used_and_revoked(desk: Desk, operator: Operator) -> None:
    scopes = ("--scope", "tickets:create", "--scope", "tickets:read:tenant")
    code, made, _ = await operator.run(
        key, "make", PORTAL, "Nightly import", *scopes, "--service-role", "agent"
    )
    assert code == 0
    script = calling(desk, made)
    me = (await script.get("/v1/me")).json()
    assert me["name"] == "Nightly import"
    assert me["service"]
    assert me["permissions"] == ["tickets:create", "tickets:read:tenant"]
    _, listed, _ = await operator.run(key, "list", PORTAL)
    assert me["acting_through"]["id"] in listed
    assert made not in listed
    # Whoever finds a key need not know its id.
    assert (await operator.run(key, "revoke", PORTAL, made))[0] == 0
    assert (await script.get("/v1/me")).status_code == 401


async def test_a_key_acts_as_a_person_and_never_with_more(desk: Desk, operator: Operator) -> None:
    who = await newcomer(desk, role="paakayttaja")
    person = ("--person", who.email)
    code, made, _ = await operator.run(
        key, "make", PORTAL, "His", "--scope", "tickets:create", *person
    )
    assert code == 0
    assert (await calling(desk, made).get("/v1/me")).json()["id"] == who.id
    code, made, said = await operator.run(
        key, "make", PORTAL, "More", "--scope", "roles:assign", *person
    )
    assert (code, made) == (1, "")
    assert "/scopes/0" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such", "Key", "--scope", "tickets:create", "--person", "x@y.example"), "no portal"),
        ((PORTAL, "Key", "--scope", "tickets:create", "--person", "x@y.example"), "Nobody here"),
        ((PORTAL, "Key", "--scope", "tickets:create"), "--service-role"),
        ((PORTAL, "Key", "--scope", "x:y", "--service-role", "agent"), "no permission 'x:y'"),
        ((PORTAL, "Key", "--scope", "people:raed", "--service-role", "agent"), "people:read"),
        ((PORTAL, "Key", "--scope", "people:read", "--service-role", "x"), "there are agent, lead"),
    ],
)
async def test_what_cannot_be_made_is_said_in_a_line(
    operator: Operator, words: tuple[str, ...], told: str
) -> None:
    code, _, said = await operator.run(key, "make", *words)
    assert code != 0
    assert told in said


async def test_somebody_is_shut_out_with_all_he_holds(desk: Desk, operator: Operator) -> None:
    who = await newcomer(desk, role="paakayttaja")
    client = await signed_in(desk, who)
    made = await client.post("/v1/api-keys", json={"name": "Key", "scopes": ["tickets:create"]})
    script = calling(desk, made.json()["key"])
    assert who.email in (await operator.run(user, "list", PORTAL))[1]
    assert (await operator.run(user, "deactivate", PORTAL, who.email))[0] == 0
    assert (await client.get("/v1/me")).status_code == 401
    assert (await script.get("/v1/me")).status_code == 401
    code, _, said = await operator.run(user, "reset-link", PORTAL, who.email)
    assert code != 0
    assert "inactive" in said


async def test_a_link_sets_a_new_password(desk: Desk, operator: Operator) -> None:
    who = await newcomer(desk)
    code, link, _ = await operator.run(user, "reset-link", PORTAL, who.email)
    assert code == 0
    token = link.rpartition("/password-resets/")[2]
    new = {"password": "nine dry cats under a bus"}
    answer = await desk.anybody().post(f"/v1/password-resets/{token}", json=new)
    assert answer.status_code == 204
    again = await desk.sign_in(who.email, new["password"])
    assert (await again.get("/v1/me")).status_code == 200


async def test_a_portals_first_administrator_is_invited_and_comes_in_by_the_link(
    desk: Desk, operator: Operator
) -> None:
    address = "first-admin@crm.example"
    words = (user, "invite", PORTAL, address, "--name", "First", "--role", "tenant_admin")
    code, link, said = await operator.run(*words)
    assert (code, said) == (0, "")
    await desk.work()
    assert len(desk.mails(address)) == 1
    lost = (await operator.run(user, "reset-link", PORTAL, address))[1]
    tokens = [way_in.rpartition("/invitations/")[2] for way_in in (link, lost)]
    for token in tokens:
        shown = await desk.anybody().get(f"/v1/invitations/{token}")
        assert shown.status_code == 200, shown.text
    accepted = {"way": "local", "password": "nine dry cats under a bus", "delivery": "tokens"}
    answer = await desk.anybody().post(f"/v1/invitations/{tokens[1]}/accept", json=accepted)
    assert answer.status_code == 200, answer.text
    first = await desk.sign_in(address, accepted["password"])
    me = (await first.get("/v1/me")).json()
    assert (me["side"], me["role"]) == ("agent", "tenant_admin")

    again = await operator.run(*words)
    assert again[0] != 0
    code, _, said = await operator.run(
        user, "invite", PORTAL, "x@crm.example", "--name", "X", "--role", "agnet"
    )
    assert code != 0
    assert said == "There is no role 'agnet' of agents; there are agent, lead, tenant_admin."
