"""The four roles hold the wall: each can do its work and nothing beside it."""

from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from app.database.embedded import EmbeddedPostgres
from app.database.roles import (
    APP,
    FINDER,
    OWNER,
    SIGN_IN_ROLES,
    WORKER,
    PrepareError,
    RoleWalksThrough,
    Urls,
    check_role,
    check_role_async,
    prepare,
)

pytestmark = pytest.mark.database

_TABLES = """
CREATE TABLE kept (id int PRIMARY KEY);
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON kept TO skranke_finder USING (true);
GRANT SELECT ON kept TO skranke_finder;
INSERT INTO kept VALUES (1), (2);
ALTER TABLE kept FORCE ROW LEVEL SECURITY;
CREATE TABLE queue.jobs (id bigserial PRIMARY KEY);
CREATE FUNCTION wall.count_kept() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = public AS 'SELECT count(*) FROM public.kept';
GRANT EXECUTE ON FUNCTION wall.count_kept() TO skranke_app;
ALTER FUNCTION wall.count_kept() OWNER TO skranke_finder;
CREATE FUNCTION wall.granted_to_nobody() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""


@pytest.fixture(scope="module")
def urls(running: EmbeddedPostgres) -> Urls:
    """A prepared database in which the owner made a walled table, a queue and two functions."""
    prepared = prepare(running.superuser_url(), passwords=running.passwords(*SIGN_IN_ROLES))
    with psycopg.connect(prepared.owner) as owner:
        owner.execute(_TABLES)
    return prepared


def answer(url: str, statement: LiteralString) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
        return row[0] if row else None


def test_the_owner_hands_a_function_to_the_finder_and_it_sees_through_the_wall(urls: Urls) -> None:
    assert answer(urls.app, "SELECT wall.count_kept()") == 2


def test_behind_a_forced_wall_nobody_else_sees_a_row_not_even_the_owner(urls: Urls) -> None:
    for url in (urls.app, urls.worker, urls.owner):
        assert answer(url, "SELECT count(*) FROM kept") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE kept",
        "DROP TABLE kept",
        "ALTER TABLE kept DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine ()",
        "CREATE TEMP TABLE mine ()",
        "CREATE SCHEMA mine",
        "SET ROLE skranke_finder",
        "SET ROLE skranke_owner",
        "SELECT wall.granted_to_nobody()",
    ],
)
@pytest.mark.parametrize("role", ["app", "worker"])
def test_who_serves_may_not_touch_the_wall(urls: Urls, role: str, statement: LiteralString) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        answer(getattr(urls, role), statement)


def test_the_queues_jobs_are_the_workers_and_hidden_from_the_api(urls: Urls) -> None:
    assert answer(urls.worker, "INSERT INTO jobs DEFAULT VALUES RETURNING id") == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        answer(urls.app, "SELECT count(*) FROM jobs")


def test_a_migration_may_replace_what_it_gave_to_the_finder(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as owner:
        owner.execute("DROP FUNCTION wall.count_kept()")
        owner.rollback()


def test_the_api_gives_up_sooner_than_the_worker(urls: Urls) -> None:
    assert answer(urls.app, "SHOW statement_timeout") == "15s"
    assert answer(urls.worker, "SHOW statement_timeout") == "2min"
    assert answer(urls.app, "SHOW idle_in_transaction_session_timeout") == "30s"
    assert answer(urls.app, "SHOW lock_timeout") == "5s"


def test_all_find_the_queue_without_naming_it(urls: Urls) -> None:
    for url in (urls.app, urls.worker, urls.owner):
        assert answer(url, "SHOW search_path") == "public, queue"


def test_preparing_again_changes_nothing_and_undoes_no_migration(
    running: EmbeddedPostgres, urls: Urls
) -> None:
    with psycopg.connect(urls.owner) as owner:
        owner.execute("CREATE TABLE events (id int)")
        owner.execute("REVOKE UPDATE, DELETE ON events FROM skranke_app")
    assert prepare(running.superuser_url(), passwords=running.passwords(*SIGN_IN_ROLES)) == urls
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        answer(urls.app, "DELETE FROM events")
    assert answer(urls.app, "SELECT count(*) FROM events") == 0


def test_a_role_that_was_given_too_much_is_brought_back(
    running: EmbeddedPostgres, urls: Urls
) -> None:
    with psycopg.connect(running.superuser_url(), autocommit=True) as superuser:
        superuser.execute("ALTER ROLE skranke_app SUPERUSER BYPASSRLS CREATEDB")
        superuser.execute("ALTER ROLE skranke_owner INHERIT")
    prepare(running.superuser_url())
    with psycopg.connect(urls.app) as connection:
        check_role(connection)
    assert answer(urls.owner, "SELECT count(*) FROM kept") == 0


def test_a_password_with_every_sort_of_character_reaches_both_libraries(
    running: EmbeddedPostgres, urls: Urls
) -> None:
    odd = prepare(running.superuser_url(), passwords={WORKER: "a b/@:%?#&é"})
    engine = create_engine(make_url(odd.worker).set(drivername="postgresql+psycopg"))
    try:
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_user")).scalar() == WORKER
        assert answer(odd.worker, "SELECT current_user") == WORKER
    finally:
        engine.dispose()
        prepare(running.superuser_url(), passwords=running.passwords(WORKER))


@pytest.mark.parametrize("role", ["app", "worker"])
async def test_the_roles_that_serve_may_serve(urls: Urls, role: str) -> None:
    async with await psycopg.AsyncConnection.connect(getattr(urls, role)) as connection:
        await check_role_async(connection)


def test_nothing_is_served_as_superuser_owner_or_friend_of_the_finder(
    running: EmbeddedPostgres, urls: Urls
) -> None:
    password = "for-this-test-only"
    with psycopg.connect(running.superuser_url(), autocommit=True) as superuser:
        superuser.execute("CREATE ROLE passing LOGIN BYPASSRLS PASSWORD 'for-this-test-only'")
        superuser.execute("CREATE ROLE friend LOGIN PASSWORD 'for-this-test-only'")
        superuser.execute("GRANT skranke_finder TO friend")
        superuser.execute("GRANT CONNECT ON DATABASE skranke TO passing, friend")
    app_password = running.passwords(APP)[APP]

    def as_role(name: str) -> str:
        return urls.app.replace(f"{APP}:{app_password}", f"{name}:{password}")

    cases = {
        running.superuser_url("skranke"): "is a superuser",
        as_role("passing"): "has BYPASSRLS",
        urls.owner: "owns the database",
        as_role("friend"): f"is a member of {FINDER}",
    }
    for url, reason in cases.items():
        with psycopg.connect(url) as connection, pytest.raises(RoleWalksThrough, match=reason):
            check_role(connection)


def test_set_role_does_not_hide_who_signed_in(running: EmbeddedPostgres, urls: Urls) -> None:
    with psycopg.connect(running.superuser_url("skranke")) as connection:
        connection.execute("SET ROLE skranke_app")
        with pytest.raises(RoleWalksThrough, match="is a superuser"):
            check_role(connection)


def test_an_administrator_who_is_no_superuser_can_prepare(running: EmbeddedPostgres) -> None:
    with psycopg.connect(running.superuser_url(), autocommit=True) as superuser:
        for role in (*SIGN_IN_ROLES, FINDER):
            superuser.execute(f"ALTER ROLE {role} RENAME TO set_aside_{role}")
        superuser.execute("CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD 'admin'")
    try:
        password = running.passwords("postgres")["postgres"]
        admin = running.superuser_url().replace(f"postgres:{password}", "admin:admin")
        passwords = running.passwords(*SIGN_IN_ROLES)
        prepare(admin, database="managed", passwords=passwords)
        managed = prepare(admin, database="managed", passwords=passwords)
        with psycopg.connect(managed.owner) as owner:
            owner.execute(_TABLES)
        assert answer(managed.app, "SELECT wall.count_kept()") == 2
        assert answer(managed.owner, "SELECT count(*) FROM kept") == 0
    finally:
        with psycopg.connect(running.superuser_url(), autocommit=True) as superuser:
            superuser.execute("DROP DATABASE managed")
            for role in (OWNER, APP, WORKER, FINDER):
                superuser.execute(f"DROP ROLE {role}")
                superuser.execute(f"ALTER ROLE set_aside_{role} RENAME TO {role}")
        prepare(running.superuser_url(), passwords=running.passwords(*SIGN_IN_ROLES))


def test_a_database_in_another_encoding_is_refused(running: EmbeddedPostgres, urls: Urls) -> None:
    with psycopg.connect(running.superuser_url(), autocommit=True) as superuser:
        superuser.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
            + (
                " LOCALE_PROVIDER libc"
                if superuser.info.server_version >= 170000  # where ours is the built-in one
                else ""
            )
        )
    with pytest.raises(PrepareError, match="is kept in LATIN1"):
        prepare(running.superuser_url(), database="latin")


def test_a_server_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(PrepareError) as refusal:
        prepare("postgresql://postgres@127.0.0.1:1/postgres?connect_timeout=2")
    assert "\n" not in str(refusal.value)
    assert "127.0.0.1" in str(refusal.value)
