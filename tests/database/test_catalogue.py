"""The catalogue says that the wall stands; and where it does not, the checks say so by name."""

from collections.abc import Iterator
from typing import LiteralString, NamedTuple

import psycopg
import pytest

from tests import cluster
from tests.cluster import Addresses
from tests.database import catalogue, exceptions


@pytest.fixture(scope="module")
def scratch(addresses: Addresses) -> Iterator[psycopg.Connection]:
    """A database to spoil, seen as its superuser."""
    name = cluster.copy_of_template(addresses)
    with psycopg.connect(addresses.of("superuser", name)) as connection:
        yield connection
    cluster.drop(addresses, name)


@pytest.fixture
def spoilt(scratch: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same, for one fault, which is taken back."""
    yield scratch
    scratch.rollback()


def test_the_wall_stands_everywhere(scratch: psycopg.Connection) -> None:
    assert catalogue.complaints(scratch) == []


def test_no_exception_outlives_what_it_was_made_for(scratch: psycopg.Connection) -> None:
    tables = set(catalogue.tables(scratch))
    for named in (
        exceptions.WITHOUT_TENANT,
        exceptions.OPEN_IN_TENANT,
        exceptions.FOUND_IN,
        exceptions.NOT_OF_ONE_ORGANIZATION,
        exceptions.OF_TICKETS_BUT_WITHOUT_PLACE,
        exceptions.PLACE_NOT_HELD,
        exceptions.RIGHTS,
    ):
        assert named.keys() <= tables
    indexes = {name for (name,) in scratch.execute("SELECT relname FROM pg_class").fetchall()}
    assert exceptions.UNIQUE_IN_THE_INSTALLATION.keys() <= indexes


_WALLED = """
    CREATE TABLE kept (tenant_id uuid REFERENCES tenants, id uuid, ticket uuid,
        PRIMARY KEY (tenant_id, id));
    ALTER TABLE kept OWNER TO skranke_owner;
    ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
    ALTER TABLE kept FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON kept AS RESTRICTIVE TO skranke_app, skranke_worker
        USING (tenant_id = (SELECT wall.tenant()));
    ALTER POLICY tenant ON kept WITH CHECK (tenant_id = (SELECT wall.tenant()));
    CREATE POLICY system ON kept TO skranke_app, skranke_worker
        USING ((SELECT wall.side()) = 'system');
"""


class Fault(NamedTuple):
    """How it is planted, and what the checks must say of it."""

    plant: LiteralString
    told: str


FAULTS: dict[str, Fault] = {
    "a table without a policy": Fault(
        "CREATE TABLE bare (tenant_id uuid REFERENCES tenants, id uuid,"
        " PRIMARY KEY (tenant_id, id))",
        "table bare is not behind row-level security",
    ),
    "a table without a tenant": Fault(
        "CREATE TABLE stray (id uuid)",
        "table stray carries no tenant_id, and no reason is named",
    ),
    "a table in a schema of its own": Fault(
        "CREATE SCHEMA annex; CREATE TABLE annex.hidden (tenant_id uuid)",
        "table annex.hidden carries no tenant_id, and no reason is named",
    ),
    "row-level security switched off": Fault(
        "ALTER TABLE tickets DISABLE ROW LEVEL SECURITY",
        "table tickets is not behind row-level security",
    ),
    "FORCE removed": Fault(
        "ALTER TABLE comments NO FORCE ROW LEVEL SECURITY",
        "table comments lets its owner through: row-level security is not forced",
    ),
    "the tenant policy dropped": Fault(
        "DROP POLICY tenant ON attachments",
        "table attachments has no policy that keeps every row inside its tenant",
    ),
    "the tenant policy for one role only": Fault(
        "ALTER POLICY tenant ON people TO skranke_app",
        "table people has no policy that keeps every row inside its tenant",
    ),
    "a tenant policy that lets rows be written elsewhere": Fault(
        "ALTER POLICY tenant ON tickets WITH CHECK (true)",
        "table tickets has no policy that keeps every row inside its tenant",
    ),
    "a tenant policy that only adds": Fault(
        "DROP POLICY tenant ON teams; CREATE POLICY tenant ON teams TO skranke_app, skranke_worker"
        " USING (tenant_id = (SELECT wall.tenant()))"
        " WITH CHECK (tenant_id = (SELECT wall.tenant()))",
        "table teams has no policy that keeps every row inside its tenant",
    ),
    "a policy for everybody": Fault(
        "CREATE POLICY open ON tickets USING (true)",
        "policy open of tickets is for everybody",
    ),
    "a policy that lets everybody in the tenant": Fault(
        "CREATE POLICY open ON comments TO skranke_app, skranke_worker USING (true)",
        "policy open: everybody in a tenant does what he likes with comments,"
        " and no reason is named",
    ),
    "the finder in a table it needs not": Fault(
        "CREATE POLICY finder ON attachments TO skranke_finder USING (true)",
        "policy finder lets the finder into attachments, which is not on its list",
    ),
    "a foreign key without the tenant": Fault(
        f"{_WALLED} CREATE UNIQUE INDEX lone ON tickets (id);"
        " ALTER TABLE kept ADD CONSTRAINT fk_kept_ticket FOREIGN KEY (ticket)"
        " REFERENCES tickets (id)",
        "foreign key fk_kept_ticket of kept to tickets does not carry the tenant",
    ),
    "a foreign key whose tenants need not be the same": Fault(
        f"{_WALLED} CREATE UNIQUE INDEX crossed ON tickets (id, tenant_id);"
        " ALTER TABLE kept ADD CONSTRAINT fk_kept_crossed FOREIGN KEY (tenant_id, ticket)"
        " REFERENCES tickets (id, tenant_id)",
        "foreign key fk_kept_crossed of kept to tickets does not carry the tenant",
    ),
    "a foreign key that clears the tenant": Fault(
        f"{_WALLED} ALTER TABLE kept ADD CONSTRAINT fk_kept_cleared"
        " FOREIGN KEY (tenant_id, ticket) REFERENCES tickets ON DELETE SET NULL",
        "foreign key fk_kept_cleared of kept clears the tenant: name the columns it sets",
    ),
    "a unique index without the tenant": Fault(
        "CREATE UNIQUE INDEX one_for_all ON tickets (number)",
        "unique index one_for_all of tickets does not begin with the tenant",
    ),
    "a unique index with the tenant behind": Fault(
        "CREATE UNIQUE INDEX behind ON contact_details (email_key, tenant_id)",
        "unique index behind of contact_details does not begin with the tenant",
    ),
    "a definer function off the list": Fault(
        "CREATE FUNCTION wall.everything() RETURNS SETOF tickets LANGUAGE sql SECURITY DEFINER"
        " SET search_path = pg_catalog, public, pg_temp AS 'SELECT * FROM tickets';"
        " ALTER FUNCTION wall.everything() OWNER TO skranke_finder",
        "function wall.everything() runs as skranke_finder and is not on the list",
    ),
    "a definer function whose names can be taken over": Fault(
        "ALTER FUNCTION wall.enter_portal(text) RESET search_path",
        "function wall.enter_portal(text) has no fixed search_path that ends with pg_temp",
    ),
    "a definer function that looks into temporary tables first": Fault(
        "ALTER FUNCTION wall.tenants() SET search_path = pg_catalog, public",
        "function wall.tenants() has no fixed search_path that ends with pg_temp",
    ),
    "a definer function for everybody": Fault(
        "GRANT EXECUTE ON FUNCTION wall.tenants() TO PUBLIC",
        "function wall.tenants() may be called by PUBLIC, skranke_worker",
    ),
    "a definer function of somebody mightier": Fault(
        "ALTER FUNCTION wall.enter_portal(text) OWNER TO postgres",
        "function wall.enter_portal(text) runs as postgres, not as skranke_finder",
    ),
    "a function of the list that is gone": Fault(
        "DROP FUNCTION wall.tenants()",
        "function wall.tenants() is on the list of definers and is none",
    ),
    "a view that shows what its owner sees": Fault(
        "CREATE VIEW all_tickets AS SELECT * FROM tickets",
        "view all_tickets shows what its owner sees: it lacks security_invoker",
    ),
    "a materialized view": Fault(
        "CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM tickets",
        "counted is a materialized view or a foreign table: no wall stands before it",
    ),
    "a table of tickets that does not know its place": Fault(
        f"{_WALLED} ALTER TABLE kept RENAME ticket TO ticket_id",
        "table kept belongs to tickets and lacks organization_id, department, requester_id",
    ),
    "a table of tickets that may lie about its place": Fault(
        "ALTER TABLE comments DROP CONSTRAINT fk_comments_of_ticket",
        "table comments may say another place than its ticket: no foreign key holds it",
    ),
    "a table that keys of one organization read whole": Fault(
        "DROP POLICY within_one_organization ON tickets",
        "table tickets has organization_id and shows keys of one organization the others",
    ),
    "an enum": Fault(
        f"{_WALLED} CREATE TYPE mood AS ENUM ('good'); ALTER TABLE kept ADD mood mood",
        "column kept.mood is of enum mood: behind the wall no index serves it",
    ),
    "an application that owns a table": Fault(
        "ALTER TABLE teams OWNER TO skranke_app",
        "skranke_app owns table teams",
    ),
    "an application that may truncate": Fault(
        "GRANT TRUNCATE ON tickets TO skranke_app",
        "skranke_app may TRUNCATE public.tickets",
    ),
    "an application that may change history": Fault(
        "GRANT UPDATE ON events TO skranke_worker",
        "skranke_worker may UPDATE public.events",
    ),
    "an application that may see the queue": Fault(
        "GRANT SELECT ON queue.procrastinate_jobs TO skranke_app",
        "skranke_app may SELECT queue.procrastinate_jobs",
    ),
    "an application that may see how far the installation is": Fault(
        "GRANT SELECT ON SEQUENCE events_position_seq TO skranke_app",
        "skranke_app may SELECT sequence public.events_position_seq",
    ),
    "an application that is the finder too": Fault(
        "GRANT skranke_finder TO skranke_app",
        "skranke_app is a member of skranke_finder",
    ),
    "a worker that walks through": Fault(
        "ALTER ROLE skranke_worker BYPASSRLS",
        "skranke_worker has BYPASSRLS",
    ),
    "an application that may make tables": Fault(
        "GRANT CREATE ON SCHEMA public TO skranke_app",
        "skranke_app may create things in schema public",
    ),
    "an application that may make temporary tables": Fault(
        "DO $$ BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO skranke_app',"
        " current_database()); END $$",
        "skranke_app may make schemas or temporary tables",
    ),
    "a finder that may write": Fault(
        "GRANT INSERT ON tenants TO skranke_finder",
        "skranke_finder may INSERT public.tenants",
    ),
    "a table for everybody": Fault(
        "GRANT SELECT ON tickets TO PUBLIC",
        "everybody may SELECT public.tickets",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_name(spoilt: psycopg.Connection, fault: str) -> None:
    spoilt.execute(FAULTS[fault].plant)
    assert FAULTS[fault].told in catalogue.complaints(spoilt)


def test_what_is_built_by_the_rules_is_not_complained_about(spoilt: psycopg.Connection) -> None:
    spoilt.execute(_WALLED)
    spoilt.execute(
        "CREATE VIEW own WITH (security_invoker = true) AS SELECT * FROM kept;"
        " ALTER TABLE kept ADD CONSTRAINT fk_kept_ticket FOREIGN KEY (tenant_id, ticket)"
        " REFERENCES tickets ON DELETE SET NULL (ticket)"
    )
    assert catalogue.complaints(spoilt) == []
