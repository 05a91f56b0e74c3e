"""What the catalogue of a database must say for the wall to hold, as checks that complain.

Each check reads `pg_catalog` and yields one sentence for each thing wrong, which names it. The same
checks look at the real database and at scratch copies with planted faults. What is allowed beside
the rule stands in `exceptions.py`, with its reason.
"""

from collections.abc import Callable, Iterator

import psycopg

from tests.database import exceptions, rights
from tests.database.rights import SERVING, rows

Check = Callable[[psycopg.Connection], Iterator[str]]

#: What the wall asks of a row of a ticket.
PLACE = ("organization_id", "department", "requester_id")


def complaints(connection: psycopg.Connection) -> list[str]:
    """Everything that is wrong with the database, as sentences."""
    return [told for check in CHECKS for told in check(connection)]


def tables(connection: psycopg.Connection) -> dict[str, bool]:
    """The tables of ours, with their schema where it is not `public`, and whether each carries
    `tenant_id`."""
    found = rows(
        connection,
        "SELECT n.nspname, c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
        "   AND a.attname = 'tenant_id' AND NOT a.attisdropped)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2",
    )
    return {
        name if schema == "public" else f"{schema}.{name}": walled for schema, name, walled in found
    }


def tables_carry_their_tenant(connection: psycopg.Connection) -> Iterator[str]:
    for name, walled in tables(connection).items():
        if name.startswith("queue.") and not walled:
            continue
        if name in exceptions.WITHOUT_TENANT or (walled and "." not in name):
            continue
        yield f"table {name} carries no tenant_id, and no reason is named"


def tables_are_walled(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,"
        "   (SELECT array_agg(r.rolname::text ORDER BY r.rolname) FROM pg_policy p"
        "     JOIN pg_roles r ON r.oid = ANY (p.polroles)"
        "    WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd = '*'"
        "      AND pg_get_expr(p.polqual, c.oid) = w.said"
        "      AND pg_get_expr(p.polwithcheck, c.oid) = w.said)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " CROSS JOIN LATERAL (SELECT CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END"
        "   AS key) k"
        " CROSS JOIN LATERAL (SELECT '(' || k.key || ' = ( SELECT wall.tenant() AS tenant))'"
        "   AS said) w"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND EXISTS ("
        "   SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname ="
        "     CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END)"
        " ORDER BY 1",
    )
    for name, enabled, forced, kept_in in found:
        if not enabled:
            yield f"table {name} is not behind row-level security"
        if not forced:
            yield f"table {name} lets its owner through: row-level security is not forced"
        if kept_in != [*SERVING]:
            yield f"table {name} has no policy that keeps every row inside its tenant"


def policies_are_for_whom_we_know(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT c.relname, p.polname, p.polpermissive, p.polcmd,"
        "   coalesce((SELECT array_agg(r.rolname::text ORDER BY r.rolname) FROM pg_roles r"
        "     WHERE r.oid = ANY (p.polroles)), '{}'),"
        "   pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)"
        " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1, 2",
    )
    for table, policy, permissive, command, roles, using, check in found:
        if roles == ["skranke_finder"]:
            if table not in exceptions.FOUND_IN:
                yield f"policy {policy} lets the finder into {table}, which is not on its list"
        elif roles != [*SERVING]:
            yield f"policy {policy} of {table} is for {', '.join(roles) or 'everybody'}"
        elif permissive and "true" in (using, check) and table not in exceptions.OPEN_IN_TENANT:
            doing = {"r": "reads", "*": "does what he likes with"}.get(command, "writes")
            yield f"policy {policy}: everybody in a tenant {doing} {table}, and no reason is named"


def keys_of_one_organization_stay_in_it(connection: psycopg.Connection) -> Iterator[str]:
    """An agent's API key may be let in for one organization; the wall then holds it there."""
    found = rows(
        connection,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND NOT EXISTS ("
        "   SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive"
        "   AND p.polname = 'within_one_organization' AND p.polcmd = '*')"
        " ORDER BY 1",
    )
    for (table,) in found:
        if table not in exceptions.NOT_OF_ONE_ORGANIZATION:
            yield f"table {table} has organization_id and shows keys of one organization the others"


def foreign_keys_carry_the_tenant(connection: psycopg.Connection) -> Iterator[str]:
    walled = {name for name, has in tables(connection).items() if has} | {"tenants"}
    found = rows(
        connection,
        "SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,"
        "   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, o)"
        "     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.o),"
        "   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, o)"
        "     JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.o),"
        "   k.confdeltype, k.confdelsetcols,"
        "   ARRAY(SELECT a.attname::text FROM unnest(k.confdelsetcols) u(n)"
        "     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n)"
        " FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY 1",
    )
    for name, table, target, columns, targets, on_delete, cleared, clears in found:
        if target not in walled and table not in walled:
            continue
        key = "id" if target == "tenants" else "tenant_id"
        if ("tenant_id", key) not in zip(columns, targets, strict=True):
            yield f"foreign key {name} of {table} to {target} does not carry the tenant"
        if on_delete in {"n", "d"} and (not cleared or "tenant_id" in clears):
            yield f"foreign key {name} of {table} clears the tenant: name the columns it sets"


def unique_keys_begin_with_the_tenant(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT i.relname, c.relname, a.attname FROM pg_index x"
        " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]"
        " WHERE (x.indisunique OR x.indisexclusion) AND n.nspname = 'public' ORDER BY 1",
    )
    for index, table, first in found:
        if first != "tenant_id" and index not in exceptions.UNIQUE_IN_THE_INSTALLATION:
            yield f"unique index {index} of {table} does not begin with the tenant"


def rows_of_tickets_know_their_place(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT c.relname, array_agg(a.attname::text), EXISTS (SELECT FROM pg_constraint k"
        "   WHERE k.conrelid = c.oid AND k.confrelid = 'tickets'::regclass"
        "     AND k.contype = 'f' AND k.confupdtype = 'c' AND cardinality(k.conkey) = 5)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' GROUP BY c.oid, c.relname"
        " HAVING 'ticket_id' = ANY (array_agg(a.attname)) ORDER BY 1",
    )
    for name, columns, follows in found:
        if name in exceptions.OF_TICKETS_BUT_WITHOUT_PLACE:
            continue
        if missing := [column for column in PLACE if column not in columns]:
            yield f"table {name} belongs to tickets and lacks {', '.join(missing)}"
        elif not follows and name not in exceptions.PLACE_NOT_HELD:
            yield f"table {name} may say another place than its ticket: no foreign key holds it"


def columns_are_of_leakproof_types(connection: psycopg.Connection) -> Iterator[str]:
    found = rows(
        connection,
        "SELECT c.relname, a.attname, t.typname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' AND t.typtype = 'e' ORDER BY 1, 2",
    )
    for table, column, kind in found:
        yield f"column {table}.{column} is of enum {kind}: behind the wall no index serves it"


CHECKS: tuple[Check, ...] = (
    tables_carry_their_tenant,
    tables_are_walled,
    policies_are_for_whom_we_know,
    keys_of_one_organization_stay_in_it,
    foreign_keys_carry_the_tenant,
    unique_keys_begin_with_the_tenant,
    rows_of_tickets_know_their_place,
    columns_are_of_leakproof_types,
    rights.definer_functions_are_known,
    rights.views_see_as_their_reader,
    rights.serving_roles_only_serve,
    rights.rights_on_tables_are_no_wider,
)
