"""What a process and its PostgreSQL backends take of the machine, and how far a statement walks."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.installation import Process

_NANOSECONDS = 1e9


def cpu_seconds(process: Process, superuser: str) -> float:
    """The processor time that a process and its backends have had until now."""
    return cpu_seconds_of([process.pid], [process.backend], process.database, superuser)


def cpu_seconds_of(
    pids: Iterable[int], backends: Iterable[str], database: str, superuser: str
) -> float:
    """The same of several processes, whose sessions call themselves so."""
    with psycopg.connect(superuser) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = ANY (%s) AND datname = %s",
            (list(backends), database),
        ).fetchall()
    return sum(_had(pid) for pid in pids) + sum(_had(pid) for (pid,) in found)


def with_children(pid: int) -> list[int]:
    """A process and those it has started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += with_children(int(child))
    return found


def _had(pid: int) -> float:
    """From the scheduler, to the nanosecond: `/proc/<pid>/stat` counts in hundredths of seconds."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / (
        _NANOSECONDS
    )


def resident_mib(pid: int) -> tuple[float, float]:
    """The resident memory of a process, and which part of it others have mapped as well."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {name: int(rest.split()[0]) for name, rest in (line.split(":") for line in lines)}
    shared = kib["Shared_Clean"] + kib["Shared_Dirty"]
    return kib["Rss"] / 1024, shared / 1024


@dataclass(slots=True)
class Walk:
    """What PostgreSQL did meanwhile: statements it was sent, rows its scans looked at."""

    statements: int = 0
    rows: int = 0


@contextmanager
def walking(process: Process, superuser: str, log: Path) -> Iterator[Walk]:
    """Count what PostgreSQL does in the block, which must have it to itself, on one connection.

    A backend tells what it walked at the end of a transaction, once a second at most: the block
    ends with a request that comes a second late."""
    walk = Walk()
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)
        try:
            before, said = _walked(connection), log.stat().st_size
            yield walk
            walk.rows = _walked(connection) - before
            with log.open("rb") as file:
                file.seek(said)
                lines = file.read().decode(errors="replace")
            said_by = rf"^{process.backend}\|LOG:  (?:statement|execute [^:]*): "
            walk.statements = len(re.findall(said_by, lines, re.MULTILINE))
        finally:
            connection.execute("ALTER SYSTEM RESET log_statement")
            connection.execute("SELECT pg_reload_conf()")


def _walked(connection: psycopg.Connection) -> int:
    """Rows read by scans of tables, and entries by scans of indexes."""
    row = connection.execute(
        "SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
        " + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)"
    ).fetchone()
    assert row is not None
    return int(row[0])
