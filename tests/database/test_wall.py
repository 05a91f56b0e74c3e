"""The wall without the application's law: SQL as the application's role, without any WHERE.

Whoever the transaction was entered as sees what the wall lets him see, and nothing else, whatever
an endpoint forgets. What the law adds to that (a member reads only his own) is not the wall's.
"""

from datetime import UTC, datetime
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from app.kernel.secrets import fingerprint
from tests.database.entering import column, count, entered, may_read, tables, token_of
from tests.isolation.world import ROLES, Portal, World

SYSTEM_ONLY = (
    "credentials",
    "session_tokens",
    "one_time_tokens",
    "guess_counters",
    "totp_factors",
    "recovery_codes",
    "notifications",
    "api_key_secrets",
    "api_key_uses",
    "apps",
    "app_consents",
    "authorization_requests",
)
_CUSTOMERS = ("member", "user", "company reader", "company admin", "participant")


def named(portal: Portal, *names: str) -> set[str]:
    """Ids of the portal's tickets by name; `own` names every role's own."""
    return {
        thing.id
        for name, thing in portal["ticket"].items()
        if name in names or name.partition(":")[0] in names
    }


def behind_the_wall(world: World, role: str) -> set[str]:
    """The tickets that the wall, without the law, shows to a role."""
    portal = world.portal_of(role)
    everything = {thing.id for thing in portal["ticket"].values()}
    confidential = named(portal, "confidential", "own confidential")
    if role in {"lead", "tenant admin", "confidant"}:
        return everything
    if role in {"agent", "department agent", "agent elsewhere"}:
        return everything - confidential
    of_globex = named(portal, "globex", "own:participant")
    if role == "participant":
        return of_globex | named(portal, "shared", "own confidential:participant")
    own = named(portal, f"own confidential:{role}")
    return everything - of_globex - confidential | own


@pytest.mark.parametrize("role", ROLES)
async def test_tickets_without_a_condition_are_those_within_the_wall(
    world: World, app: psycopg.Connection, role: str
) -> None:
    with entered(app, await token_of(world, role)):
        seen = column(app, "SELECT id FROM tickets")
    known = {thing.id for where in world.portals.values() for thing in where["ticket"].values()}
    assert seen & known == behind_the_wall(world, role)


@pytest.mark.parametrize("role", ROLES)
async def test_what_hangs_on_tickets_is_seen_with_them(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection, role: str
) -> None:
    visible = behind_the_wall(world, role)
    with entered(app, await token_of(world, role)) as me:
        comments = column(app, "SELECT id FROM comments")
        files = column(app, "SELECT id FROM attachments")
        events = column(app, "SELECT ticket_id FROM events")
        words = column(app, "SELECT DISTINCT visibility || author_id FROM comments")
    portal = world.portal_of(role)
    for kind, seen in (("comment", comments), ("attachment", files)):
        for where in world.portals.values():
            for name, thing in where[kind].items():
                ticket, _, said = name.partition("/")
                mine = ticket.partition(":")[2] == role
                expected = where is portal and where["ticket"][ticket].id in visible
                if said == "upload":
                    expected = where is portal and mine
                if role in _CUSTOMERS and said in {"internal", "private"}:
                    expected = expected and said == "private" and mine
                assert (thing.id in seen) == expected, (kind, name)
    assert events <= visible | {"None"}
    if role in _CUSTOMERS:
        assert {each for each in words if not each.startswith("public")} <= {
            f"private{me['person']}"
        }
    rows = superuser.execute(
        "SELECT count(*) FROM events WHERE audience IN ('agents', 'system')"
    ).fetchone()
    assert rows
    assert rows[0] > 0


@pytest.mark.parametrize("role", _CUSTOMERS)
async def test_customers_see_the_history_of_their_side(
    world: World, app: psycopg.Connection, role: str
) -> None:
    with entered(app, await token_of(world, role)) as me:
        seen = app.execute("SELECT DISTINCT audience, actor_id FROM events").fetchall()
    assert {audience for audience, _ in seen} <= {"everyone", "author"}
    assert {str(who) for audience, who in seen if audience == "author"} <= {me["person"]}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", SYSTEM_ONLY)
async def test_nobody_sees_what_is_the_systems(
    world: World,
    app: psycopg.Connection,
    superuser: psycopg.Connection,
    role: str,
    table: str,
) -> None:
    assert count(superuser, table) > 0
    with entered(app, await token_of(world, role)):
        assert count(app, table) == 0


@pytest.mark.parametrize("role", ROLES)
async def test_organizations_and_addresses_are_those_of_ones_side(
    world: World, app: psycopg.Connection, role: str
) -> None:
    portal = world.portal_of(role)
    with entered(app, await token_of(world, role)) as me:
        organizations = column(app, "SELECT id FROM organizations")
        addresses_of = column(app, "SELECT person_id FROM contact_details")
        sessions = column(app, "SELECT DISTINCT person_id FROM sessions")
        memberships = column(app, "SELECT organization_id FROM memberships")
    assert sessions == {me["person"]}
    if role not in _CUSTOMERS:
        assert organizations == {thing.id for thing in portal["organization"].values()}
        return
    home = portal["organization"]["globex" if role == "participant" else "acme"].id
    assert organizations == memberships == {home}
    strangers = {"stranger", "agent", "boss"} if role != "participant" else {"colleague", "agent"}
    assert addresses_of & {portal["person"][name].id for name in strangers} == set()


