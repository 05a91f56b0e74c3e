"""What a list costs: few rows are walked for a few answered, however many there are."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.actor import Actor, Grant
from app.database.session import Database
from app.domain.tickets.filters import TicketFilter
from app.domain.tickets.lists import tickets_counted, tickets_visible_to
from tests.cluster import Addresses, settings_for

_MANY = 6000
_FEW = 12

_FILL = """
WITH here AS (SELECT id, definition_version FROM tenants WHERE slug = 'crm-service'),
asker AS (
    SELECT p.id FROM people p JOIN here ON p.tenant_id = here.id AND p.side = 'customer' LIMIT 1),
companies AS (
    INSERT INTO organizations (tenant_id, id, version, name, sort_name, state, created_at,
                               updated_at)
    SELECT here.id, gen_random_uuid(), 1, 'Company ' || n, 'company ' || n, 'active', now(), now()
      FROM here, generate_series(0, {many} / {few} - 1) n
    RETURNING tenant_id, id, name)
INSERT INTO tickets (tenant_id, id, version, number, organization_id, requester_id, department,
    department_rank, subject, subject_key, description, description_html, type, type_rank, status,
    status_rank, status_category, fields, channel, private, billable, definition_version,
    created_at, updated_at)
SELECT c.tenant_id, gen_random_uuid(), 1, 100000 + n, c.id, asker.id, 'support', 0,
    'Report ' || n, 'report ' || n, 'An invoice is missing, see ' || md5(n::text), '', 'support',
    0, 'new', 0, 'new', '{{}}', 'portal', false, false, here.definition_version,
    now() - n * interval '1 minute', now()
  FROM generate_series(1, {many}) n, here, asker, companies c
 WHERE c.name = 'Company ' || (n % ({many} / {few}))
"""

#: An entry of another tenant whose words are kept as those of the tenant that is searched.
_PLANTED = """
INSERT INTO ticket_search (tenant_id, id, ticket_id, organization_id, department, requester_id,
    visibility, author_id, era, words)
SELECT other.id, s.id, s.ticket_id, s.organization_id, s.department,
    s.requester_id, s.visibility, s.author_id, s.era,
    wall.keyed(wall.key_of_words(s.tenant_id, s.era), to_tsvector('simple', 'planted'))
    || wall.place_words(s.organization_id, s.requester_id)
  FROM ticket_search s
  JOIN organizations o ON o.tenant_id = s.tenant_id AND o.id = s.organization_id
  CROSS JOIN (SELECT id FROM tenants WHERE slug = 'skill') other
 WHERE o.name = 'Company 7'
