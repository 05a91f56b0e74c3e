"""Request Tracker 5 as Debian packages it: its interface REST 2, asked with the cookie of somebody
who has signed in, as its own pages do.

Not with a token, as each request would then cost a bcrypt.
"""

import contextlib
import http.client
import json
import os
import re
import subprocess
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from app.database.embedded import EmbeddedPostgres
from benchmarks.installation import free_port, program
from benchmarks.measuring import with_children
from benchmarks.peers.servers import (
    AT_ONCE,
    COMMENT,
    CREATE,
    LIST,
    TICKET,
    TICKETS,
    WORDS,
    WORKERS,
    Ask,
    Server,
)
from benchmarks.traffic import Client, Request

_HERE = Path(__file__).parent
_NAME = "peer_request_tracker"
_SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
_SETUP = Path("/usr/sbin/rt-setup-database-5")
#: What belongs to one ticket, by table; which of its columns name rows of which of them.
_COPIED: dict[str, dict[str, str]] = {
    "tickets": {"id": "tickets", "effectiveid": "tickets"},
    "principals": {"id": "principals"},
    "groups": {"id": "principals", "instance": "tickets"},
    "groupmembers": {
        "id": "groupmembers",
        "groupid": "principals",
        "memberid": "principals",
    },
    "cachedgroupmembers": {
        "id": "cachedgroupmembers",
        "groupid": "principals",
        "memberid": "principals",
        "via": "cachedgroupmembers",
        "immediateparentid": "principals",
    },
    "transactions": {"id": "transactions", "objectid": "tickets"},
    "attachments": {"id": "attachments", "transactionid": "transactions", "parent": "attachments"},
}


def is_installed() -> bool:
    """Whether Debian's packages are there."""
    return _SERVER.exists() and _SETUP.exists()


@contextlib.contextmanager
def request_tracker(server: EmbeddedPostgres, folder: Path) -> Iterator[Server]:
    """The peer on a database made anew, behind the server that Debian's package starts."""
    home = folder.absolute() / _NAME
    (home / "more").mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = _configured(server, home, port)
    _fill(server, environment)
    words = [str(_SERVER), f"--port={port}", "--host=127.0.0.1", f"--max-workers={WORKERS}"]
    # Else a process ends after a few hundred requests, and a new one reads all its modules again.
    # It keeps no connection, as is its default: one that is kept has a process to itself.
    words += ["--max-reqs-per-child=1000000"]
    with program(words, environment, home / "server.log", port) as pid:
        # One session is locked while a request of it is answered: as many as ask at once.
        sessions = cycle([_sign_in(port) for _ in range(2 * AT_ONCE)])

        async def operations(client: Client) -> dict[str, Ask]:
            return await _operations(client, sessions)

        yield Server(
            "Request Tracker", (port,), tuple(with_children(pid)), (_NAME,), _NAME, operations
        )


def _configured(server: EmbeddedPostgres, home: Path, port: int) -> dict[str, str]:
    address = psycopg.conninfo.conninfo_to_dict(server.superuser_url(_NAME))
    told = {
        "rtname": "peer.example",
        "Organization": "peer.example",
        "WebDomain": "127.0.0.1",
        "WebPort": str(port),
        "WebPath": "",
        "DatabaseType": "Pg",
        "DatabaseHost": str(address["host"]),
        "DatabasePort": str(address["port"]),
        "DatabaseName": _NAME,
        "DatabaseUser": str(address["user"]),
        "DatabasePassword": str(address["password"]),
        "MailCommand": "testfile",
        "LogToSyslog": "",
        "LogToSTDERR": "warning",
    }
    lines = [f"Set(${name}, q({value}));" for name, value in told.items()]
    lines += [f"$RT::MasonDataDir = q({home / 'mason'});", "1;", ""]
    file = home / "RT_SiteConfig.pm"
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    return {
        "RT_SITE_CONFIG": str(file),
        "RT_SITE_CONFIG_DIR": str(home / "more"),
        "PGAPPNAME": _NAME,
        "PEER_WORDS": WORDS,
    }


