"""PostgreSQL takes no writes, as a server that follows another, or one an operator has closed: what
is there is read, what would change it is refused, and it recovers by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.cluster import Addresses
from tests.desk import Desk
from tests.factories.tickets import answers, opened


@contextmanager
def closed_for_writing(addresses: Addresses, database: str) -> Iterator[None]:
    """The database takes no writes for the block."""
    for_it = sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(database))
    with psycopg.connect(addresses.superuser, autocommit=True) as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(for_it + sql.SQL("SET default_transaction_read_only = on"))
        connection.execute(end, [database])
        try:
            yield
        finally:
            connection.execute(for_it + sql.SQL("RESET default_transaction_read_only"))
            connection.execute(end, [database])


async def test_a_database_that_takes_no_writes_is_read_and_says_when_to_come_back(
    house: Desk, addresses: Addresses, fresh_database: str
) -> None:
    member = await house.client("member@acme.example")
    ticket = await opened(member)
    path = f"/v1/tickets/{ticket['id']}"
    key = {"Idempotency-Key": "while-closed"}
    with closed_for_writing(addresses, fresh_database):
        for readable in ("/v1/me", "/v1/tickets", path, f"{path}/history", "/v1/catalogue"):
            assert (await member.get(readable)).status_code == 200, readable
        refused = [
            await member.post("/v1/tickets", json=answers(), headers=key),
            await member.post(f"{path}/comments", json={"body": "Words."}),
            await member.post(
                "/v1/portals/crm-service/sessions",
                json={"email": "member2@acme.example", "password": "not the right one"},
            ),
        ]
        for answer in refused:
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
    assert (await member.get(path)).json()["updated_at"] == ticket["updated_at"]
    again = await member.post("/v1/tickets", json=answers(), headers=key)
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
