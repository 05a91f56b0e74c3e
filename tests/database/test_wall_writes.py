"""What the wall refuses to be written: into other tenants and organizations, in others' names."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from tests.database.entering import as_system, entered, token_of
from tests.isolation.world import World

WALLED = psycopg.errors.InsufficientPrivilege
BROKEN_KEY = psycopg.errors.ForeignKeyViolation


def row_of(connection: psycopg.Connection, table: str, row_id: str) -> dict[str, Any]:
    """A row as the superuser sees it."""
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row)
    cursor.execute(
        sql.SQL("SELECT * FROM {} WHERE id = %s").format(sql.Identifier(table)), [row_id]
    )
    found = cursor.fetchone()
    assert found
    return found


def insert(connection: psycopg.Connection, table: str, values: Mapping[str, Any]) -> None:
    """Insert a row; JSON goes as JSON."""
    plain = {
        name: psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, plain)),
            sql.SQL(", ").join(sql.Placeholder() * len(plain)),
        ),
        list(plain.values()),
    )


def change(connection: psycopg.Connection, table: str, row_id: str, **values: Any) -> int:
    """Update a row; answers how many there were."""
    setting = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
    statement = sql.SQL("UPDATE {} SET {} WHERE id = %s").format(sql.Identifier(table), setting)
    return connection.execute(statement, [*values.values(), row_id]).rowcount


@pytest.fixture
def tickets(world: World) -> dict[str, str]:
    return {name: thing.id for name, thing in world.portals["sensedesk"]["ticket"].items()}


@pytest.fixture
def abroad(world: World, superuser: psycopg.Connection) -> dict[str, Any]:
    """A ticket of another tenant, whole."""
    return row_of(superuser, "tickets", world.portals["crm-service"]["ticket"]["acme"].id)


async def test_no_row_moves_to_another_tenant(
    world: World, app: psycopg.Connection, tickets: dict[str, str], abroad: dict[str, Any]
) -> None:
    ours = {
        "tickets": tickets["acme"],
        "comments": world.portals["sensedesk"]["comment"]["acme/reply"].id,
        "organizations": world.portals["sensedesk"]["organization"]["acme"].id,
        "people": world.portals["sensedesk"]["person"]["colleague"].id,
    }
    for table, row_id in ours.items():
        with entered(app, await token_of(world, "lead")), pytest.raises(WALLED):
            change(app, table, row_id, tenant_id=abroad["tenant_id"])


async def test_no_row_is_written_into_another_tenant_not_even_by_the_system(
    world: World, app: psycopg.Connection, abroad: dict[str, Any]
) -> None:
    new = {**abroad, "id": uuid4(), "number": 99_999}
    with entered(app, await token_of(world, "lead")), pytest.raises(WALLED):
        insert(app, "tickets", new)
    with entered(app, await token_of(world, "lead")) as me:
        assert change(app, "tickets", abroad["id"], subject="Mine now") == 0
    with as_system(app, me["tenant"]):
        assert change(app, "tickets", abroad["id"], subject="Mine now") == 0
    with as_system(app, me["tenant"]), pytest.raises(WALLED):
        insert(app, "tickets", new)


@pytest.mark.parametrize(
    ("role", "ticket", "to"),
    [
        ("company admin", "acme", "globex"),
        ("company admin", "own:company admin", "globex"),
        ("participant", "shared", "globex"),
        ("participant", "own:participant", "acme"),
    ],
)
async def test_no_customer_moves_a_ticket_to_another_organization(
    world: World, app: psycopg.Connection, tickets: dict[str, str], role: str, ticket: str, to: str
) -> None:
    """Neither out of his own, nor into it one in which he takes part."""
    elsewhere = world.portals["sensedesk"]["organization"][to].id
    with entered(app, await token_of(world, role)):
        assert change(app, "tickets", tickets[ticket], subject="Still here") == 1
    with entered(app, await token_of(world, role)), pytest.raises(WALLED):
        change(app, "tickets", tickets[ticket], organization_id=elsewhere)


async def test_no_customer_makes_a_ticket_anothers(
    world: World, app: psycopg.Connection, tickets: dict[str, str]
) -> None:
    portal = world.portals["sensedesk"]
    mine = tickets["own:company admin"]
    for place_of_it in ({"requester_id": portal["person"]["colleague"].id}, {"department": "hr"}):
        with entered(app, await token_of(world, "company admin")), pytest.raises(WALLED):
            change(app, "tickets", mine, **place_of_it)


async def test_nobody_moves_a_ticket_out_of_sight_by_its_department(
    world: World, app: psycopg.Connection, tickets: dict[str, str]
) -> None:
    with entered(app, await token_of(world, "agent")), pytest.raises(WALLED):
        change(app, "tickets", tickets["acme"], department="hr")


@pytest.mark.parametrize("role", ["company admin", "agent", "lead"])
async def test_tickets_and_comments_are_not_deleted_by_people(
    world: World, app: psycopg.Connection, role: str
) -> None:
    for table in ("tickets", "comments", "participants"):
        with entered(app, await token_of(world, role)):
            gone = app.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            assert gone.rowcount == 0


async def test_nobody_writes_into_anothers_ticket_under_a_place_of_his_own(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection, tickets: dict[str, str]
) -> None:
    """A row that says his own organization passes the wall; the foreign key to its ticket tells."""
    portal = world.portals["sensedesk"]
    home = row_of(superuser, "tickets", tickets["own:company admin"])
    said = row_of(superuser, "comments", portal["comment"]["own:company admin/public"].id)
    for foreign in ("globex", "confidential"):
        with entered(app, await token_of(world, "company admin")), pytest.raises(BROKEN_KEY):
            insert(app, "comments", {**said, "id": uuid4(), "ticket_id": tickets[foreign]})
    file = portal["attachment"]["own:company admin/upload"].id
    place_of_his = {key: home[key] for key in ("organization_id", "department", "requester_id")}
    with entered(app, await token_of(world, "company admin")), pytest.raises(BROKEN_KEY):
        change(app, "attachments", file, ticket_id=tickets["globex"], **place_of_his)


async def test_nobody_lets_himself_into_a_ticket(
    world: World, app: psycopg.Connection, tickets: dict[str, str], superuser: psycopg.Connection
) -> None:
    for role, ticket in (("company admin", "globex"), ("participant", "acme")):
        held = row_of(superuser, "tickets", tickets[ticket])
        mine = row_of(superuser, "tickets", tickets[f"own:{role}"])
        for like in (held, mine):
            values = {
                "tenant_id": held["tenant_id"],
                "ticket_id": held["id"],
                "person_id": mine["requester_id"],
                "organization_id": like["organization_id"],
                "department": like["department"],
                "requester_id": like["requester_id"],
                "added_at": held["created_at"],
            }
            with entered(app, await token_of(world, role)), pytest.raises(WALLED):
                insert(app, "participants", values)


async def test_people_write_in_their_own_name(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    portal = world.portals["sensedesk"]
    mine = row_of(superuser, "comments", portal["comment"]["own:company admin/public"].id)
    reply = row_of(superuser, "comments", portal["comment"]["own:company admin/reply"].id)
    for forged in (
        {**mine, "author_id": reply["author_id"]},
        {**mine, "author_side": "agent"},
        {**mine, "visibility": "internal"},
    ):
        with entered(app, await token_of(world, "company admin")), pytest.raises(WALLED):
            insert(app, "comments", {**forged, "id": uuid4()})
    with entered(app, await token_of(world, "company admin")):
        insert(app, "comments", {**mine, "id": uuid4()})
        assert change(app, "comments", str(reply["id"]), body="What I wish he had said") == 0


async def test_nobody_records_what_another_did(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    agent = world.portals["sensedesk"]["person"]["agent"].id
    with entered(app, await token_of(world, "company admin")) as me:
        event: dict[str, Any] = {
            "tenant_id": me["tenant"],
            "id": uuid4(),
            "name": "ticket.changed",
            "occurred_at": "2026-01-01T00:00:00Z",
            "actor_id": me["person"],
            "actor_side": "customer",
            "audience": "everyone",
            "data": {},
        }
        insert(app, "events", event)
    for forged in ({"actor_id": agent}, {"actor_side": "agent"}, {"actor_id": None}):
        with entered(app, await token_of(world, "company admin")), pytest.raises(WALLED):
            insert(app, "events", {**event, "id": uuid4(), **forged})


async def test_nobody_changes_sides(world: World, app: psycopg.Connection) -> None:
    me = world.portals["sensedesk"]["person"]["self:company admin"].id
    with entered(app, await token_of(world, "company admin")):
        assert change(app, "people", me, name="A new name") == 1
    with entered(app, await token_of(world, "company admin")), pytest.raises(WALLED):
        change(app, "people", me, side="agent", role="tenant_admin")
    other = world.portals["sensedesk"]["person"]["colleague"].id
    with entered(app, await token_of(world, "company admin")):
        assert change(app, "people", other, name="Another name") == 0


async def test_nobody_prolongs_a_session(world: World, app: psycopg.Connection) -> None:
    with entered(app, await token_of(world, "company admin")) as me:
        assert change(app, "sessions", me["session"], expires_at="2100-01-01") == 0


async def test_a_file_on_an_internal_note_cannot_be_public(
    world: World, app: psycopg.Connection
) -> None:
    portal = world.portals["sensedesk"]
    file = portal["attachment"]["acme/internal"].id
    with entered(app, await token_of(world, "lead")) as me:
        assert change(app, "attachments", file, visibility="public") == 0
    with as_system(app, me["tenant"]), pytest.raises(BROKEN_KEY):
        change(app, "attachments", file, visibility="public")


@pytest.mark.parametrize(
    ("table", "kind", "name", "columns"),
    [
        ("tickets", "ticket", "acme", {"organization_id": ("organization", "acme")}),
        ("tickets", "ticket", "acme", {"requester_id": ("person", "colleague")}),
        ("tickets", "ticket", "acme", {"assignee_id": ("person", "agent")}),
        ("comments", "comment", "acme/reply", {"ticket_id": ("ticket", "acme")}),
        ("comments", "comment", "acme/reply", {"author_id": ("person", "agent")}),
        ("attachments", "attachment", "acme/reply", {"ticket_id": ("ticket", "acme")}),
        ("attachments", "attachment", "acme/reply", {"comment_id": ("comment", "acme/reply")}),
        ("attachments", "attachment", "acme/reply", {"uploaded_by": ("person", "agent")}),
    ],
)
def test_no_row_points_into_another_tenant(
    world: World,
    superuser: psycopg.Connection,
    table: str,
    kind: str,
    name: str,
    columns: dict[str, tuple[str, str]],
) -> None:
    """Not even where no wall stands: the keys carry the tenant."""
    row = world.portals["sensedesk"][kind][name].id
    foreign = {
        column: world.portals["crm-service"][of][called].id
        for column, (of, called) in columns.items()
    }
    with superuser.transaction(force_rollback=True), pytest.raises(BROKEN_KEY):
        change(superuser, table, row, **foreign)


def test_what_belongs_to_a_ticket_moves_with_it(
    world: World, superuser: psycopg.Connection, tickets: dict[str, str]
) -> None:
    """The verb that moves a ticket changes one row; files that wait for their comment follow."""
    portal = world.portals["sensedesk"]
    globex = portal["organization"]["globex"].id
    tenant = row_of(superuser, "tickets", tickets["shared"])["tenant_id"]
    with as_system(superuser, str(tenant)):
        change(superuser, "tickets", tickets["shared"], organization_id=globex)
        for table in ("comments", "attachments", "participants"):
            found = superuser.execute(
                sql.SQL("SELECT DISTINCT organization_id FROM {} WHERE ticket_id = %s").format(
                    sql.Identifier(table)
                ),
                [tickets["shared"]],
            ).fetchall()
            assert [str(where) for (where,) in found] == [globex], table


async def test_the_wall_lets_the_system_move_a_ticket_with_all_that_belongs_to_it(
    world: World, app: psycopg.Connection, tickets: dict[str, str]
) -> None:
    globex = world.portals["sensedesk"]["organization"]["globex"].id
    with entered(app, await token_of(world, "lead")) as me:
        pass
    with as_system(app, me["tenant"]):
        assert change(app, "tickets", tickets["shared"], organization_id=globex) == 1
        found = app.execute(
            "SELECT DISTINCT organization_id FROM comments WHERE ticket_id = %s",
            [tickets["shared"]],
        ).fetchall()
        assert [str(where) for (where,) in found] == [globex]
