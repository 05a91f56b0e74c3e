"""The floor: the least that must be done for the same answers on the same server and driver.

One ASGI application without a framework, the best SQL, one round trip for each request, rows
written straight as JSON. No sign-in, no wall and no rights, but the caller's own filter: what it
lists is what he may read. What does not change (words of the definition, offered actions) it was
told beforehand (`FLOOR_KNOWN`). Writes leave what the API's writes leave: the row, its words, its
event, its job.
"""

import asyncio
import base64
import gc
import hashlib
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import orjson
from argon2 import PasswordHasher
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from benchmarks import floor_statements as statements

Answer = tuple[int, Any]
known: dict[str, Any] = orjson.loads(Path(os.environ["FLOOR_KNOWN"]).read_bytes())
words = known["words"]
for _caller in known["callers"].values():
    _caller |= {name: UUID(_caller[name]) for name in ("tenant", "person", "organization")}
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
    os.environ["FLOOR_DATABASE"],
    min_size=1,
    max_size=10,
    kwargs={"autocommit": True, "application_name": "skranke-floor", "prepare_threshold": 1},
    open=False,
)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    body = await _body(receive) if scope["method"] == "POST" else b""
    caller = next((value for name, value in scope["headers"] if name == b"x-caller"), b"")
    status, found = await _handler(scope)(scope, known["callers"].get(caller.decode(), {}), body)
    sent = orjson.dumps(found, option=orjson.OPT_UTC_Z)
    length = str(len(sent)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": sent})


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await pool.open(wait=True)
    gc.collect()
    gc.freeze()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _handler(scope: Any) -> Callable[[Any, Any, bytes], Awaitable[Answer]]:
    parts = scope["path"].split("/")
    if scope["path"] == "/v1/tickets":
        if scope["method"] == "POST":
            return create
        return search if scope["query_string"].startswith(b"q=") else listing
    if parts[-1] == "comments":
        return comment if scope["method"] == "POST" else conversation
    if parts[2] == "dashboards":
        return desk if parts[-1] == "desk" else dashboard
    return sign_in if parts[-1] == "sessions" else ticket


async def _rows(statement: str, values: Mapping[str, Any]) -> list[Any]:
    async with pool.connection() as connection:
        cursor = connection.cursor(binary=True)
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def listing(scope: Any, caller: Any, _body: bytes) -> Answer:
    """25 newest with a status filter."""
    asked = {**caller, "status": parse_qs(scope["query_string"].decode())["status"]}
    statement = statements.AGENTS_LIST if caller["agent"] else statements.CUSTOMERS_LIST
    return 200, _page(await _rows(statement, asked), agent=caller["agent"])


async def search(scope: Any, caller: Any, _body: bytes) -> Answer:
    """The newest 25 with a word."""
    asked = {**caller, "q": parse_qs(scope["query_string"].decode())["q"][0]}
    return 200, _page(await _rows(statements.SEARCH, asked), agent=True)


def _page(rows: list[Any], *, agent: bool) -> dict[str, Any]:
    cursor = None
    if len(rows) > 25:
        last = ["-created_at", "0" * 16, rows[24][14], str(rows[24][0])]
        cursor = base64.urlsafe_b64encode(orjson.dumps(last)).rstrip(b"=").decode()
    items = [_summary(row, agent=agent) for row in rows[:25]]
    return {"items": items, "next_cursor": cursor, "total": None}


def _summary(row: Any, *, agent: bool) -> dict[str, Any]:
    status = words["status_agent" if agent else "status_customer"][row[9]]
    shown = {
        "id": row[0],
        "number": f"CRM-{row[1]}",
        "subject": row[2],
        "organization": {"id": row[3], "name": row[4]},
        "requester": {"id": row[5], "name": row[6]},
        "assignee": {"id": row[7], "name": row[8]} if row[7] else None,
        "department": words["department"]["support"],
        "type": words["type"]["support"],
        "status": status["status"],
        "ball_with": status["ball_with"],
        "severity": words["severity"].get(row[10]),
        "priority": words["priority"].get(row[11]),
        "service": None,
        "entitlement": None,
        "sla": row[19],
        "due_at": row[20],
        "private": row[13],
        "created_at": row[14],
        "updated_at": row[15],
        "closed_at": row[16],
        "view": "agent" if agent else "customer",
    }
    if agent:
        shown["team"] = words["team"][row[12]]
        shown["channel"] = row[17]
        shown["billable"] = row[18]
        shown["external_ref"] = None
    return shown


async def ticket(scope: Any, caller: Any, _body: bytes) -> Answer:
    """One ticket."""
    agent = caller["agent"]
    asked = {**caller, "id": scope["path"].rsplit("/", 1)[1]}
    (row,) = await _rows(statements.AGENTS_TICKET if agent else statements.CUSTOMERS_TICKET, asked)
    actions = words["actions_agent" if agent else "actions_customer"][row[9]]
    shown = _summary(row, agent=agent)
    shown |= {
        "description": row[21],
        "description_html": row[22],
        "fields": row[23],
        "form": row[24],
        "billable": row[18],
        "service_level": None,
        "resolved_at": row[25],
        "allowed_actions": orjson.Fragment(actions.replace("{id}", asked["id"])),
    }
    if agent:
        shown["first_replied_at"] = row[26]
        shown["definition_version"] = row[27]
    return 200, shown


async def conversation(scope: Any, caller: Any, _body: bytes) -> Answer:
    """The newest 25 comments of a ticket."""
    asked = {**caller, "id": scope["path"].split("/")[3]}
    rows = await _rows(statements.CONVERSATION, asked)
    items = [_said(row, agent=caller["agent"]) for row in rows[:25]]
    return 200, {"items": items, "next_cursor": None, "total": None}


def _said(row: Any, *, agent: bool) -> dict[str, Any]:
    shown = {
        "id": row[0],
        "author": {"id": row[1], "name": row[2]},
        "author_side": row[3],
        "body": row[4],
        "body_html": row[5],
        "status_change": None,
        "attachments": [],
        "is_solution": row[6],
        "created_at": row[7],
        "edited_at": row[8],
        "view": "agent" if agent else "customer",
        "visibility": row[9],
    }
    if agent:
        shown["channel"] = row[10]
        shown["withdrawn_at"] = row[11]
    return shown


async def dashboard(_scope: Any, caller: Any, _body: bytes) -> Answer:
    """A customer's tickets in progress by status."""
    counted: dict[str, dict[str, int]] = {"organization": {}, "mine": {}}
    for which, status, tickets in await _rows(statements.DASHBOARD, caller):
        counted[which][status] = tickets
    return 200, {
        which: {
            **shown,
            "by_status": [
                {**one, "count": counted[which].get(one["key"], 0)} for one in shown["by_status"]
            ],
            "total": sum(counted[which].values()),
        }
        for which, shown in known["dashboard"].items()
    }


async def desk(_scope: Any, caller: Any, _body: bytes) -> Answer:
    """What waits at an agent's desk."""
    asked = {**caller, **known["days"]}
    ((total, *counted),) = await _rows(statements.DESK, asked)
    shown = known["desk"]
    tiles = [{**tile, "count": counted[n]} for n, tile in enumerate(shown["queues"])]
    since = [0, *counted[len(tiles) :], total]
    ages = [{**tile, "count": since[n + 1] - since[n]} for n, tile in enumerate(shown["ages"])]
    return 200, {
        "total": total,
        "href": shown["href"],
        "queues": tiles,
        "service_levels": [],
        "ages": ages,
    }


def _html(text: str) -> str:
    return f"<p>{text.replace('&', '&amp;').replace('<', '&lt;')}</p>\n"


async def create(_scope: Any, caller: Any, body: bytes) -> Answer:
    """Open a ticket: row, number, event and job in one statement."""
    sent = orjson.loads(body)
    now = datetime.now(UTC)
    made = {
        **caller,
        "id": uuid7(),
        "numbers": f'ticket_numbers."{caller["tenant"]}"',
        "event": uuid7(),
        "now": now,
        "subject": sent["subject"],
        "subject_key": sent["subject"].lower(),
        "description": sent["description"],
        "html": _html(sent["description"]),
    }
    ((number,),) = await _rows(statements.CREATE, made)
    actions = words["actions_opened"].replace("{id}", str(made["id"]))
    return 201, {
        **known["opened"],
        "id": made["id"],
        "number": f"CRM-{number}",
        "subject": made["subject"],
        "description": made["description"],
        "description_html": made["html"],
        "created_at": now,
        "updated_at": now,
        "allowed_actions": orjson.Fragment(actions),
    }


async def comment(scope: Any, caller: Any, body: bytes) -> Answer:
    """Write on a ticket: row, the ticket's moment, event and job in one statement."""
    text = orjson.loads(body)["body"]
    now = datetime.now(UTC)
    made = {
        **caller,
        "ticket": scope["path"].split("/")[3],
        "id": uuid7(),
        "event": uuid7(),
        "now": now,
        "body": text,
        "html": _html(text),
    }
    await _rows(statements.COMMENT, made)
    said = {"id": made["id"], "body": text, "body_html": made["html"], "created_at": now}
    return 201, {**known["said"], **said}


async def sign_in(_scope: Any, _caller: Any, body: bytes) -> Answer:
    """A session for an address and its password."""
    sent = orjson.loads(body)
    asked = {"tenant": known["callers"]["agent"]["tenant"], "email": sent["email"]}
    ((person, name, password_hash),) = await _rows(statements.CREDENTIAL, asked)
    await asyncio.to_thread(hasher.verify, password_hash, sent["password"])
    now = datetime.now(UTC)
    access, refresh = f"ska_{secrets.token_urlsafe(32)}", f"skf_{secrets.token_urlsafe(32)}"
    made = {
        **asked,
        "person": person,
        "session": uuid7(),
        "event": uuid7(),
        "access": hashlib.sha256(access.encode()).digest(),
        "refresh": hashlib.sha256(refresh.encode()).digest(),
        "now": now,
        "soon": now + timedelta(minutes=15),
        "later": now + timedelta(days=30),
    }
    await _rows(statements.SESSION, made)
    given = {"access_token": access, "refresh_token": refresh, "session_expires_at": made["later"]}
    return 201, {**known["signed_in"], "person": {"id": person, "name": name}, **given}
