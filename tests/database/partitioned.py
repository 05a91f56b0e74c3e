"""Every walled table as partitions by tenant: what an operator would do to a database, done here.

The schema is dumped as text, its walled tables are declared `PARTITION BY HASH (tenant_id)`, and
everything is put back: tables, partitions, data, keys, indexes, triggers, policies, in this order.
"""

import re
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

#: How the partitions of a table are called: its own name, and a number.
PARTITION = re.compile(r"^(?P<table>\w+?)_part_\d+$")
_TABLE = re.compile(r"^CREATE TABLE public\.(\w+) \($(.*?)^\);$", re.MULTILINE | re.DOTALL)


def copy_partitioned(programs: Path, source: str, target: str, folder: Path, parts: int) -> None:
    """Copy the database at `source` to the empty one at `target`, its tables in partitions.

    `programs` are PostgreSQL's, of the version of the server; both addresses are a superuser's."""
    dumped = folder / "whole.dump"
    _run(programs / "pg_dump", "--format=custom", f"--file={dumped}", f"--dbname={source}")
    sections = {
        section: _run(programs / "pg_restore", f"--section={section}", "--file=-", str(dumped))
        for section in ("pre-data", "post-data")
    }
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(_statements(in_partitions(sections["pre-data"], parts)))
    words = ("--section=data", "--disable-triggers", "--exit-on-error", f"--dbname={target}")
    _run(programs / "pg_restore", *words, str(dumped))
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(_statements(sections["post-data"]))
    with psycopg.connect(target, autocommit=True) as connection:  # the dump has set a search path
        raise_walls(connection)


def in_partitions(schema: str, parts: int) -> str:
    """The text of a schema, its tables with `tenant_id` in `parts` partitions each."""

    def declared(found: re.Match[str]) -> str:
        table, columns = found[1], found[2]
        if not re.search(r"^\s+tenant_id uuid NOT NULL", columns, re.MULTILINE):
            return found[0]
        made = [f"CREATE TABLE public.{table} ({columns}) PARTITION BY HASH (tenant_id);"]
        made += [
            f"CREATE TABLE public.{table}_part_{number} PARTITION OF public.{table}"
            f" FOR VALUES WITH (MODULUS {parts}, REMAINDER {number});"
            for number in range(parts)
        ]
        return "\n".join(made)

    return _TABLE.sub(declared, schema)


def raise_walls(connection: psycopg.Connection) -> None:
    """Close the partitions themselves: nobody has a right on them, and no policy lets anybody in.

    Who asks the table is held by the table's policies; PostgreSQL looks at those alone."""
    for partition in partitions(connection):
        for words in ("ENABLE", "FORCE"):
            connection.execute(
                sql.SQL("ALTER TABLE {} " + words + " ROW LEVEL SECURITY").format(
                    sql.Identifier(partition)
                )
            )


def partitions(connection: psycopg.Connection) -> list[str]:
    """The names of all partitions."""
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY 1"
    )
    return [str(name) for (name,) in found.fetchall()]


def _statements(text: str) -> sql.SQL:
    """A dump's text as the server takes it: without the terminal's own commands, and with keys of
    a partitioned table that hold for its partitions, too (`ONLY` would leave them out)."""
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("\\"))
    return sql.SQL(kept.replace("ALTER TABLE ONLY ", "ALTER TABLE "))


def _run(program: Path, *words: str) -> str:
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
