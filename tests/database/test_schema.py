"""The migrated database is what the models say, to the last check and collation."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from app import models
from app.database.base import Base
from tests import cluster
from tests.cluster import Addresses

#: Everything about tables that a difference could hide in, with the schema's name left out.
_SHAPE = """
SELECT c.relname, 'column', a.attname, format_type(a.atttypid, a.atttypmod)
       || ' ' || coalesce((SELECT collname FROM pg_collation WHERE oid = a.attcollation), '')
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || ' ' || a.attidentity::text
       || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '')
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = to_regnamespace(:schema) AND c.relkind = 'r' AND a.attnum > 0
UNION ALL
SELECT c.relname, 'constraint', k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = to_regnamespace(:schema) AND k.contype <> 'n'
UNION ALL
SELECT tablename, 'index', indexname, indexdef FROM pg_indexes
 WHERE schemaname = CAST(:schema AS text)
"""


@pytest.fixture(scope="module")
def engine(addresses: Addresses) -> Iterator[Engine]:
    """A migrated database, as its superuser, to add a second set of tables to."""
    name = cluster.copy_of_template(addresses)
    parts = psycopg.conninfo.conninfo_to_dict(addresses.of("superuser", name))
    url = make_url("postgresql+psycopg://").set(
        username=str(parts["user"]),
        password=str(parts["password"]),
        database=name,
        query={"host": str(parts["host"]), "port": str(parts.get("port", 5432))},
    )
    made = create_engine(url)
    yield made
    made.dispose()
    cluster.drop(addresses, name)


def test_alembic_finds_nothing_to_migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda *about: about[1] != "alembic_version",
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_tables_made_from_the_models_are_the_migrated_ones(engine: Engine) -> None:
    assert models.__all__
    with engine.connect() as connection:
        connection.execute(text("CREATE SCHEMA models"))
        # Foreign keys find their tables by the search path, as the models name no schema.
        connection.execute(text("SET LOCAL search_path = models"))
        Base.metadata.create_all(connection, checkfirst=False)
        made = _shape(connection, "models")
        connection.execute(text("SET LOCAL search_path = public"))
        migrated = _shape(connection, "public")
        connection.rollback()
    assert made
    assert migrated - made == set()
    assert made - migrated == set()


def _shape(connection: Connection, schema: str) -> set[tuple[str, ...]]:
    found = connection.execute(text(_SHAPE), {"schema": schema})
    return {
        tuple(str(part).replace(f"{schema}.", "") for part in row)
        for row in found
        if row[0] != "alembic_version"
    }