def _fill(server: EmbeddedPostgres, environment: dict[str, str]) -> None:
    """Make the database anew: one ticket by Request Tracker itself, the others as copies."""
    print("Filling Request Tracker …", flush=True)
    address = psycopg.conninfo.conninfo_to_dict(server.superuser_url())
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        name = sql.Identifier(_NAME)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    as_superuser = [f"--dba={address['user']}", f"--dba-password={address['password']}"]
    _run([str(_SETUP), "--action=init", "--skip-create", *as_superuser], environment)
    with psycopg.connect(server.superuser_url(_NAME), autocommit=True) as connection:
        before = _last(connection)
        _run(["perl", str(_HERE / "request_tracker_fill.pl")], environment)
        after = _last(connection)
        for table in _COPIED:
            _copy(connection, table, before, after)
        for table, last in _last(connection).items():
            sequence = sql.Literal(f"{table}_id_seq")
            connection.execute(sql.SQL("SELECT setval({}, %s)").format(sequence), [last])
        connection.execute("VACUUM ANALYZE")


def _run(words: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        words, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stdout[-1000:]}{done.stderr[-1000:]}")


def _last(connection: psycopg.Connection) -> dict[str, int]:
    found = {}
    for table in _COPIED:
        row = connection.execute(
            sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))
        ).fetchone()
        assert row is not None
        found[table] = int(row[0])
    return found


def _copy(
    connection: psycopg.Connection, table: str, before: dict[str, int], after: dict[str, int]
) -> None:
    """The rows that came after `before`, so often that there are `TICKETS` tickets; what they name
    of each other moves with them. Each ticket is ten minutes younger than the one before it."""
    known = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table],
    ).fetchall()
    moved: list[sql.Composable] = []
    for column, kind in known:
        name = sql.Identifier(column)
        if of := _COPIED[table].get(column):
            moved.append(
                sql.SQL("CASE WHEN {0} > {1} THEN {0} + n * {2} ELSE {0} END").format(
                    name, sql.Literal(before[of]), sql.Literal(after[of] - before[of])
                )
            )
        elif kind.startswith("timestamp"):
            ago = sql.SQL("{0} - ({1} - n) * interval '10 minutes'")
            moved.append(ago.format(name, sql.Literal(TICKETS)))
        else:
            moved.append(name)
    connection.execute(
        sql.SQL(
            "INSERT INTO {0} SELECT {1} FROM {0}, generate_series(1, {2}) n WHERE id > {3}"
        ).format(
            sql.Identifier(table),
            sql.SQL(", ").join(moved),
            sql.Literal(TICKETS - 1),
            sql.Literal(before[table]),
        )
    )


def _sign_in(port: int) -> dict[str, str]:
    """The cookie of an agent who has signed in with his password."""
    said = urlencode({"user": "root", "pass": "only-for-benchmarks", "next": "tickets"})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/NoAuth/Login.html", said, form)
    answer = connection.getresponse()
    found = re.match(r"RT_SID[^=]*=[^;]+", answer.headers.get("Set-Cookie", ""))
    connection.close()
    connection.close()
    if answer.status != 302 or not found:
        raise RuntimeError(f"Request Tracker let nobody in: {answer.status}")
    return {"Cookie": found[0], "Accept": "application/json"}


async def _operations(client: Client, sessions: Iterator[dict[str, str]]) -> dict[str, Ask]:
    shown = "Subject,Status,Queue,Owner,Requestor,Created,LastUpdated,Priority"
    asked = {"query": "id > 0", "orderby": "Created", "order": "DESC", "per_page": "25"}
    path = f"/REST/2.0/tickets?{urlencode({**asked, 'fields': shown})}"

    def listing() -> Request:
        return Request("GET", path, next(sessions))

    newest = json.loads(await client.ask(listing()))["items"]
    assert len(newest) == 25
    ids = cycle(item["id"] for item in newest)

    async def ticket(client: Client) -> bytes:
        path = f"/REST/2.0/ticket/{next(ids)}"
        await client.ask(Request("GET", path, next(sessions)))
        fields = "Content,ContentType,TransactionId,Creator,Created"
        return await client.ask(
            Request("GET", f"{path}/attachments?per_page=50&fields={fields}", next(sessions))
        )

    def said(path: str, what: dict[str, str]) -> Request:
        told = {**what, "Content": WORDS, "ContentType": "text/plain"}
        body = json.dumps(told).encode()
        return Request("POST", f"/REST/2.0/ticket{path}", next(sessions), body, 201)

    held = json.loads(await ticket(client))
    assert len(held["items"]) >= 4, "the answer does not hold the comments"
    opened = {"Queue": "General", "Subject": "Totals are wrong"}
    opened |= {"Requestor": "member@customer.example"}
    return {
        LIST: lambda client: client.ask(listing()),
        TICKET: ticket,
        CREATE: lambda client: client.ask(said("", opened)),
        COMMENT: lambda client: client.ask(said(f"/{next(ids)}/correspond", {})),
    }
