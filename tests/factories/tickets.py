"""Tickets over HTTP, as tests open, read and move them."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from httpx2 import AsyncClient, Response
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from app.kernel.ids import new_id
from tests.desk import Desk

Shown = dict[str, Any]
#: Far from those the desk gives out.
_numbers = count(500_000)
_BUG = {
    "type": "bug",
    "subject": "Totals are wrong",
    "description": "By one.",
    "severity": "sev3",
}


def answers(**more: Any) -> Shown:
    """What a new ticket of CRM-service needs, and `more` (S3-11); `...` leaves one out."""
    told = {**_BUG, **more}
    return {key: value for key, value in told.items() if value is not ...}


async def opened(client: AsyncClient, **more: Any) -> Shown:
    """A new ticket of whoever `client` is."""
    answer = await client.post("/v1/tickets", json=answers(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def shown(client: AsyncClient, ticket: Shown) -> Shown:
    """A ticket as `client` sees it now."""
    answer = await client.get(f"/v1/tickets/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def changed(client: AsyncClient, ticket: Shown, **changes: Any) -> Response:
    """The answer to a change of the ticket as it is now."""
    return await client.patch(
        f"/v1/tickets/{ticket['id']}", json=changes, headers={"If-Match": "*"}
    )


async def commented(client: AsyncClient, ticket: Shown, body: str = "Words.", **more: Any) -> Shown:
    """A new comment."""
    answer = await said(client, ticket, body, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def said(client: AsyncClient, ticket: Shown, body: str = "Words.", **more: Any) -> Response:
    """The answer to a comment."""
    path = f"/v1/tickets/{ticket['id']}/comments"
    return await client.post(path, json={"body": body, **more})


async def moved(client: AsyncClient, ticket: Shown, transition: str, **more: Any) -> Response:
    """The answer to a transition."""
    path = f"/v1/tickets/{ticket['id']}/transitions"
    return await client.post(path, json={"transition": transition, **more})


async def history(client: AsyncClient, ticket: Shown) -> list[Shown]:
    """What `client` is told of a ticket's history, oldest first."""
    path = f"/v1/tickets/{ticket['id']}/history?sort=occurred_at&limit=100"
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


async def person_of(desk: Desk, address: str, portal: str = "crm-service") -> Shown:
    """Who somebody is."""
    client = await desk.client(address, portal)
    return (await client.get("/v1/me")).json()  # type: ignore[no-any-return]


def codes(answer: Response) -> tuple[int, str, list[tuple[str, str]]]:
    """A refusal: its status, its code, and where it lies with what code."""
    told = answer.json()
    places = [
        (fault.get("pointer", fault.get("parameter", "")), fault["code"])
        for fault in told.get("errors", ())
    ]
    return answer.status_code, told["code"], places


_CLONE = (
    "INSERT INTO tickets SELECT new.* FROM tickets t, LATERAL jsonb_populate_record(t, %s) new"
    " WHERE t.id = %s"
)


async def cloned(
    superuser: AsyncConnection[Any], like: Shown, rows: Iterable[Mapping[str, Any]]
) -> list[str]:
    """Tickets written straight into the database: as `like`, but for the columns given. Answers
    their ids."""
    ids = []
    async with superuser.cursor() as cursor:
        for row in rows:
            ids.append(str(new_id()))
            columns = {"id": ids[-1], "number": next(_numbers), **row}
            await cursor.execute(_CLONE, [Jsonb(columns), like["id"]])
    return ids
