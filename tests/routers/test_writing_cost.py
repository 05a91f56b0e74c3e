"""What it asks of the database to open a ticket and to write on one: few statements, each the
driver's own, as nothing is done more often."""

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient

from tests.desk import Desk
from tests.factories.tickets import answers, opened


async def test_opening_takes_three_statements(desk: Desk, asked: list[str]) -> None:
    customer = await desk.client("member@acme.example")
    for warm in (False, True):
        asked.clear()
        shown = (await customer.post("/v1/tickets", json=answers())).json()
        if warm:  # who calls; the ticket with its number; what happened with its job
            assert len(asked) == 3, asked
        again = (await customer.get(f"/v1/tickets/{shown['id']}")).json()
        assert shown == again


async def test_a_key_adds_three(desk: Desk, asked: list[str]) -> None:
    customer = await desk.client("member@acme.example")
    await opened(customer)
    asked.clear()
    key = {"Idempotency-Key": str(uuid4())}
    first = await customer.post("/v1/tickets", json=answers(), headers=key)
    assert len(asked) == 6, asked  # the key's lock, its record, and the record of this answer
    again = await customer.post("/v1/tickets", json=answers(), headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content


@pytest.mark.parametrize(
    ("email", "visibility", "most"),
    [
        ("agent@crm.example", "public", 5),
        ("agent@crm.example", "internal", 4),
        ("member@acme.example", "public", 5),
    ],
)
async def test_a_comment_takes_five_statements(
    desk: Desk, asked: list[str], email: str, visibility: str, most: int
) -> None:
    ticket = await opened(await desk.client("member@acme.example"))
    writer = await desk.client(email)
    path = f"/v1/tickets/{ticket['id']}/comments"
    said: dict[str, Any] = {"body": "A *word*", "visibility": visibility}
    await _said(writer, path, said)  # the first public one may move the ticket
    asked.clear()
    shown = await _said(writer, path, said)
    # Who calls; the ticket, locked; the comment; what happened; what waits for a word.
    assert len(asked) <= most, asked
    again = (await writer.get(f"{path}/{shown['id']}")).json()
    assert shown == again


async def _said(writer: AsyncClient, path: str, said: dict[str, Any]) -> dict[str, Any]:
    answer = await writer.post(path, json=said)
    assert answer.status_code == 201
    shown: dict[str, Any] = answer.json()
    return shown
