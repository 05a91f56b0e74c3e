"""django-helpdesk, as its users use it: pages for people who have signed in, and the JSON that
fills the list's page.

Its REST interface is left out: `TicketViewSet.get_queryset` reads every ticket there is, one query
more for each, before it answers with a page of them, or with one.
"""

import base64
import contextlib
import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.request
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
_NAME = "peer_django_helpdesk"
_SITE = "django_helpdesk_site"


@contextlib.contextmanager
def django_helpdesk(server: EmbeddedPostgres, folder: Path) -> Iterator[Server]:
    """The peer, installed and filled where it is not yet, behind Gunicorn."""
    home = folder.absolute() / _NAME
    python = _installed(home)
    environment = _environment(server, home)
    _fill(server, python, environment)
    port = free_port()
    words = [str(python.parent / "gunicorn"), f"{_SITE}:application", f"--bind=127.0.0.1:{port}"]
    # Threads, as plain workers keep no connection of a client.
    words += [
        f"--workers={WORKERS}",
        "--threads=4",
        "--keep-alive=60",
        "--no-control-socket",
        f"--chdir={_HERE}",
    ]
    with program(words, environment, home / "gunicorn.log", port) as pid:
        session = _sign_in(port)

        async def operations(client: Client) -> dict[str, Ask]:
            return await _operations(client, session)

        yield Server(
            "django-helpdesk", (port,), tuple(with_children(pid)), (_NAME,), _NAME, operations
        )


def _installed(home: Path) -> Path:
    """The Python of an environment of its own with the pinned versions."""
    python = home / "venv" / "bin" / "python"
    pinned = _HERE / "django_helpdesk.txt"
    stamp = home / "installed.txt"
    if not stamp.exists() or stamp.read_text() != pinned.read_text():
        print("Installing django-helpdesk …", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        for words in (
            [sys.executable, "-m", "venv", "--clear", str(home / "venv")],
            [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(pinned)],
        ):
            subprocess.run(words, check=True)
        stamp.write_text(pinned.read_text())
    return python


def _environment(server: EmbeddedPostgres, home: Path) -> dict[str, str]:
    address = psycopg.conninfo.conninfo_to_dict(server.superuser_url(_NAME))
    named = {name: str(address[name]) for name in ("user", "password", "host", "port")}
    return {
        **{f"PEER_{name.upper()}": value for name, value in named.items()},
        "PEER_DATABASE": _NAME,
        "PEER_FOLDER": str(home),
        "PEER_TICKETS": str(TICKETS),
        "PEER_WORDS": WORDS,
        "PGAPPNAME": _NAME,
    }


def _fill(server: EmbeddedPostgres, python: Path, environment: dict[str, str]) -> None:
    """Make the database anew: what earlier runs wrote is gone with it."""
    print("Filling django-helpdesk …", flush=True)
    name = sql.Identifier(_NAME)
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    subprocess.run([str(python), "-m", _SITE], env=environment, cwd=_HERE, check=True)
    with psycopg.connect(server.superuser_url(_NAME), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _sign_in(port: int) -> dict[str, str]:
    """The headers of an agent who has signed in with his password, forms included."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    address = f"http://127.0.0.1:{port}/login/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    said = {"csrfmiddlewaretoken": token[1], "username": "agent", "password": "only-for-benchmarks"}
    browser.open(address, urlencode({**said, "next": "/tickets/submit/"}).encode())
    held = {each.name: str(each.value) for each in cookies}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in held.items()),
        "X-CSRFToken": held["csrftoken"],
    }


async def _operations(client: Client, session: dict[str, str]) -> dict[str, Ask]:
    wanted = json.dumps(
        {"filtering": {}, "sorting": "created", "sortreverse": True, "search_string": ""}
    )
    # Its address must be of whole groups: three bytes are four letters.
    query = base64.b64encode(wanted.ljust(-(-len(wanted) // 3) * 3).encode()).decode()
    listing = Request("GET", f"/datatables_ticket_list/{query}?draw=1&start=0&length=25", session)
    newest = json.loads(await client.ask(listing))["data"]
    assert len(newest) == 25
    tickets = cycle((item["id"], item["title"]) for item in newest)

    def form(path: str, **said: str) -> Request:
        headers = {**session, "Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", path, headers, urlencode(said).encode(), 302)

    def page() -> Request:
        return Request("GET", f"/tickets/{next(tickets)[0]}/", session)

    def comment() -> Request:
        # As the page's form does, with the fields that are left as they are.
        number, title = next(tickets)
        said = {"comment": WORDS, "public": "1", "title": title, "queue": "1", "priority": "3"}
        return form(f"/tickets/{number}/update/", **said)

    shown = (await client.ask(page())).decode()
    assert shown.count(WORDS) >= 3, "the page does not show the comments"
    opened = {"queue": "1", "title": "Totals are wrong", "body": WORDS, "priority": "3"}
    opened |= {"submitter_email": "member@customer.example"}
    return {
        LIST: lambda client: client.ask(listing),
        TICKET: lambda client: client.ask(page()),
        CREATE: lambda client: client.ask(form("/tickets/submit/", **opened)),
        COMMENT: lambda client: client.ask(comment()),
    }
