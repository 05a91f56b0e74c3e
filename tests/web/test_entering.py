"""Who calls is found by keys, however many others have signed in since a connection was opened."""

import psycopg

from app.kernel import clock
from app.kernel.secrets import fingerprint
from tests.desk import Desk

_READ_FROM_END_TO_END = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0"


async def test_whoever_calls_is_found_without_reading_a_table_from_end_to_end(
    desk: Desk, superuser: psycopg.AsyncConnection
) -> None:
    for address in ("member@acme.example", "agent@crm.example"):
        client = await desk.client(address)
        token = client.headers["Authorization"].removeprefix("Bearer ")
        # So few that PostgreSQL would rather read them all.
        await superuser.execute("VACUUM (ANALYZE) sessions, session_tokens, people, credentials")
        async with superuser.transaction():
            found = await superuser.execute(
                "SELECT wall.enter('access', %s, %s)", [fingerprint(token), clock.now()]
            )
            assert await found.fetchone() != (None,)
            read = await (await superuser.execute(_READ_FROM_END_TO_END)).fetchall()
            assert read == [], address
