"""A crowd of callers from three tenants, of whom half hang up in the middle of a request."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.served import Served

#: Portal → what opens a ticket there.
_NEW: dict[str, dict[str, str]] = {
    "crm-service": {"type": "support", "description": "In a crowd."},
    "extend": {"type": "question", "description": "In a crowd."},
    "skill": {"form": "sak", "service": "dynamics_365", "description": "In a crowd."},
}
_AT_ONCE = 16
_LONGEST_PATIENCE = 0.04
#: An access token lives ten minutes, a crowd on a busy machine longer.
_SIGN_IN_EVERY = 300.0


@dataclass(frozen=True, slots=True)
class Caller:
    """One person of one tenant."""

    portal: str
    token: str
    id: str


@dataclass
class Tally:
    """What a crowd was told."""

    answers: Counter[int] = field(default_factory=Counter)
    hung_up: int = 0
    #: Answers that belong to another tenant.
    wrong: list[str] = field(default_factory=list)
    #: Id → subject of each ticket that was acknowledged.
    opened: dict[str, str] = field(default_factory=dict)


def callers(served: Served) -> list[Caller]:
    """An administrator of a customer of each of the three tenants."""
    found = []
    for portal in _NEW:
        client = served.person(portal, "company-admin@acme.example")
        token = client.headers["Authorization"]
        found.append(Caller(portal, token, client.get("/v1/me").json()["id"]))
    return found


async def gather(served: Served, requests: int, seed: int) -> Tally:
    """Let the people make so many requests at random, some at once, and hang up on half of them."""
    chance, tally = random.Random(seed), Tally()
    turns, people, since = iter(range(requests)), callers(served), time.monotonic()

    async def call() -> None:
        nonlocal people, since
        for turn in turns:
            if time.monotonic() - since > _SIGN_IN_EVERY:
                since = time.monotonic()
                people = await asyncio.to_thread(callers, served)
            caller = chance.choice(people)
            request = _request(chance, caller, turn)
            if chance.random() < 0.5:
                await _hang_up(served, request, chance.uniform(0, _LONGEST_PATIENCE), chance)
                tally.hung_up += 1
            else:
                _judge(tally, caller, request, *await _ask(served, request))

    await asyncio.gather(*(call() for _ in range(_AT_ONCE)))
    return tally


def _request(chance: random.Random, caller: Caller, turn: int) -> bytes:
    what = chance.choice(("GET /v1/me", "GET /v1/tickets?limit=50", "POST /v1/tickets"))
    body = b""
    if what.startswith("POST"):
        body = json.dumps({**_NEW[caller.portal], "subject": f"{caller.portal} {turn}"}).encode()
    head = (
        f"{what} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {caller.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


async def _hang_up(served: Served, request: bytes, patience: float, chance: random.Random) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.settings.port)
    whole = chance.random() < 0.8
    writer.write(request if whole else request[: chance.randrange(1, len(request))])
    await asyncio.sleep(patience)
    writer.transport.abort()


async def _ask(served: Served, request: bytes) -> tuple[int, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.settings.port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), json.loads(body)


def _judge(tally: Tally, caller: Caller, request: bytes, status: int, told: Any) -> None:
    tally.answers[status] += 1
    if request.startswith(b"GET /v1/me"):
        if told.get("id") != caller.id:
            tally.wrong.append(f"{caller.portal} was told of {told}")
    elif request.startswith(b"GET /v1/tickets"):
        strange = [item for item in told["items"] if item["subject"].split()[0] != caller.portal]
        tally.wrong += [f"{caller.portal} was shown {item['subject']}" for item in strange]
    elif status == 201:
        tally.opened[told["id"]] = told["subject"]
        if told["requester"]["id"] != caller.id:
            tally.wrong.append(f"{caller.portal} opened {told['subject']}")
