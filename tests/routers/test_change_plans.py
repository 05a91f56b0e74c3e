"""A look at the feed walks what it tells, however long the past is, and never more than so much."""

import re
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient
from sqlalchemy import event as events
from sqlalchemy.engine import Connection

from app.domain.changes.queries import MOST_WALKED
from app.main import create_app
from tests import cluster
from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.feed import settled
from tests.factories.keys import calling, key_of
from tests.factories.people import as_system
from tests.factories.tickets import opened

TICKETS, EVENTS = 20_000, 60_000


async def _fill(addresses: Addresses, database: str, like: str) -> None:
    """A tenant with a long past: as many events again that no program is told of."""
    address = addresses.of("superuser", database)
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as superuser:
        await superuser.execute("SET session_replication_role = replica")
        await superuser.execute(
            "INSERT INTO tickets SELECT new.* FROM tickets t, generate_series(1, %s) n,"
            " LATERAL jsonb_populate_record(t, jsonb_build_object("
            " 'id', gen_random_uuid(), 'number', t.number * 100000 + n)) new WHERE t.id = %s",
            [TICKETS, like],
        )
        for published in (True, False):
            await superuser.execute(
                "INSERT INTO events (tenant_id, id, name, occurred_at, actor_side, audience,"
                " published, ticket_id, organization_id, department, requester_id, data)"
                " SELECT tenant_id, gen_random_uuid(), 'ticket.changed', now(), 'agent',"
                " 'everyone', %s, id, organization_id, department, requester_id, '{}'"
                " FROM tickets, generate_series(1, %s)",
                [published, EVENTS // TICKETS],
            )
        await superuser.execute("ANALYZE tickets, events")


async def _walked(
    desk: Desk, client: AsyncClient, query: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """How many rows a look touches, and what it answers."""
    said: list[tuple[str, Any]] = []

    def note(_c: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if re.search(r"\bhits\b", statement):
            said.append((statement, values))

    engine = desk.app.state.database.engine.sync_engine
    events.listen(engine, "before_cursor_execute", note)
    answer = await client.get("/v1/changes", params=query)
    events.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, answer.text
    ((statement, values),) = said
    async with as_system(desk) as (session, _):
        raw: Any = (await (await session.connection()).get_raw_connection()).driver_connection
        cursor = await raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        row = await cursor.fetchone()
    return _touched(row[0][0]["Plan"]), answer.json()


def _touched(node: dict[str, Any]) -> int:
    own = 0
    if "Scan" in node["Node Type"] and "Relation Name" in node:
        thrown = node.get("Rows Removed by Filter", 0)
        own = round((node["Actual Rows"] + thrown) * node["Actual Loops"])
    return own + sum(_touched(child) for child in node.get("Plans", ()))


@pytest.mark.slow
async def test_a_look_costs_what_it_tells(
    addresses: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = cluster.copy_of_template(addresses)
    settings = cluster.settings_for(addresses, name, tmp_path_factory.mktemp("long"))
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        desk = Desk(app, settings, cluster.demo_people(addresses))
        member = await desk.client("member@acme.example")
        await _fill(addresses, name, (await opened(member))["id"])
        admin = await desk.client("admin@crm.example")
        scopes = ("changes:read", "tickets:read:tenant", "people:read", "organizations:read")
        everything = calling(desk, await key_of(admin, *scopes))
        company = (await member.get("/v1/organizations")).json()["items"][0]["id"]
        narrow = calling(desk, await key_of(admin, *scopes, organization=company))
        await settled(desk)
        late = (await everything.get("/v1/changes?begin=newest")).json()["next"]
        new = await opened(member)
        await settled(desk)
        for client in (everything, narrow):
            for query in ({"limit": 25}, {"cursor": late}, {"cursor": late, "event": "x.y"}):
                walked, found = await _walked(desk, client, query)
                # Whether PostgreSQL looks up names or reads a short table once is its own affair.
                assert walked < MOST_WALKED, (query, walked)
                assert (found["items"] == []) == ("event" in query)
            walked, found = await _walked(desk, client, {"subject": new["id"]})
            assert found["items"] == []
            assert found["more"]
            assert walked <= 6 * MOST_WALKED
        await desk.close()
    cluster.drop(addresses, name)
