"""A million tickets in minutes: rows made by PostgreSQL itself, indexes built when all are there.

Fifty tenants, each a copy of the shipped portal `crm-service`; the portal itself has a fifth of all
tickets. Only so many tickets are in progress, however long the history: the desk follows from how
many people work there.
"""

import hashlib
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr

from app.database.embedded import EmbeddedPostgres
from app.database.migrations import migrate
from app.database.roles import OWNER
from benchmarks.installation import Base, base_in

PORTAL = "crm-service"
IN_PROGRESS = 2000
_LETTERS = ("ka", "lo", "mi", "ten", "ra", "su", "vi", "nor", "pe", "ty")
_FILLED = ("tickets", "comments", "ticket_search")
_MIGRATIONS = Path(__file__).parent.parent / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a database holds; each ticket has three comments."""

    tickets: int
    tenants: int

    @property
    def largest(self) -> int:
        """How many tickets the portal itself has: a fifth of all, and enough to be at work with;
        alone, all."""
        if self.tenants == 1:
            return self.tickets
        return max(self.tickets // 5, min(self.tickets, 2 * IN_PROGRESS + 1000))

    @property
    def others(self) -> int:
        """How many each of the other tenants has."""
        return (self.tickets - self.largest) // max(self.tenants - 1, 1)

    @property
    def name(self) -> str:
        return f"tickets_{self.tickets}" + ("_alone" if self.tenants == 1 else "")


def filled(server: EmbeddedPostgres, folder: Path, size: Size) -> Base:
    """The database of this size: the one an earlier run left, migrated, else filled now."""
    base = Base(size.name, folder.absolute() / size.name, server)
    made_by = _made_by(size)
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        held = _told(connection, size.name)
        if held and held.items() <= made_by.items():
            migrate(SecretStr(base.url(OWNER)))
            with psycopg.connect(base.superuser, autocommit=True) as inside:
                _forget_earlier_runs(inside)
        else:
            print(f"Filling {size.name} …", flush=True)
            begun = time.monotonic()
            base_in(server, folder, size.name)
            with psycopg.connect(base.superuser, autocommit=True) as inside:
                fill(inside, size)
            print(f"… in {time.monotonic() - begun:.0f} s", flush=True)
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
        told = sql.Literal(json.dumps(made_by))
        connection.execute(comment.format(sql.Identifier(size.name), told))
    return base


def _told(connection: psycopg.Connection, name: str) -> dict[str, str]:
    """What a database says it was made by; nothing where there is none, or half of one."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)
    ).fetchone()
    return dict(json.loads(row[0])) if row and row[0] else {}


def _made_by(size: Size) -> dict[str, str]:
    """What a filled database depends on: its size, this file, and every migration, of which more
    may follow."""
    files = [Path(__file__), *sorted(_MIGRATIONS.glob("*.py"))]
    return {
        "size": repr(size),
        **{file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files},
    }


def fill(connection: psycopg.Connection, size: Size) -> None:
    """Fill a database that holds the shipped portals and no tickets."""
    connection.execute("SET session_replication_role = replica")  # no trigger looks at each row
    connection.execute("SET synchronous_commit = off")
    _write_sentences(connection, max(size.tickets // 100, 50))
    _copy_portal(connection, size.tenants - 1)
    later = _take_indexes(connection)
    tenants = connection.execute(
        "SELECT id, slug FROM tenants WHERE slug = %(portal)s OR starts_with(slug, %(portal)s)",
        {"portal": PORTAL},
    ).fetchall()
    for tenant, slug in tenants:
        tickets = size.largest if slug == PORTAL else size.others
        many = {"companies": max(tickets // 100, 20), "agents": 20, "open": IN_PROGRESS}
        _fill_tenant(connection, {"tenant": tenant, "tickets": tickets, **many})
    for statement in later:
        connection.execute(statement)
    connection.execute("DROP TABLE sentences")
    connection.execute("RESET session_replication_role")
    connection.execute("VACUUM (ANALYZE, FREEZE)")


def _write_sentences(connection: psycopg.Connection, many: int) -> None:
    """Texts for tickets and comments, as what is written and as words; one word of each stands in
    no other."""
    chance = random.Random(many)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 4))) for _ in range(600)]
    connection.execute(
        "CREATE UNLOGGED TABLE sentences (n integer, subject text, body text, html text,"
        " subject_words tsvector, body_words tsvector)"
    )
    copying = "COPY sentences (n, subject, body) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for n in range(many):
            subject = " ".join(chance.choices(words, k=5)).capitalize()
            body = " ".join([*chance.choices(words, k=chance.randint(10, 50)), rare_word(n)])
            copy.write_row((n, subject, f"{body.capitalize()}."))
    connection.execute(
        """
        UPDATE sentences SET html = '<p>' || body || '</p>',
            subject_words = setweight(wall.words(wall.configuration('fi'), subject), 'A'),
            body_words = setweight(wall.words(wall.configuration('fi'), body), 'B')
        """
    )
    connection.execute("ALTER TABLE sentences ADD PRIMARY KEY (n)")
    connection.execute("ANALYZE sentences")


