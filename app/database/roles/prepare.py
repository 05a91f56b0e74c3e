"""Making the roles, the database and its schemas, on any PostgreSQL 15 to 18."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from app.database.roles.names import APP, DATABASE, FINDER, OWNER, SIGN_IN_ROLES, WORKER

OLDEST_SERVER = 150000
_GRANT_OPTIONS_SINCE = 160000

# How long a role's statement, wait for a lock and idle transaction may last. The API answers
# people, so it gives up early; the worker may take its time; migrations set their own.
_LIMITS = {
    APP: {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "30s",
    },
    WORKER: {
        "statement_timeout": "2min",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    },
    OWNER: {},
}
_SEARCH_PATH = "public, queue"

# Run as the owner of the database. What tables grant is a default for tables yet to come, so that
# saying it again never undoes what a migration narrowed since.
_RIGHTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {app}, {worker};

CREATE SCHEMA IF NOT EXISTS wall;
GRANT USAGE ON SCHEMA wall TO {app}, {worker};
GRANT USAGE, CREATE ON SCHEMA wall TO {finder};

CREATE SCHEMA IF NOT EXISTS queue;
GRANT USAGE ON SCHEMA queue TO {app}, {worker};

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}, {worker};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}, {worker};
ALTER DEFAULT PRIVILEGES IN SCHEMA queue
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {worker};
ALTER DEFAULT PRIVILEGES IN SCHEMA queue GRANT USAGE, SELECT ON SEQUENCES TO {worker};
ALTER DEFAULT PRIVILEGES IN SCHEMA queue GRANT EXECUTE ON FUNCTIONS TO {worker};
"""
_RIGHTS_ON_PUBLIC = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public TO {app}, {worker}, {finder};
"""


class PrepareError(RuntimeError):
    """The server cannot be prepared; the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of the prepared database, one for each role that signs in."""

    app: str
    worker: str
    owner: str


def prepare(
    superuser_url: str, *, database: str = DATABASE, passwords: Mapping[str, str] | None = None
) -> Urls:
    """Make the roles, the database and its schemas, or bring them back to how they should be.

    `passwords` names the roles whose password is set (`SIGN_IN_ROLES`); others keep theirs. The
    superuser may also be one that has CREATEROLE and CREATEDB only. Raises `PrepareError`.
    """
    passwords = passwords or {}
    try:
        with psycopg.connect(superuser_url, autocommit=True) as server:
            if server.info.server_version < OLDEST_SERVER:
                version = server.info.parameter_status("server_version")
                raise PrepareError(f"PostgreSQL 15 to 18 is needed; this server is {version}.")
            _make_roles(server, passwords)
            _make_database(server, database)
        with psycopg.connect(superuser_url, dbname=database) as inside:
            _make_schemas(inside, database)
    except psycopg.Error as error:
        raise PrepareError(
            f"The database could not be prepared: {str(error).strip().splitlines()[0]}."
        ) from error
    return Urls(
        app=_url(superuser_url, database, APP, passwords),
        worker=_url(superuser_url, database, WORKER, passwords),
        owner=_url(superuser_url, database, OWNER, passwords),
    )


def _make_roles(server: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    kept = {name for (name,) in server.execute("SELECT rolname FROM pg_roles").fetchall()}
    for role in (*SIGN_IN_ROLES, FINDER):
        name = sql.Identifier(role)
        if role not in kept:
            server.execute(sql.SQL("CREATE ROLE {}").format(name))
        _bring_back(server, role, login=role != FINDER)
        if role in passwords:
            server.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(passwords[role]))
            )
    _let_owner_hand_over(server)


def _bring_back(server: psycopg.Connection, role: str, *, login: bool) -> None:
    """Give the role the attributes it should have; asks for nothing that already is so.

    The owner does not inherit: as a member of the finder it would else see through the wall."""
    wanted = {
        "LOGIN": login,
        "SUPERUSER": False,
        "BYPASSRLS": False,
        "CREATEDB": False,
        "CREATEROLE": False,
        "REPLICATION": False,
        "INHERIT": role != OWNER,
    }
    row = server.execute(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,"
        " rolinherit FROM pg_roles WHERE rolname = %s",
        [role],
    ).fetchone()
    for (attribute, value), found in zip(wanted.items(), row or (), strict=True):
        if value != found:
            server.execute(
                sql.SQL("ALTER ROLE {} {}").format(
                    sql.Identifier(role), sql.SQL(attribute if value else f"NO{attribute}")
                )
            )


def _let_owner_hand_over(server: psycopg.Connection) -> None:
    """Let migrations give definer functions to the finder, without holding the finder's rights."""
    options = (
        " WITH INHERIT FALSE, SET TRUE"
        if server.info.server_version >= _GRANT_OPTIONS_SINCE
        else ""
    )
    server.execute(
        sql.SQL("GRANT {} TO {}" + options).format(sql.Identifier(FINDER), sql.Identifier(OWNER))
    )


def _make_database(server: psycopg.Connection, database: str) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    if not _is_superuser(server):  # may only give a database to a role it can become
        server.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    row = server.execute(
        "SELECT pg_encoding_to_char(encoding), pg_get_userbyid(datdba) FROM pg_database"
        " WHERE datname = %s",
        [database],
    ).fetchone()
    if row is None:
        server.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                name, owner
            )
        )
        return
    encoding, found_owner = row
    if encoding != "UTF8":
        raise PrepareError(f"The database {database} is kept in {encoding}; it must be UTF8.")
    if found_owner != OWNER:
        server.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))


def _make_schemas(inside: psycopg.Connection, database: str) -> None:
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(OWNER),
        "app": sql.Identifier(APP),
        "worker": sql.Identifier(WORKER),
        "finder": sql.Identifier(FINDER),
    }
    for role, limits in _LIMITS.items():
        for setting, value in {**limits, "search_path": _SEARCH_PATH}.items():
            inside.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} TO {}").format(
                    sql.Identifier(role),
                    names["database"],
                    sql.Identifier(setting),
                    # A list of schemas is several values, not one text.
                    sql.SQL(", ").join(map(sql.Literal, value.split(", "))),
                )
            )
    inside.execute("SET ROLE pg_database_owner")
    inside.execute(sql.SQL(_RIGHTS_ON_PUBLIC).format(**names))
    inside.execute("RESET ROLE")
    inside.execute(sql.SQL("SET ROLE {}").format(names["owner"]))
    inside.execute(sql.SQL(_RIGHTS).format(**names))


def _is_superuser(server: psycopg.Connection) -> bool:
    row = server.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _url(superuser_url: str, database: str, role: str, passwords: Mapping[str, str]) -> str:
    """`superuser_url` with the role, its password and the database in place of the superuser's."""
    parts = {
        name: str(value)
        for name, value in conninfo_to_dict(superuser_url).items()
        if name not in {"user", "password", "dbname"} and value is not None
    }
    secret = f":{quote(passwords[role], safe='')}" if role in passwords else ""
    host = parts.pop("host", "")
    if host.startswith("/"):
        parts["host"], host = host, ""
    port = f":{parts.pop('port')}" if "port" in parts else ""
    rest = "&".join(f"{name}={quote(value, safe='/')}" for name, value in parts.items())
    return f"postgresql://{role}{secret}@{host}{port}/{quote(database, safe='')}" + (
        f"?{rest}" if rest else ""
    )
