"""Partitions by tenant, really tried: the wall holds, a ticket lives, one is looked into."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.database.embedded import programs_for
from app.database.roles import prepare
from app.main import create_app
from tests import cluster
from tests.cluster import MAJOR, Addresses
from tests.database import catalogue
from tests.database.partitioned import PARTITION, copy_partitioned, partitions
from tests.desk import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PARTS = 4
_BIGGEST = ("events", "tickets", "comments", "participants", "attachments", "notifications")


@pytest.fixture(scope="module")
def database(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of the demo portals, every walled table in partitions."""
    programs = programs_for(MAJOR)
    assert programs
    source, target = (cluster.copy_of_template(addresses) for _ in range(2))
    with psycopg.connect(addresses.superuser, autocommit=True) as server:
        for words in ("DROP DATABASE {0} WITH (FORCE)", "CREATE DATABASE {0} TEMPLATE template0"):
            server.execute(sql.SQL(words).format(sql.Identifier(target)))
    copy_partitioned(
        programs,
        addresses.of("superuser", source),
        addresses.of("superuser", target),
        tmp_path_factory.mktemp("dump"),
        PARTS,
    )
    prepare(addresses.superuser, database=target, passwords=addresses.passwords)
    yield target
    for name in (source, target):
        cluster.drop(addresses, name)


@pytest.fixture(scope="module")
async def partitioned(
    addresses: Addresses, database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk on it."""
    settings = cluster.settings_for(addresses, database, Path(tmp_path_factory.mktemp("desk")))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        held = Desk(app, settings, cluster.demo_people(addresses))
        yield held
        await held.close()


@pytest.fixture
def superuser(addresses: Addresses, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(addresses.of("superuser", database), autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(addresses: Addresses, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(addresses.of("app", database)) as connection:
        yield connection


def test_every_table_of_a_tenant_lies_in_partitions(superuser: psycopg.Connection) -> None:
    walled = [name for name, has in catalogue.tables(superuser).items() if has]
    whole = [name for name in walled if not PARTITION.match(name)]
    assert set(_BIGGEST) <= set(whole)
    assert len(partitions(superuser)) == PARTS * len(whole)
    invalid = superuser.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
    assert invalid.fetchall() == []


def test_the_catalogue_finds_nothing_wrong_with_the_tables(superuser: psycopg.Connection) -> None:
    names = set(partitions(superuser))
    told = [
        complaint
        for complaint in catalogue.complaints(superuser)
        if not names & set(complaint.replace(",", " ").split())
    ]
    assert told == []


def test_no_partition_is_reached_beside_its_table(
    superuser: psycopg.Connection, app: psycopg.Connection
) -> None:
    for name in partitions(superuser):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(name)))


async def test_a_ticket_lives_as_it_does_elsewhere(partitioned: Desk) -> None:
    member = await partitioned.client("member@acme.example")
    agent = await partitioned.client("agent@crm.example")
    new = {
        "type": "bug",
        "subject": "Sums in partitions",
        "description": "One.",
        "severity": "sev3",
    }
    opened = await member.post("/v1/tickets", json=new)
    assert opened.status_code == 201, opened.text
    number = opened.json()["number"]
    path = f"/v1/tickets/{number}"
    for client, body in (
        (agent, {"body": "Which one?", "transition": "ask_customer"}),
        (member, {"body": "The first.", "transition": "answer"}),
    ):
        moves = (await client.get(path)).json()["allowed_actions"]
        move = body["transition"] if _is_offered(moves, body["transition"]) else None
        said = await client.post(f"{path}/comments", json=body | {"transition": move})
        assert said.status_code == 201, said.text
    await partitioned.work()
    assert [mail for mail in partitioned.mails("member@acme.example") if number in mail["Subject"]]
    found = await member.get("/v1/tickets", params={"q": "partitions"})
    assert [each["number"] for each in found.json()["items"]] == [number]
    history = (await agent.get(f"{path}/history")).json()["items"]
    assert len(history) >= 3
    desk = (await agent.get("/v1/dashboards/desk")).json()
    assert desk["queues"]


def _is_offered(moves: list[dict[str, object]], key: str) -> bool:
    return any(move.get("transition") == key and move["allowed"] for move in moves)


async def test_other_tenants_see_nothing_of_it(
    partitioned: Desk, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    member = await partitioned.client("member@acme.example")
    new = {"type": "bug", "subject": "Ours alone", "description": "One.", "severity": "sev3"}
    ticket = (await member.post("/v1/tickets", json=new)).json()
    stranger = await partitioned.client("agent@tvox.example", "tvox")
    assert (await stranger.get(f"/v1/tickets/{ticket['id']}")).status_code == 404
    assert app.execute("SELECT count(*) FROM tickets").fetchone() == (0,)
    tenants = superuser.execute("SELECT tenant_id, count(*) FROM tickets GROUP BY 1").fetchall()
    for tenant, tickets in tenants:
        with app.transaction(force_rollback=True):
            app.execute("SELECT wall.enter_as_system(%s)", [str(tenant)])
            seen = app.execute("SELECT DISTINCT tenant_id, count(*) FROM tickets GROUP BY 1")
            assert seen.fetchall() == [(tenant, tickets)]


async def test_a_question_of_one_tenant_looks_into_one_partition(
    partitioned: Desk, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    """With the tenant in the query, as every query of ours has it, the others are left out."""
    row = superuser.execute("SELECT id FROM tenants WHERE slug = 'crm-service'").fetchone()
    assert row
    with app.transaction(force_rollback=True):
        app.execute("SELECT wall.enter_as_system(%s)", [str(row[0])])
        plan = app.execute(
            "EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT number FROM tickets"
            " WHERE tenant_id = %s ORDER BY created_at DESC LIMIT 50",
            [row[0]],
        ).fetchall()
    touched = {
        name
        for (line,) in plan
        for name in line.split()
        if PARTITION.match(name) and "never executed" not in line
    }
    assert len(touched) == 1, plan