def rare_word(n: int) -> str:
    """The word that stands in the `n`th text alone."""
    return f"zq{n}x"


def _copy_portal(connection: psycopg.Connection, copies: int) -> None:
    """More tenants with the definition and the roles of the portal."""
    connection.execute(
        """
        INSERT INTO tenants SELECT (jsonb_populate_record(t, jsonb_build_object(
            'id', uuidv7(), 'slug', t.slug || '-' || n))).*
          FROM tenants t, generate_series(1, %(copies)s) n WHERE t.slug = %(portal)s
        """,
        {"copies": copies, "portal": PORTAL},
    )
    for table in ("portal_definitions", "departments", "teams", "roles"):
        copy = sql.SQL(
            """
            INSERT INTO {table} SELECT (jsonb_populate_record(
                    x, jsonb_build_object('tenant_id', n.id))).*
              FROM {table} x JOIN tenants t ON t.id = x.tenant_id AND t.slug = {portal}
              JOIN tenants n ON starts_with(n.slug, {portal} || '-')
            """
        )
        connection.execute(copy.format(table=sql.Identifier(table), portal=sql.Literal(PORTAL)))
    made = "SELECT id FROM tenants WHERE starts_with(slug, %s)"
    for (tenant,) in connection.execute(made, (f"{PORTAL}-",)).fetchall():
        with connection.transaction():
            connection.execute("SELECT wall.enter_as_system(%s)", (tenant,))
            connection.execute("SELECT wall.begin_ticket_numbers()")


def _take_indexes(connection: psycopg.Connection) -> list[str]:
    """Drop the indexes that no constraint needs; answers how they are made again."""
    found = connection.execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
         WHERE i.indrelid::regclass::text = ANY (%s)
           AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        """,
        (list(_FILLED),),
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")  # type: ignore[call-overload]
    return [statement for _, statement in found]


def _fill_tenant(connection: psycopg.Connection, of: dict[str, object]) -> None:
    for statement in (_ORGANIZATIONS, _PEOPLE, _MEMBERSHIPS, _AGENTS):
        connection.execute(statement, of)
    connection.execute("ANALYZE organizations, people, memberships")
    for statement in (_TICKETS, _COMMENTS, _WORDS):
        connection.execute(statement, of)
    connection.execute(
        "SELECT setval(format('ticket_numbers.%%I', %(tenant)s)::regclass, 1000 + %(tickets)s)", of
    )


_ORGANIZATIONS = """
    INSERT INTO organizations
        (tenant_id, id, version, name, sort_name, state, created_at, updated_at)
    SELECT %(tenant)s, uuidv7(), 1, 'Company ' || n, 'company ' || n, 'active', now(), now()
      FROM generate_series(1, %(companies)s) n
"""
_PEOPLE = """
    INSERT INTO people (tenant_id, id, version, side, state, name, sort_name, muted, created_at,
        updated_at)
    SELECT %(tenant)s, uuidv7(), 1, 'customer', 'active', 'Member ' || n, 'member ' || n, true,
           now(), now()
      FROM generate_series(1, 2 * %(companies)s) n