"""


@dataclass(frozen=True)
class As:
    """The wall raised for an actor, as `wall.enter` would."""

    actor: Actor

    def raise_on(self, connection: Connection) -> Any:
        values = {
            "tenant": str(self.actor.tenant_id),
            "side": self.actor.side,
            "person": str(self.actor.person_id),
            "organizations": "{" + ",".join(map(str, self.actor.organizations)) + "}",
            "closed_departments": "{}",
        }
        for name, value in values.items():
            connection.execute(
                text("SELECT set_config(:name, :value, true)"),
                {"name": f"app.{name}", "value": value},
            )


@dataclass(frozen=True)
class Crowd:
    """A tenant with many tickets of many companies, and one of the companies."""

    database: Database
    tenant: UUID
    company: UUID

    def customer(self, *permissions: str) -> Actor:
        """Somebody of the company who has asked for nothing himself."""
        grant = Grant("someone", frozenset(permissions), self.company)
        return Actor(self.tenant, "customer", 1, person_id=uuid4(), grants=(grant,))

    async def director(self, session: AsyncSession) -> Actor:
        """Somebody of every company, who has asked for nothing himself either."""
        found = await session.scalars(text("SELECT id FROM organizations"))
        right = frozenset({"tickets:read:organization"})
        grants = tuple(Grant("someone", right, each) for each in found)
        return Actor(self.tenant, "customer", 1, person_id=uuid4(), grants=grants)

    def agent(self) -> Actor:
        """An agent who reads everything."""
        grant = Grant("agent", frozenset({"tickets:read:tenant", "comments:internal"}))
        return Actor(self.tenant, "agent", 1, person_id=uuid4(), grants=(grant,))


@pytest.fixture(scope="module")
async def crowd(
    addresses: Addresses, crowded_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Crowd]:
    with psycopg.connect(addresses.of("superuser", crowded_database), autocommit=True) as owner:
        owner.execute(_FILL.format(many=_MANY, few=_FEW))
        owner.execute("SET session_replication_role = replica")
        owner.execute(_PLANTED)
        owner.execute("VACUUM ANALYZE")
        row = owner.execute(
            "SELECT tenant_id, id FROM organizations WHERE name = 'Company 7'"
        ).fetchone()
    assert row
    settings = settings_for(addresses, crowded_database, tmp_path_factory.mktemp("crowd"))
    assert isinstance(settings.database_url, SecretStr)
    database = Database(settings.database_url, pool_size=1, name="tests")
    yield Crowd(database, *row)
    await database.close()


async def _walked(session: AsyncSession) -> int:
    """How many rows of tickets and their words this transaction has read so far."""
    read = await session.scalar(
        text(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('tickets', 'ticket_search', 'participants')"
        )
    )
    return int(read or 0)


async def _listed(session: AsyncSession, actor: Actor, narrowed: TicketFilter) -> int:
    page = await tickets_visible_to(
        session, actor, narrowed, sort="created_at", descending=True, after=None, limit=25
    )
    return len(page.rows)


@pytest.mark.parametrize(
    "narrowed",
    [
        TicketFilter(),
        TicketFilter(state="open", type=("support", "bug")),
        TicketFilter(q="invoice"),
        TicketFilter(q="report invoi", state="open"),
        TicketFilter(q="nosuchword"),
    ],
    ids=["all", "filtered", "common word", "common words, filtered", "unknown word"],
)
async def test_a_customer_of_a_small_organization_walks_few_rows(
    crowd: Crowd, narrowed: TicketFilter
) -> None:
    actor = crowd.customer("tickets:read:own", "tickets:read:organization")
    async with crowd.database.transaction(As(actor)) as session:
        before = await _walked(session)
        found = await _listed(session, actor, narrowed)
        assert found == (0 if narrowed.q == "nosuchword" else _FEW)
        assert await _walked(session) - before <= 5 * _FEW


async def test_who_reads_only_his_own_walks_none_of_his_colleagues(crowd: Crowd) -> None:
    actor = crowd.customer("tickets:read:own")
    async with crowd.database.transaction(As(actor)) as session:
        before = await _walked(session)
        assert await _listed(session, actor, TicketFilter(q="invoice")) == 0
        assert await _walked(session) - before == 0


async def test_an_agent_walks_few_rows_to_a_rare_word(crowd: Crowd) -> None:
    actor = crowd.agent()
    async with crowd.database.transaction(As(actor)) as session:
        before = await _walked(session)
        assert await _listed(session, actor, TicketFilter(q="CRM-100123")) == 1
        assert await _walked(session) - before <= 10


async def test_of_a_word_that_stands_everywhere_the_newest_are_found(crowd: Crowd) -> None:
    actor = crowd.agent()
    async with crowd.database.transaction(As(actor)) as session:
        assert await tickets_counted(session, actor, TicketFilter(q="invoice")) == 5000


def _written_in(number: int) -> str:
    """The word that stands in this ticket alone."""
    return hashlib.md5(str(number - 100_000).encode(), usedforsecurity=False).hexdigest()


async def test_a_word_of_every_age_is_found_without_walking_the_rest(crowd: Crowd) -> None:
    async with crowd.database.transaction(As(crowd.agent())) as session:
        before = await _walked(session)
        for number in (100_001, 102_500, 106_000):
            written = TicketFilter(q=_written_in(number))
            assert await _listed(session, crowd.agent(), written) == 1
        assert await _walked(session) - before <= 30


async def test_who_reads_much_finds_as_exactly_as_who_reads_little(crowd: Crowd) -> None:
    async with crowd.database.transaction(As(crowd.agent())) as session:
        actor = await crowd.director(session)
    async with crowd.database.transaction(As(actor)) as session:
        assert await tickets_counted(session, actor, TicketFilter(q="invoice")) == 5000
        before = await _walked(session)
        assert await _listed(session, actor, TicketFilter(q="CRM-100123")) == 1
        # All of his own but for one are looked at before it is known that they are many.
        assert await _walked(session) - before <= 1100
        assert await _listed(session, actor, TicketFilter(q="nosuchword")) == 0


async def test_words_kept_under_anothers_key_are_found_by_nobody(crowd: Crowd) -> None:
    async with crowd.database.transaction(As(crowd.agent())) as session:
        director = await crowd.director(session)
    member = crowd.customer("tickets:read:organization")
    for actor in (crowd.agent(), director, member):
        async with crowd.database.transaction(As(actor)) as session:
            found = await session.scalars(
                text("SELECT wall.search_tickets('planted', true, true, :whole, 10)"),
                {"whole": list(actor.organizations)},
            )
            assert found.all() == []
