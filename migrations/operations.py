"""DDL of the wall, in the words of a migration: `raise_wall`, `let`, `definer`.

The wall has two layers. A RESTRICTIVE policy keeps every row inside its tenant; permissive
policies then say who inside the tenant gets at it. What no policy allows does not exist.
"""

from alembic import op

SERVING = "skranke_app, skranke_worker"
FINDER = "skranke_finder"

# What is asked of the transaction is asked inside the brackets: a comparison outside of them
# PostgreSQL takes for something that next to no row gets through, and would rather sort a table
# than walk an index.
SYSTEM = "(SELECT wall.side() = 'system')"
AGENTS = "(SELECT wall.side() IN ('system', 'agent'))"
ME = "(SELECT wall.person())"
MY_ORGANIZATIONS = "((SELECT wall.organizations())::uuid[])"
CLOSED = "((SELECT wall.closed_departments())::text[])"


def _by_side(customers: str) -> str:
    """By the caller's side, which is asked once: the system everywhere; agents, but for closed
    departments; customers as said."""
    return (
        "CASE (SELECT wall.side()) WHEN 'system' THEN true"
        f" WHEN 'agent' THEN department <> ALL {CLOSED}"
        f" WHEN 'customer' THEN {customers} END"
    )


_OF_MY_ORGANIZATIONS = (
    f"(organization_id = ANY {MY_ORGANIZATIONS}"
    f" AND (requester_id = {ME} OR department <> ALL {CLOSED}))"
)
#: Who gets at a row of a ticket by his side and his organizations; customers in a closed
#: department only as the requester.
BY_PLACE = _by_side(_OF_MY_ORGANIZATIONS)


def of_ticket(ticket: str = "ticket_id") -> str:
    """Who gets at a row of a ticket: those of its place, and customers who take part in it."""
    return _by_side(f"{_OF_MY_ORGANIZATIONS} OR {ticket} IN (SELECT wall.my_tickets())")


def raise_wall(table: str, *, key: str = "tenant_id") -> None:
    """Keep every row of `table` inside its tenant, for everyone, the owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} AS RESTRICTIVE FOR ALL TO {SERVING}"
        f" USING ({key} = (SELECT wall.tenant())) WITH CHECK ({key} = (SELECT wall.tenant()))"
    )


def let(
    table: str,
    name: str,
    using: str,
    *,
    for_: str = "ALL",
    check: str | None = None,
    restrictive: bool = False,
    to: str = SERVING,
) -> None:
    """Allow (or, restrictive, allow only) what `using` and `check` say."""
    kind = "RESTRICTIVE" if restrictive else "PERMISSIVE"
    clauses = "" if for_ == "INSERT" else f" USING ({using})"
    if for_ in {"ALL", "INSERT", "UPDATE"}:
        clauses += f" WITH CHECK ({check or using})"
    op.execute(f"CREATE POLICY {name} ON {table} AS {kind} FOR {for_} TO {to}{clauses}")


def narrow(table: str, within: str = "organization_id = {organization}") -> None:
    """Keep whoever was let in for one organization alone (an API key may be) out of the rest of
    `table`. `within` says of a row that it is that organization's."""
    organization = "(SELECT wall.organization())"
    inside = within.format(organization=organization)
    everywhere = "(SELECT wall.side() = 'system' OR wall.organization() IS NULL)"
    let(table, "within_one_organization", f"{everywhere} OR {inside}", restrictive=True)


def let_find(table: str, *, update: bool = False) -> None:
    """Let the finder role's functions look into `table` across tenants."""
    op.execute(f"GRANT SELECT{', UPDATE' if update else ''} ON {table} TO {FINDER}")
    op.execute(f"CREATE POLICY finder ON {table} FOR ALL TO {FINDER} USING (true)")


def definer(signature: str, create: str, *, to: str = SERVING) -> None:
    """Make a function that looks across tenants. `signature` names it with its argument types."""
    op.execute(create)
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {to}")
    _hand_to_finder(signature)


def definer_trigger(signature: str, create: str, *triggers: str) -> None:
    """Make a function that looks across tenants when rows are written, and its triggers (what
    follows CREATE TRIGGER, up to EXECUTE). Nobody may call it otherwise."""
    op.execute(create)
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    for trigger in triggers:
        op.execute(f"CREATE TRIGGER {trigger} EXECUTE FUNCTION {signature}")
    _hand_to_finder(signature)


def _hand_to_finder(signature: str) -> None:
    op.execute(f"GRANT CREATE ON SCHEMA wall TO {FINDER}")
    op.execute(f"ALTER FUNCTION {signature} OWNER TO {FINDER}")
    op.execute(f"REVOKE CREATE ON SCHEMA wall FROM {FINDER}")
