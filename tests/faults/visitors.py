"""Visitors who read and write all the time over connections they keep, and forgive nothing:
whatever is not done at the first try they remember."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

_AT_ONCE = 4


@dataclass
class Told:
    """What visitors were told."""

    pause: float
    requests: int = 0
    failed: list[str] = field(default_factory=list)
    #: Id → subject of each ticket that was acknowledged.
    opened: dict[str, str] = field(default_factory=dict)
    #: Id of each comment that was acknowledged → its ticket.
    said: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def about(base: str, token: str, *, pause: float = 0.02) -> AsyncIterator[Told]:
    """Some visitors are about for the block, who rest for `pause` seconds after each request:
    whoever starts meanwhile needs a core, too."""
    told, over = Told(pause), asyncio.Event()
    client = httpx2.AsyncClient(base_url=base, headers={"Authorization": token}, timeout=30)
    async with client:
        tasks = [asyncio.create_task(_visit(client, told, over, n)) for n in range(_AT_ONCE)]
        try:
            yield told
        finally:
            over.set()
            await asyncio.gather(*tasks)


async def wait_for_news(base: str, token: str, told: Told) -> None:
    """Somebody of a quiet portal asks for changes, ready to wait for each, until cancelled."""
    client = httpx2.AsyncClient(base_url=base, headers={"Authorization": token}, timeout=60)
    async with client:
        path = "/v1/changes?limit=100"
        while True:
            found = await _ask(client, told, "GET", path)
            if found is not None:
                path = f"/v1/changes?limit=100&wait=20&cursor={found['next']}"


async def _visit(client: httpx2.AsyncClient, told: Told, over: asyncio.Event, number: int) -> None:
    turn = 0
    while not over.is_set():
        turn += 1
        subject = f"Visit {number}-{turn}"
        new = {"type": "support", "subject": subject, "description": "While it is exchanged."}
        opened = await _ask(client, told, "POST", "/v1/tickets", new)
        if opened is None:
            continue
        ticket = str(opened["id"])
        told.opened[ticket] = subject
        await _ask(client, told, "GET", f"/v1/tickets/{ticket}")
        await _ask(client, told, "GET", "/v1/tickets?limit=10")
        comment = await _ask(
            client, told, "POST", f"/v1/tickets/{ticket}/comments", {"body": subject}
        )
        if comment is not None:
            told.said[str(comment["id"])] = ticket


async def _ask(
    client: httpx2.AsyncClient, told: Told, method: str, path: str, body: object = None
) -> dict[str, object] | None:
    told.requests += 1
    await asyncio.sleep(told.pause)
    try:
        answer = await client.request(method, path, json=body)
    except httpx2.TransportError as error:
        told.failed.append(f"{method} {path}: {error!r}")
        return None
    if not answer.is_success:
        told.failed.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return None
    found: dict[str, object] = answer.json()
    return found
