"""A small organization's list is as quick in a big tenant: few rows are walked to show a page."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient
from sqlalchemy import event as events
from sqlalchemy.engine import Connection

from app.database.tenancy import ByToken, stand_behind
from app.kernel import clock
from app.kernel.secrets import fingerprint
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import opened

OTHERS = 20_000
OWN = 40
#: What a page may cost: its own organization's tickets a few times over, and nothing of others.
FEW = 12 * OWN


@pytest.fixture(scope="module")
async def big(
    addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk where Globex has twenty thousand tickets and Acme forty, one in four in progress."""
    name = cluster.copy_of_template(addresses)
    settings = cluster.settings_for(addresses, name, tmp_path_factory.mktemp("big"))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        for who, many in (("member@globex.example", OTHERS), ("member@acme.example", OWN)):
            like = await opened(await desk.client(who))
            await _multiplied(addresses, name, like["id"], many)
        yield desk
        await desk.close()
    cluster.drop(addresses, name)


async def _multiplied(addresses: Addresses, database: str, like: str, many: int) -> None:
    address = addresses.of("superuser", database)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as superuser:
        # Without triggers and foreign keys: this is about reading.
        await superuser.execute("SET session_replication_role = replica")
        # Else VACUUM, which follows at once, does not know yet that all may see the rows.
        await superuser.execute("SET synchronous_commit = on")
        await superuser.execute(
            "INSERT INTO tickets SELECT new.* FROM tickets t, generate_series(1, %s) n,"
            " LATERAL jsonb_populate_record(t, jsonb_build_object("
            " 'id', gen_random_uuid(), 'number', t.number * 100000 + n,"
            " 'subject_key', md5(n::text), 'type_rank', n %% 3, 'status_rank', n %% 7,"
            " 'status', CASE WHEN n %% 4 > 0 THEN 'closed' ELSE t.status END,"
            " 'status_category', CASE WHEN n %% 4 > 0 THEN 'closed' ELSE t.status_category END,"
            " 'closed_at', CASE WHEN n %% 4 > 0 THEN t.created_at END,"
            " 'severity_rank', nullif(n %% 10, 0), 'service_rank', nullif(n %% 4, 0),"
            " 'created_at', t.created_at - make_interval(mins => n),"
            " 'updated_at', t.updated_at - make_interval(mins => n %% 1000))) new"
            " WHERE t.id = %s",
            [many, like],
        )
        await superuser.execute("VACUUM ANALYZE tickets")


@contextmanager
def asked_of(desk: Desk) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database about lists of tickets in the block."""
    engine = desk.app.state.database.engine.sync_engine
    statements: list[tuple[str, Any]] = []

    def note(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if re.search(r"\bAS hits\b|count\(", statement):
            statements.append((statement, parameters))

    events.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        events.remove(engine, "before_cursor_execute", note)


async def walked(desk: Desk, client: AsyncClient, query: str, *, path: str = "/v1/tickets") -> int:
    """How many rows of tickets the database looks at for one answer, as this caller."""
    rows = 0
    for scan in await _scans(desk, client, f"{path}?{query}"):
        each = scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)
        each += scan.get("Rows Removed by Index Recheck", 0)
        rows += int(each * scan["Actual Loops"])
    return rows


async def _scans(desk: Desk, client: AsyncClient, path: str) -> list[dict[str, Any]]:
    """The scans of tickets that one answer takes, of the plans that this caller's have."""
    with asked_of(desk) as statements:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert statements
    token = client.headers["Authorization"].removeprefix("Bearer ")
    scans: list[dict[str, Any]] = []
    async with desk.app.state.database.session() as session:
        stand_behind(session, ByToken("access", fingerprint(token), clock.now()))
        connection = await session.connection()
        for statement, parameters in statements:
            explained = await connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
            )
            plan = explained.scalar_one()
            told = plan if isinstance(plan, list) else json.loads(plan)
            scans += _of_tickets(told[0]["Plan"])
    return scans


def _of_tickets(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("Relation Name") == "tickets":
        yield node
    for inner in node.get("Plans", ()):
        yield from _of_tickets(inner)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["member@acme.example", "company-admin@acme.example"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "sort=created_at",
        "sort=-updated_at",
        "sort=number",
        "sort=subject",
        "sort=-severity",
        "sort=service",
        "sort=status",
        "sort=-requester",
        "state=open&include=total",
        "status=new&type=bug",
        "mine=true",
    ],
)
async def test_a_customers_page_walks_his_tickets_and_no_others(
    big: Desk, who: str, query: str
) -> None:
    client = await big.client(who)
    assert await walked(big, client, query) <= FEW


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "sort=number", "sort=subject", "sort=-severity"])
async def test_an_agents_page_walks_little_more_than_it_shows(big: Desk, query: str) -> None:
    client = await big.client("agent@crm.example")
    assert await walked(big, client, query) <= FEW


@pytest.mark.slow
@pytest.mark.parametrize("who", ["member@acme.example", "company-admin@acme.example"])
async def test_a_customers_dashboard_walks_what_it_counts(big: Desk, who: str) -> None:
    client, path = await big.client(who), "/v1/dashboards/tickets"
    told = (await client.get(path)).json()
    counted = sum(tally["total"] for tally in told.values() if tally)
    assert await walked(big, client, "", path=path) <= counted + 1


@pytest.mark.slow
@pytest.mark.parametrize("path", ["tickets", "desk"])
async def test_an_agents_dashboard_walks_what_is_in_progress_once(big: Desk, path: str) -> None:
    client = await big.client("agent@crm.example")
    assert await walked(big, client, "", path=f"/v1/dashboards/{path}") <= OTHERS + OWN + 10


@pytest.mark.slow
@pytest.mark.parametrize("path", ["desk", "tickets.svg?scope=organization"])
async def test_what_is_in_progress_is_counted_in_its_index_alone(big: Desk, path: str) -> None:
    """Nothing is read of the table, which grows with every ticket there ever was."""
    (scan,) = await _scans(big, await big.client("agent@crm.example"), f"/v1/dashboards/{path}")
    assert (scan["Node Type"], scan["Index Name"]) == ("Index Only Scan", "ix_tickets_in_progress")


@pytest.mark.slow
async def test_the_walk_is_measured(big: Desk) -> None:
    agent = await big.client("agent@crm.example")
    assert await walked(big, agent, "include=total&sort=number") >= OTHERS
    member = await big.client("member@acme.example")
    assert await walked(big, member, "include=total&sort=number") >= OWN