@pytest.mark.parametrize("role", ROLES)
async def test_no_table_shows_a_row_of_another_tenant(
    world: World, app: psycopg.Connection, role: str
) -> None:
    with entered(app, await token_of(world, role)) as me:
        for table in tables(app):
            if not may_read(app, table):
                continue
            key = "id" if table == "tenants" else "tenant_id"
            statement = sql.SQL("SELECT DISTINCT {} FROM {}").format(
                sql.Identifier(key), sql.Identifier(table)
            )
            found = {str(tenant) for (tenant,) in app.execute(statement).fetchall()}
            assert found <= {me["tenant"]}, table


def test_without_a_tenant_every_table_is_empty(
    app: psycopg.Connection, worker: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    for connection in (app, worker):
        for table in tables(superuser):
            if may_read(connection, table):
                assert count(connection, table) == 0, table


def test_the_world_is_not_empty(superuser: psycopg.Connection) -> None:
    """Else the tests above would say nothing."""
    unused = {"idempotency_records", "comment_revisions", "timers"}
    for table in set(tables(superuser)) - unused:
        assert count(superuser, table) > 0, table


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK", "a savepoint", "an error"])
async def test_the_next_transaction_on_a_connection_is_nobodys(
    world: World, app: psycopg.Connection, end: str
) -> None:
    app.autocommit = True
    token, now = await token_of(world, "lead"), datetime.now(UTC)
    app.execute("BEGIN")
    if end == "a savepoint":
        app.execute("SAVEPOINT inner_one")
    app.execute("SELECT wall.enter('access', %s, %s)", [token, now])
    assert count(app, "tickets") > 0
    if end == "a savepoint":
        app.execute("RELEASE SAVEPOINT inner_one")
        assert count(app, "tickets") > 0
    if end == "an error":
        with pytest.raises(psycopg.errors.DivisionByZero):
            app.execute("SELECT 1 / 0")
    app.execute("COMMIT" if end != "ROLLBACK" else "ROLLBACK")
    assert count(app, "tickets") == 0
    left = app.execute(
        "SELECT current_setting('app.' || name, true) FROM unnest(ARRAY['tenant', 'side',"
        " 'person', 'organizations', 'closed_departments']) AS name"
    ).fetchall()
    assert {value for (value,) in left} <= {"", None}


@pytest.mark.parametrize("kind", ["unknown", "another kind", "ended", "too late"])
async def test_a_token_that_is_none_enters_nothing(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection, kind: str
) -> None:
    token, now = await token_of(world, "lead"), datetime.now(UTC)
    named_kind = "cookie" if kind == "another kind" else "access"
    if kind == "unknown":
        token = fingerprint("guessed")
    if kind == "too late":
        now = datetime(2100, 1, 1, tzinfo=UTC)
    if kind == "ended":
        slug, address = ROLES["lead"]
        desk = world.desk
        gone = await desk.sign_in(address, desk.password_of(address, slug), slug)
        token = fingerprint(gone.headers["Authorization"].removeprefix("Bearer "))
        await gone.delete("/v1/sessions/current")
    row = app.execute("SELECT wall.enter(%s, %s, %s)", [named_kind, token, now]).fetchone()
    assert row == (None,)
    assert count(app, "tickets") == 0


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET audience = 'everyone'",
        "DELETE FROM events",
        "TRUNCATE events",
        "TRUNCATE tickets CASCADE",
        "UPDATE portal_definitions SET document = '{}'",
        "DELETE FROM portal_definitions",
        "UPDATE alembic_version SET version_num = 'x'",
        "ALTER TABLE tickets DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON tickets",
        "SET ROLE skranke_finder",
        "SET ROLE skranke_owner",
        "SET SESSION AUTHORIZATION skranke_owner",
        "SELECT last_value FROM events_position_seq",
        "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE public.mine ()",
    ],
)
async def test_who_serves_cannot_take_the_wall_down(
    world: World,
    app: psycopg.Connection,
    worker: psycopg.Connection,
    role: str,
    statement: LiteralString,
) -> None:
    connection = {"app": app, "worker": worker}[role]
    with (
        entered(connection, await token_of(world, "lead")),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("role", ["app", "worker"])
async def test_switching_row_security_off_shows_an_error_and_no_row(
    world: World, app: psycopg.Connection, worker: psycopg.Connection, role: str
) -> None:
    connection = {"app": app, "worker": worker}[role]
    with entered(connection, await token_of(world, "lead")):
        connection.execute("SET LOCAL row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM tickets")


async def test_ticket_numbers_are_taken_in_ones_own_tenant_alone(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    sequences = superuser.execute(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences"
        " WHERE schemaname = 'ticket_numbers'"
    ).fetchall()
    assert len(sequences) >= len(world.portals)
    with entered(app, await token_of(world, "lead")):
        assert app.execute("SELECT wall.next_ticket_number()").fetchone()
    for (sequence,) in sequences:
        with (
            entered(app, await token_of(world, "lead")),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("SELECT nextval(%s)", [sequence])


async def test_only_the_system_begins_to_count(world: World, app: psycopg.Connection) -> None:
    with (
        entered(app, await token_of(world, "lead")),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        app.execute("SELECT wall.begin_ticket_numbers()")


async def test_the_queue_is_closed_to_the_application(
    world: World, app: psycopg.Connection, superuser: psycopg.Connection
) -> None:
    found = superuser.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'queue'"
    ).fetchall()
    assert found
    for (table,) in found:
        look = sql.SQL("SELECT count(*) FROM queue.{}").format(sql.Identifier(table))
        with (
            entered(app, await token_of(world, "lead")),
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(look)


@pytest.mark.parametrize("function", ["wall.tenants()", "wall.due_timers(now(), 10)"])
def test_only_the_worker_looks_over_all_tenants(
    app: psycopg.Connection, worker: psycopg.Connection, function: LiteralString
) -> None:
    worker.execute(f"SELECT {function}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"SELECT {function}")
