"""How many rows PostgreSQL walks to answer what people ask most, in a tenant of 200,000 tickets.

The product's own queries, as the app role behind the wall, in a PostgreSQL of its own.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor
from app.database.session import Database
from app.database.tenancy import AsSystem, ByToken, stand_behind
from app.domain.comments.queries import comments_of
from app.domain.dashboards.queries import desk_of, own_tally, required_organization_tally
from app.domain.people.queries import person_by_email
from app.domain.sign_in.tokens import Origin, start_session
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.lists import tickets_counted, tickets_visible_to
from app.domain.tickets.queries import ticket_for
from app.journal.history import history_of
from app.kernel import clock
from app.kernel.secrets import fingerprint
from benchmarks.texts import EVERYWHERE, NOTED, OFTEN, SOMETIMES, fill_words, rare_word
from tests import cluster
from tests.cluster import Addresses, Cluster

_PORTAL = "crm-service"
_ORGANIZATIONS = 2000
#: Every fortieth of the newest is of a small organization, so that there is one to ask for.
_FEWEST = 40
#: The number of one of its tickets.
_OWN = 100_040
PEOPLE = {
    "customer of a small organization": "company-admin@acme.example",
    "agent": "agent@crm.example",
}


@dataclass(frozen=True, slots=True)
class Walk:
    """What an answer cost: statements, rows walked, rows answered, milliseconds in PostgreSQL."""

    who: str
    what: str
    statements: int
    walked: int
    answered: int
    milliseconds: float


def fill(addresses: Addresses, name: str, tickets: int) -> UUID:
    """Many organizations and tickets beside those of the demo people; answers the tenant."""
    with psycopg.connect(addresses.of("superuser", name), autocommit=True) as connection:
        tenant = _one(connection, "SELECT id FROM tenants WHERE slug = %s", _PORTAL)
        version = _one(connection, "SELECT definition_version FROM tenants WHERE id = %s", tenant)
        acme = _one(
            connection,
            "SELECT id FROM organizations WHERE tenant_id = %s ORDER BY name LIMIT 1",
            tenant,
        )
        member, admin, agent = (
            _one(
                connection,
                "SELECT person_id FROM contact_details WHERE tenant_id = %s AND email = %s",
                tenant,
                address,
            )
            for address in ("member@acme.example", *PEOPLE.values())
        )
        connection.execute(
            """
            INSERT INTO organizations
                (tenant_id, id, version, name, sort_name, state, created_at, updated_at)
            SELECT %(tenant)s, gen_random_uuid(), 1, 'Company ' || n, 'company ' || n, 'active',
                   now(), now()
              FROM generate_series(1, %(many)s) n
            """,
            {"tenant": tenant, "many": _ORGANIZATIONS},
        )
        # Made by the hundred thousand: no trigger looks at each.
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            """
            INSERT INTO tickets (tenant_id, id, version, number, organization_id, requester_id,
                assignee_id, department, department_rank, team, team_rank, subject, subject_key,
                description, description_html, type, type_rank, status, status_rank,
                status_category, severity, severity_rank, priority, priority_rank, fields,
                channel, private, billable,
                definition_version, created_at, updated_at, closed_at, sla, due_at)
            SELECT %(tenant)s, gen_random_uuid(), 1, 100000 + n,
                   CASE WHEN n %% 40 = 0 AND n <= 2000 THEN %(acme)s ELSE o.id END,
                   CASE WHEN n %% 80 = 0 AND n <= 2000 THEN %(admin)s ELSE %(member)s END,
                   CASE WHEN n %% 400 = 0 THEN %(agent)s END,
                   'support', 0, 'crm-team', 0, 'Ticket number ' || n, 'ticket number ' || n,
                   'Something about it', '<p>Something about it</p>', 'support', 0,
                   CASE WHEN n %% 10 = 0 THEN 'in_progress' ELSE 'closed' END,
                   CASE WHEN n %% 10 = 0 THEN 1 ELSE 6 END,
                   CASE WHEN n %% 10 = 0 THEN 'open' ELSE 'closed' END, 'sev10', 9,
                   'normal', 1, '{}', 'portal', false, false, %(version)s,
                   now() - make_interval(mins => n), now() - make_interval(mins => n),
                   CASE WHEN n %% 10 = 0 THEN NULL ELSE now() END,
                   CASE WHEN n %% 10 > 0 THEN 'met' WHEN n %% 1000 = 0 THEN 'breached'
                        WHEN n %% 1000 = 10 THEN 'warned' WHEN n %% 50 = 0 THEN 'paused'
                        ELSE 'running' END,
                   CASE WHEN n %% 10 = 0 AND (n %% 50 > 0 OR n %% 1000 = 0)
                        THEN now() + make_interval(mins => n - 1000) END
              FROM generate_series(1, %(tickets)s) n
              JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM organizations
                     WHERE tenant_id = %(tenant)s AND id <> %(acme)s) o
                ON o.place = 1 + n %% %(many)s
            """,
            {
                "tenant": tenant,
                "acme": acme,
                "member": member,
                "admin": admin,
                "agent": agent,
                "version": version,
                "tickets": tickets,
                "many": _ORGANIZATIONS,
            },
        )
        fill_words(connection, UUID(str(tenant)))
        connection.execute("VACUUM ANALYZE")
        return UUID(str(tenant))


def _one(connection: psycopg.Connection, statement: str, *values: Any) -> Any:
    row = connection.execute(statement, values).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


async def measure(
    database: Database, token: str, who: str, what: str, ask: Callable[..., Awaitable[int]]
) -> Walk:
    """Answer a question as whoever holds `token`, and explain every statement it took."""
    said: list[tuple[str, Any]] = []

    def listen(
        _connection: Connection, _cursor: Any, statement: str, values: Any, *_more: Any
    ) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            said.append((statement, values))

    async with database.session() as session:
        stand_behind(session, ByToken("access", fingerprint(token), clock.now()))
        connection = await session.connection()
        actor = Actor.from_row(session.info["entered"])
        event.listen(connection.sync_connection, "before_cursor_execute", listen)
        answered = await ask(session, actor)
        event.remove(connection.sync_connection, "before_cursor_execute", listen)
        walked, milliseconds = 0, 0.0
        raw = (await connection.get_raw_connection()).driver_connection
        for statement, values in said:
            before = await _read(raw)
            cursor = await raw.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
            plan = (await cursor.fetchone())[0][0]
            # What a function walks, no plan shows.
            inside = await _read(raw) - before if "wall.search_tickets" in statement else 0
            walked += _walked(plan["Plan"]) + inside
            milliseconds += plan["Execution Time"]
    return Walk(who, what, len(said), walked, answered, milliseconds)


async def _read(connection: Any) -> int:
    """The rows of tables this transaction has read so far."""
    cursor = await connection.execute(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
    )
    (read,) = await cursor.fetchone()
    return int(read or 0)


def _walked(node: dict[str, Any]) -> int:
    """Rows that scans touched, those they threw away too."""
    own = 0
    if "Scan" in node["Node Type"] and "Relation Name" in node:
        loops = node["Actual Loops"]
        thrown = node.get("Rows Removed by Filter", 0) + node.get(
            "Rows Removed by Index Recheck", 0
        )
        own = round((node["Actual Rows"] + thrown) * loops)
    return own + sum(_walked(child) for child in node.get("Plans", ()))


def _listing(**more: Any) -> Callable[[AsyncSession, Actor], Awaitable[int]]:
    narrowed = TicketFilter(**{key: value for key, value in more.items() if key != "sort"})
    sort = str(more.get("sort", "-created_at"))

    async def ask(session: AsyncSession, actor: Actor) -> int:
        page = await tickets_visible_to(
            session,
            actor,
            narrowed,
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            after=None,
            limit=25,
        )
        return len(page.rows)

    return ask


async def _count(session: AsyncSession, actor: Actor) -> int:
    await tickets_counted(session, actor, TicketFilter(mine=True, state="open"))
    return 1


async def _one_ticket(session: AsyncSession, actor: Actor) -> int:
    sight = await ticket_for(session, actor, f"CRM-{_OWN}")
    page = await comments_of(session, actor, sight, descending=True, after=None, limit=25)
    happened = await history_of(
        session, actor, sight.ticket.id, descending=True, after=None, limit=25
    )
    return 1 + len(page.rows) + len(happened.rows)


async def _organization_tally(session: AsyncSession, actor: Actor) -> int:
    tally = await required_organization_tally(session, actor)
    return tally.total


async def _own_tally(session: AsyncSession, actor: Actor) -> int:
    return (await own_tally(session, actor)).total


async def _desk(session: AsyncSession, actor: Actor) -> int:
    return (await desk_of(session, actor)).total.count


QUESTIONS: dict[str, Callable[..., Awaitable[int]]] = {
    "25 newest": _listing(),
    "25 newest, status filter": _listing(status=("in_progress",)),
    "25 newest of mine": _listing(mine=True),
    "25 by severity": _listing(sort="severity"),
    "25 by subject": _listing(sort="subject"),
    "25 open, by update": _listing(state="open", sort="-updated_at"),
    "25 whose promise was broken": _listing(sla=("breached",)),
    "25 due next": _listing(sort="due_at"),
    "25 due soon, by deadline": _listing(sla=("breached", "warned"), sort="due_at"),
    "25 without a promise": _listing(sla=("none",)),
    "search: a word of few texts": _listing(q=rare_word(_OWN)),
    "search: its beginning": _listing(q=rare_word(_OWN)[:-1]),
    "search: a word of others' texts": _listing(q=rare_word(_OWN + 1)),
    "search: a number": _listing(q=f"CRM-{_OWN}"),
    "search: no such word": _listing(q="nosuchword"),
    "search: a word of a hundredth of all": _listing(q=SOMETIMES),
    "search: a word of a fifth of all": _listing(q=OFTEN),
    "search: a word of every text": _listing(q=EVERYWHERE),
    "search: a word of every text, open, by severity": _listing(
        q=EVERYWHERE, state="open", sort="severity"
    ),
    "search: two words, a frequent and a seldom one": _listing(q=f"{EVERYWHERE} {SOMETIMES}"),
    "search: the first letter of many": _listing(q="s"),
    "search: a word of what agents note": _listing(q=NOTED),
    "count of mine, open": _count,
    "one ticket, comments, history": _one_ticket,
    "dashboard: the organization's by status": _organization_tally,
    "dashboard: mine by status": _own_tally,
    "dashboard: the agent's desk": _desk,
}


async def run(addresses: Addresses, name: str, tenant: UUID) -> list[Walk]:
    """Every question by every kind of person."""
    settings = cluster.settings_for(addresses, name, cluster.Path("unused"))
    assert settings.database_url
    database = Database(settings.database_url, pool_size=2, name="plans")
    walks = []
    try:
        for who, address in PEOPLE.items():
            async with database.transaction(AsSystem(tenant)) as session:
                _ = await session.connection()
                system = Actor.system(tenant, session.info["entered"]["definition_version"])
                found = await person_by_email(session, system, address)
                assert found is not None
                tokens = await start_session(
                    session,
                    system,
                    found[0],
                    delivery="tokens",
                    origin=Origin(network="local"),
                    way="local",
                )
            assert tokens.access is not None
            for what, ask in QUESTIONS.items():
                if "agent" in what and who != "agent":
                    continue
                walks.append(await measure(database, tokens.access, who, what, ask))
    finally:
        await database.close()
    return walks


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=200_000)
    tickets = parser.parse_args().tickets
    if tickets < _FEWEST:
        parser.error(f"--tickets must be at least {_FEWEST}, or nobody has one to read")
    server = Cluster()
    addresses = server.start()
    try:
        name = cluster.copy_of_template(addresses)
        begun = time.monotonic()
        tenant = fill(addresses, name, tickets)
        print(f"{tickets} tickets made in {time.monotonic() - begun:.0f} s\n")
        print("| who | asks for | statements | rows walked | rows answered | ms in PostgreSQL |")
        print("|---|---|---|---|---|---|")
        for walk in asyncio.run(run(addresses, name, tenant)):
            print(
                f"| {walk.who} | {walk.what} | {walk.statements} | {walk.walked}"
                f" | {walk.answered} | {walk.milliseconds:.1f} |"
            )
    finally:
        server.stop()


if __name__ == "__main__":
    main()
