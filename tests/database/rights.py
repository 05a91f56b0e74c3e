"""What the catalogue says of rights: who runs as whom, who owns what, who may do what to what.

Part of `catalogue.py`, which says what a check is.
"""

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

import psycopg

from tests.database import exceptions

SERVING = ("skranke_app", "skranke_worker")


def rows(
    connection: psycopg.Connection, statement: LiteralString, values: Sequence[Any] = ()
) -> list[Any]:
    return connection.execute(statement, values).fetchall()


def definer_functions_are_known(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner)::text,"
        "   coalesce((SELECT set FROM unnest(p.proconfig) set"
        "     WHERE starts_with(set, 'search_path=')), ''),"
        "   ARRAY(SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC'"
        "       ELSE pg_get_userbyid(x.grantee)::text END"
        "     FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x"
        "    WHERE x.grantee <> p.proowner ORDER BY 1)"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname !~ '^(pg_|information_schema)'"
        " ORDER BY 1",
    )
    for signature, owner, configured, callers in found:
        known = exceptions.DEFINERS.get(signature)
        if known is None:
            yield f"function {signature} runs as {owner} and is not on the list"
            continue
        if not configured.endswith(", pg_temp"):
            yield f"function {signature} has no fixed search_path that ends with pg_temp"
        if owner != known.owner:
            yield f"function {signature} runs as {owner}, not as {known.owner}"
        if callers != sorted(known.callers):
            yield f"function {signature} may be called by {', '.join(callers) or 'nobody'}"
    for signature in exceptions.DEFINERS.keys() - {row[0] for row in found}:
        yield f"function {signature} is on the list of definers and is none"


def views_see_as_their_reader(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT c.relname, c.relkind, coalesce(c.reloptions, '{}') FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema)'"
        " ORDER BY 1",
    )
    for name, kind, options in found:
        if kind != "v":
            yield f"{name} is a materialized view or a foreign table: no wall stands before it"
        elif not {"security_invoker=true", "security_invoker=on"} & set(options):
            yield f"view {name} shows what its owner sees: it lacks security_invoker"


def serving_roles_only_serve(connection: psycopg.Connection) -> Iterator[str]:
    for role in SERVING:
        owned = rows(
            connection,
            "SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_shdepend d"
            " WHERE d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass"
            "   AND d.refobjid = %s::regrole"
            "   AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [role],
        )
        for (thing,) in owned:
            yield f"{role} owns {thing}"
        member_of = rows(
            connection,
            "SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = %s::regrole",
            [role],
        )
        for (other,) in member_of:
            yield f"{role} is a member of {other}"
        for (attribute,) in rows(
            connection,
            "SELECT unnest(array_remove(ARRAY[CASE WHEN rolsuper THEN 'is a superuser' END,"
            " CASE WHEN rolbypassrls THEN 'has BYPASSRLS' END,"
            " CASE WHEN has_database_privilege(oid, current_database(), 'CREATE, TEMP')"
            "   THEN 'may make schemas or temporary tables' END], NULL))"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        ):
            yield f"{role} {attribute}"
        for (schema,) in rows(
            connection,
            "SELECT n.nspname FROM pg_namespace n WHERE n.nspname !~ '^(pg_|information_schema)'"
            " AND has_schema_privilege(%s, n.oid, 'CREATE')",
            [role],
        ):
            yield f"{role} may create things in schema {schema}"


def rights_on_tables_are_no_wider(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT n.nspname, c.relname, c.relkind,"
        "   CASE x.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(x.grantee)::text END,"
        "   x.privilege_type FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " CROSS JOIN LATERAL aclexplode(c.relacl) x"
        " WHERE x.grantee <> c.relowner AND n.nspname !~ '^(pg_|information_schema)'"
        " ORDER BY 1, 2, 4, 5",
    )
    for schema, name, kind, who, right in found:
        if right not in _rights_of(who, schema, name, kind):
            yield f"{who} may {right} {'sequence ' if kind == 'S' else ''}{schema}.{name}"


def _rights_of(who: str, schema: str, name: str, kind: str) -> Sequence[str]:
    """What a role may do with a table or a sequence, at most."""
    if who == "skranke_finder":
        return exceptions.FOUND_IN.get(name, ())
    if who not in SERVING:
        return ()
    if schema == "queue":  # it shows every tenant's jobs
        return (*exceptions.ALL_RIGHTS, "USAGE") if who == "skranke_worker" else ()
    if kind == "S":  # how far it is tells what other tenants do
        return ()
    return exceptions.RIGHTS.get(name, exceptions.ALL_RIGHTS)
