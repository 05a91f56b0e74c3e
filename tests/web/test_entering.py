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


_MANY_MORE = """
    INSERT INTO session_tokens
    SELECT (jsonb_populate_record(t, jsonb_build_object(
        'fingerprint', '\\x' || encode(sha256(('more ' || number)::bytea), 'hex')))).*
      FROM session_tokens t, generate_series(1, 3000) AS number WHERE t.fingerprint = %s
"""
_FEW_AGAIN = """
    DELETE FROM session_tokens WHERE fingerprint IN
        (SELECT sha256(('more ' || number)::bytea) FROM generate_series(1, 3000) AS number)
"""
_WALKED = """
    SELECT sum(idx_tup_fetch) FROM pg_stat_xact_user_tables
     WHERE relname IN ('sessions', 'session_tokens', 'people', 'tenants')
"""


async def test_a_plan_from_when_there_were_few_sessions_walks_no_more_of_them_when_there_are_many(
    desk: Desk, superuser: psycopg.AsyncConnection
) -> None:
    client = await desk.client("agent@crm.example")
    mark = fingerprint(client.headers["Authorization"].removeprefix("Bearer "))
    await superuser.execute("VACUUM (ANALYZE) sessions, session_tokens")
    await superuser.execute("SET plan_cache_mode = force_generic_plan")
    enter = "SELECT wall.enter('access', %s, %s)"
    await superuser.execute(enter, [mark, clock.now()])
    await superuser.execute(_MANY_MORE, [mark])
    try:
        async with superuser.transaction():
            await superuser.execute(enter, [mark, clock.now()])
            ((walked,),) = await (await superuser.execute(_WALKED)).fetchall()
    finally:
        await superuser.execute(_FEW_AGAIN)
    assert walked < 20