"""
_MEMBERSHIPS = """
    INSERT INTO memberships (tenant_id, organization_id, person_id, role, side, created_at)
    SELECT %(tenant)s, o.id, p.id, 'perus', 'customer', now()
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM organizations
             WHERE tenant_id = %(tenant)s AND starts_with(name, 'Company ')) o
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM people
             WHERE tenant_id = %(tenant)s AND name ~ '^Member [0-9]+$') p
        ON o.place = (p.place + 1) / 2
"""
#: The portal itself has its own; its copies get one who is nobody else.
_AGENTS = """
    INSERT INTO people (tenant_id, id, version, side, state, name, sort_name, role, muted,
        created_at, updated_at)
    SELECT %(tenant)s, uuidv7(), 1, 'agent', 'active', 'Agent ' || n, 'agent ' || n, 'agent', true,
           now(), now()
      FROM generate_series(1, %(agents)s) n
"""
#: Each tenant's tickets, one in ten minutes up to now. Of the newest, every other is in progress;
#: fifty of them are of the first organization there was (in the portal itself: Acme).
_TICKETS = """
    WITH companies AS (
        SELECT o.id, row_number() OVER (ORDER BY o.id) - 1 AS place,
               array_agg(m.person_id ORDER BY m.person_id) AS members
          FROM organizations o
          JOIN memberships m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
         WHERE o.tenant_id = %(tenant)s AND starts_with(o.name, 'Company ')
         GROUP BY o.id
    ), first AS (
        SELECT o.id, array_agg(m.person_id ORDER BY m.person_id) AS members
          FROM organizations o
          JOIN memberships m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
         WHERE o.tenant_id = %(tenant)s
         GROUP BY o.id, o.name ORDER BY o.name LIMIT 1
    ), agents AS (
        SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
          FROM people WHERE tenant_id = %(tenant)s AND name ~ '^Agent [0-9]+$'
    ), made AS (
        SELECT n, %(tickets)s - n AS age, hashint4(n) & 2147483647 AS chance,
               now() - (%(tickets)s - n) * interval '10 minutes' AS at
          FROM generate_series(1, %(tickets)s) n
    ), states AS (
        SELECT *, CASE WHEN age < 2 * %(open)s AND n %% 2 = 0
            THEN (ARRAY['new', 'in_progress', 'waiting_customer', 'waiting_third_party'])
                 [1 + chance %% 4] ELSE 'closed' END AS status
          FROM made
    )
    INSERT INTO tickets (tenant_id, id, version, number, organization_id, requester_id, assignee_id,
        department, department_rank, team, team_rank, subject, subject_key, description,
        description_html, type, type_rank, status, status_rank, status_category, severity,
        severity_rank, priority, priority_rank, form, fields, channel, private, billable,
        definition_version, created_at, created_by, updated_at, closed_at)
    SELECT %(tenant)s, uuidv7(s.at - now()), 2, 1000 + s.n, home.id, home.requester,
           CASE WHEN s.status <> 'new' THEN a.id END,
           'support', 0, 'crm-team', 0, w.subject, lower(w.subject), w.body, w.html,
           'support', 0, s.status,
           array_position(ARRAY['new', 'in_progress', 'waiting_crm_team', 'waiting_customer',
               'waiting_third_party', 'resolved', 'closed'], s.status) - 1,
           CASE s.status WHEN 'in_progress' THEN 'open' ELSE s.status END,
           'sev10', 9, 'normal', 1, 'ticket', '{}', 'portal', false, false, n.definition_version,
           s.at, home.requester, least(s.at + interval '1 hour', now()),
           CASE WHEN s.status = 'closed' THEN least(s.at + interval '2 days', now()) END
      FROM states s
      JOIN tenants n ON n.id = %(tenant)s
      JOIN sentences w ON w.n = s.chance %% (SELECT count(*) FROM sentences)
      JOIN agents a ON a.place = s.chance %% %(agents)s
      JOIN companies c ON c.place = s.chance %% %(companies)s
      CROSS JOIN first f
      CROSS JOIN LATERAL (
        SELECT CASE WHEN age < 5000 AND s.n %% 100 = 0 THEN f.id ELSE c.id END AS id,
               CASE WHEN age < 5000 AND s.n %% 100 = 0
                    THEN f.members[1 + (s.n / 100) %% cardinality(f.members)]
                    ELSE c.members[1 + s.chance %% 2] END AS requester
      ) home
     ORDER BY s.n
