"""Whether the tables could be spread over servers by tenant: which keys are fit, what is not.

What `docs/operating.md` says of sharding is held here.
"""

import re
from collections.abc import Iterator

import psycopg
import pytest

from tests.cluster import Addresses
from tests.database import catalogue, exceptions

#: Tables that would be copied to every server, or stay at one; the rest is spread.
NOT_SPREAD = {
    "tenants": "copied: one row for each tenant, which every other table points to",
    "alembic_version": "at one: which version the tables have",
}


@pytest.fixture
def superuser(addresses: Addresses, database_name: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(addresses.of("superuser", database_name)) as connection:
        yield connection


def spread(connection: psycopg.Connection) -> set[str]:
    """The tables that have a tenant."""
    return {name for name, walled in catalogue.tables(connection).items() if walled}


def test_a_table_is_spread_or_says_why_not(superuser: psycopg.Connection) -> None:
    ours = {name for name in catalogue.tables(superuser) if not name.startswith("queue.")}
    assert ours - spread(superuser) == set(NOT_SPREAD) == set(exceptions.WITHOUT_TENANT)


def test_every_key_of_a_spread_table_contains_the_tenant(superuser: psycopg.Connection) -> None:
    keys = superuser.execute(
        "SELECT x.indrelid::regclass::text, x.indexrelid::regclass::text, ARRAY("
        "   SELECT a.attname::text FROM pg_attribute a"
        "   WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey::smallint[]))"
        " FROM pg_index x WHERE x.indisunique OR x.indisprimary OR x.indisexclusion"
    ).fetchall()
    tables = spread(superuser)
    ours = [(index, columns) for table, index, columns in keys if table in tables]
    assert len(ours) > len(tables)
    assert [index for index, columns in ours if "tenant_id" not in columns] == []


def test_every_foreign_key_stays_with_its_tenant_or_points_to_the_tenants(
    superuser: psycopg.Connection,
) -> None:
    assert list(catalogue.foreign_keys_carry_the_tenant(superuser)) == []
    targets = superuser.execute(
        "SELECT DISTINCT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
    ).fetchall()
    tables = spread(superuser)
    away = {(table, target) for table, target in targets if target not in tables}
    assert {target for _, target in away} == {"tenants"}
    assert not [table for table, _ in targets if table not in tables]


def test_what_stands_against_citus_is_what_the_page_says(superuser: psycopg.Connection) -> None:
    tables = spread(superuser)
    policies = superuser.execute(
        "SELECT polrelid::regclass::text, concat(pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid)) FROM pg_policy"
    ).fetchall()
    asking = {table for table, said in policies if re.search(r"\bSELECT\b", said)}
    assert asking >= tables, "policies without subqueries: say so in docs/operating.md"
    cascading = superuser.execute(
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confupdtype = 'c'"
    ).fetchone()
    assert cascading
    assert cascading[0] > 0
    triggers = superuser.execute(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()
    assert {table for (table,) in triggers} >= {"tickets", "comments"}