"""
_COMMENTS = """
    INSERT INTO comments (tenant_id, id, version, author_id, author_side, visibility, body,
        body_html, channel, is_solution, created_at, ticket_id, organization_id, department,
        requester_id)
    SELECT t.tenant_id, uuidv7(t.created_at - now() + x.later), 1,
           CASE WHEN x.place = 1 THEN t.requester_id ELSE a.id END,
           CASE WHEN x.place = 1 THEN 'customer' ELSE 'agent' END,
           CASE WHEN x.place = 3 THEN 'internal' ELSE 'public' END,
           w.body, w.html, 'portal', false, t.created_at + x.later, t.id, t.organization_id,
           t.department, t.requester_id
      FROM tickets t
      CROSS JOIN (VALUES (1, interval '1 minute'), (2, interval '2 minutes'),
          (3, interval '3 minutes')) x (place, later)
      JOIN sentences w ON w.n = (hashint4(t.number * 4 + x.place) & 2147483647)
           %% (SELECT count(*) FROM sentences)
      JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
              FROM people WHERE tenant_id = %(tenant)s AND name ~ '^Agent [0-9]+$') a
        ON a.place = t.number %% %(agents)s
     WHERE t.tenant_id = %(tenant)s
     ORDER BY t.id, x.place
"""
#: What `wall.write_words` would have written, put together from words made once.
_WORDS = """
    INSERT INTO ticket_search (tenant_id, id, ticket_id, organization_id, department, requester_id,
        visibility, author_id, era, words)
    SELECT t.tenant_id, said.id, t.id, t.organization_id, t.department, t.requester_id,
           said.visibility, said.author_id, wall.era(t.number),
           wall.keyed(wall.key_of_words(t.tenant_id, wall.era(t.number)),
               s.subject_words || b.body_words || array_to_tsvector(ARRAY[t.number::text]))
           || wall.place_words(t.organization_id, t.requester_id)
      FROM (
        SELECT t.tenant_id, t.id, t.id AS ticket_id, 'public' AS visibility,
               t.requester_id AS author_id, t.description AS body
          FROM tickets t WHERE t.tenant_id = %(tenant)s
        UNION ALL
        SELECT c.tenant_id, c.id, c.ticket_id, c.visibility, c.author_id, c.body
          FROM comments c WHERE c.tenant_id = %(tenant)s
      ) said
      JOIN tickets t ON t.tenant_id = said.tenant_id AND t.id = said.ticket_id
      JOIN sentences s ON s.subject = t.subject
      JOIN sentences b ON b.body = said.body
"""


def _forget_earlier_runs(connection: psycopg.Connection) -> None:
    """Take away what earlier measurements wrote, so that every run begins alike."""
    connection.execute("SET session_replication_role = replica")
    written = """
        SELECT e.ticket_id FROM events e WHERE e.name = 'ticket.opened'
    """
    for table, column in (("ticket_search", "ticket_id"), ("comments", "ticket_id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} IN ({written})")  # type: ignore[call-overload]
    connection.execute(f"DELETE FROM tickets WHERE id IN ({written})")  # type: ignore[call-overload]
    commented = "SELECT e.subject_id FROM events e WHERE e.name = 'comment.added'"
    for table in ("ticket_search", "comments"):
        connection.execute(f"DELETE FROM {table} WHERE id IN ({commented})")  # type: ignore[call-overload]
    connection.execute("DELETE FROM events WHERE ticket_id IS NOT NULL")
    for table in ("session_tokens", "sessions", "notifications", "timers"):
        connection.execute(f"DELETE FROM {table}")  # type: ignore[call-overload]
    connection.execute("DELETE FROM queue.procrastinate_jobs")
    connection.execute("RESET session_replication_role")
    connection.execute("VACUUM ANALYZE")
