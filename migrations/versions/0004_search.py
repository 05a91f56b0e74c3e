"""Full-text search of tickets: what is written on them as words, and the one way to find them.

Behind row-level security a full-text operator cannot use an index (it is not leakproof), so a
definer function looks, keeps to the wall's rules itself, and answers ids alone. Triggers keep the
words, whoever writes. Every row also holds lexemes that say whose it is; no text can hold them, as
they begin with a sign that is taken out of texts.

Words are kept with a key before them: the tenant's, and that of the era of the ticket's number
(`c5862f/invoice`). So one tenant's texts cost no other's search anything, and a search goes from
the newest era to the oldest and stops when it has enough: a word that stands in every text costs
what is answered, not what there is. What PostgreSQL guesses of a word's frequency decides nothing.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import (
    BY_PLACE,
    FINDER,
    ME,
    SERVING,
    definer,
    definer_trigger,
    let_find,
    raise_wall,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Signs that part words, the same in every locale. `tickets/search.py` reads queries by them too.
SEPARATORS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”„‘’‚–—…·•¿¡§¶\u00a0"
#: Longer texts are searched as far as this, so that the words of any fit a `tsvector` (1 MiB).
LONGEST = 100_000
#: So many numbers of a tenant are an era. More, and a frequent word walks more than it answers;
#: fewer, and a rare one is looked for in more places.
ERA = 1024
#: As many eras are looked through at once, at most; fewer, as long as words may prove frequent.
ERAS_AT_ONCE = 32
#: Whoever has no more entries than this of his own has all of them looked at, by no word's index:
#: the beginning of a word may stand in many of the tenant's.
FEW = 1000


def upgrade() -> None:
    op.add_column("tenants", sa.Column("language", sa.Text(), server_default="en", nullable=False))
    op.alter_column("tenants", "language", server_default=None)
    _table()
    _words()
    _writing()
    _finding()


def _table() -> None:
    op.create_table(
        "ticket_search",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("era", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal', 'private')",
            name=op.f("ck_ticket_search_visibility"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id", "organization_id", "department", "requester_id"],
            [
                "tickets.tenant_id",
                "tickets.id",
                "tickets.organization_id",
                "tickets.department",
                "tickets.requester_id",
            ],
            name="fk_ticket_search_of_ticket",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ticket_search")),
    )
    op.create_index(
        op.f("ix_ticket_search_tenant_id_ticket_id"), "ticket_search", ["tenant_id", "ticket_id"]
    )
    # No list of pending entries: a search would have to read it, and somebody would have to wait
    # until it is worked off.
    op.create_index(
        "ix_ticket_search_words",
        "ticket_search",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    raise_wall("ticket_search")
    op.execute(f"REVOKE ALL ON ticket_search FROM {SERVING}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_search TO {FINDER}")
    op.execute(f"CREATE POLICY finder ON ticket_search FOR ALL TO {FINDER} USING (true)")
    for table in ("tickets", "comments"):
        let_find(table)


def _function(signature: str, create: str) -> None:
    """A function for the finder's own use."""
    op.execute(create)
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {FINDER}")


def _words() -> None:
    """How texts and queries become words, in the language of the tenant."""
    for name in ("tenant", "side", "person", "organizations", "closed_departments"):
        op.execute(f"GRANT EXECUTE ON FUNCTION wall.{name}() TO {FINDER}")
    _function(
        "wall.configuration(text)",
        """
        CREATE FUNCTION wall.configuration(language text)
        RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE language
                WHEN 'nb' THEN 'pg_catalog.norwegian'::regconfig
                WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig
                WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig
                WHEN 'da' THEN 'pg_catalog.danish'::regconfig
                WHEN 'it' THEN 'pg_catalog.italian'::regconfig
                ELSE 'pg_catalog.english'::regconfig
            END
        $$
        """,
    )
    separators = SEPARATORS.replace("'", "''")
    _function(
        "wall.words(regconfig, text)",
        f"""
        CREATE FUNCTION wall.words(configuration regconfig, written text)
        RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            -- What has no end is no word; with a key before it, it would not fit a tsvector.
            SELECT to_tsvector(configuration, regexp_replace(
                translate(left(written, {LONGEST}), '{separators}', repeat(' ', {len(SEPARATORS)})),
                '\\S{{255,}}', ' ', 'g'))
        $$
        """,
    )
    _function(
        "wall.sought(regconfig, text, boolean)",
        """
        CREATE FUNCTION wall.sought(configuration regconfig, phrase text, begins boolean)
        RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            -- The last word may be the beginning of one: a query is written out with every word
            -- quoted, so what ends in a quote ends in a word.
            SELECT CASE WHEN begins AND asked::text LIKE '%'''
                        THEN (asked::text || ':*')::tsquery ELSE asked END
              FROM websearch_to_tsquery(configuration, phrase) AS asked
        $$
        """,
    )
    _function(
        "wall.era(integer)",
        f"""
        CREATE FUNCTION wall.era(number integer)
        RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT number / {ERA} $$
        """,
    )
    _function(
        "wall.eras(uuid)",
        f"""
        CREATE FUNCTION wall.eras(tenant uuid)
        RETURNS SETOF integer LANGUAGE sql STABLE AS $$
            -- The newest first: from one to the next by the index of numbers.
            WITH RECURSIVE eras (era) AS (
                SELECT wall.era(max(t.number)) FROM public.tickets t
                 WHERE t.tenant_id = eras.tenant
                UNION ALL
                SELECT (SELECT wall.era(max(t.number)) FROM public.tickets t
                         WHERE t.tenant_id = eras.tenant AND t.number < e.era * {ERA})
                  FROM eras e WHERE e.era IS NOT NULL
            )
            SELECT e.era FROM eras e WHERE e.era IS NOT NULL
        $$
        """,
    )
    _function(
        "wall.key_of_words(uuid, integer)",
        """
        CREATE FUNCTION wall.key_of_words(tenant uuid, era integer)
        RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            -- Should two tenants have the same, theirs are looked at together; none is shown more.
            SELECT right(tenant::text, 4) || to_hex(era) || '/'
        $$
        """,
    )
    _function(
        "wall.keyed(text, tsvector)",
        """
        CREATE FUNCTION wall.keyed(key text, words tsvector)
        RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            -- Written out, every word stands in quotes, and no word holds a space or a quote.
            SELECT substr(replace(' ' || words::text, ' ''', ' ''' || key), 2)::tsvector
        $$
        """,
    )
    _function(
        "wall.keyed(text, text)",
        """
        CREATE FUNCTION wall.keyed(key text, open text)
        RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            -- A query written out, with a slash where the key of each word goes (`wall.unkeyed`).
            SELECT replace(open, '''/', '''' || key)::tsquery
        $$
        """,
    )
    _function(
        "wall.unkeyed(tsquery)",
        """
        CREATE FUNCTION wall.unkeyed(sought tsquery)
        RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT regexp_replace(sought::text, '''((?:[^'']|'''')+)''', '''/\\1''', 'g')
        $$
        """,
    )
    _function(
        "wall.place_words(uuid, uuid)",
        """
        CREATE FUNCTION wall.place_words(organization uuid, requester uuid)
        RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT array_to_tsvector(ARRAY['=o' || organization, '=r' || requester])
        $$
        """,
    )


def _writing() -> None:
    """Whoever writes a ticket or a comment, its words follow in the same statement."""
    _function(
        "wall.write_words(uuid, uuid, uuid)",
        """
        CREATE FUNCTION wall.write_words(tenant uuid, ticket uuid, comment uuid)
        RETURNS void LANGUAGE sql VOLATILE AS $$
            INSERT INTO public.ticket_search AS held (tenant_id, id, ticket_id, organization_id,
                department, requester_id, visibility, author_id, era, words)
            SELECT t.tenant_id, said.id, t.id, t.organization_id, t.department, t.requester_id,
                   said.visibility, said.author_id, wall.era(t.number),
                   wall.keyed(wall.key_of_words(t.tenant_id, wall.era(t.number)),
                       setweight(wall.words(wall.configuration(n.language), t.subject), 'A')
                       || setweight(wall.words(wall.configuration(n.language), said.body), 'B')
                       || array_to_tsvector(ARRAY[t.number::text]))
                   || wall.place_words(t.organization_id, t.requester_id)
              FROM public.tickets t
              JOIN public.tenants n ON n.id = t.tenant_id
              CROSS JOIN LATERAL (
                SELECT t.id, 'public' AS visibility, t.requester_id AS author_id,
                       t.description AS body
                 WHERE write_words.comment IS NULL
                UNION ALL
                SELECT c.id, c.visibility, c.author_id, c.body
                  FROM public.comments c
                 WHERE c.tenant_id = t.tenant_id AND c.ticket_id = t.id
                   AND c.withdrawn_at IS NULL
                   AND (write_words.comment IS NULL OR c.id = write_words.comment)
              ) AS said
             WHERE t.tenant_id = write_words.tenant AND t.id = write_words.ticket
            ON CONFLICT (tenant_id, id) DO UPDATE SET
                ticket_id = excluded.ticket_id, organization_id = excluded.organization_id,
                department = excluded.department, requester_id = excluded.requester_id,
                visibility = excluded.visibility, author_id = excluded.author_id,
                era = excluded.era, words = excluded.words
        $$
        """,
    )
    changed = _changed(
        "subject", "description", "number", "organization_id", "department", "requester_id"
    )
    definer_trigger(
        "wall.ticket_written()",
        """
        CREATE FUNCTION wall.ticket_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            PERFORM wall.write_words(NEW.tenant_id, NEW.id, NULL);
            RETURN NULL;
        END $$
        """,
        "words_of_new AFTER INSERT ON tickets FOR EACH ROW",
        f"words_of_changed AFTER UPDATE ON tickets FOR EACH ROW WHEN ({changed})",
    )
    changed = _changed("ticket_id", "body", "visibility", "author_id", "withdrawn_at")
    definer_trigger(
        "wall.comment_written()",
        """
        CREATE FUNCTION wall.comment_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                DELETE FROM ticket_search s WHERE s.tenant_id = OLD.tenant_id AND s.id = OLD.id;
            ELSIF NEW.withdrawn_at IS NOT NULL THEN
                -- What was taken back is found by nobody, as nobody is shown it.
                DELETE FROM ticket_search s WHERE s.tenant_id = NEW.tenant_id AND s.id = NEW.id;
            ELSE
                PERFORM wall.write_words(NEW.tenant_id, NEW.ticket_id, NEW.id);
            END IF;
            RETURN NULL;
        END $$
        """,
        "words_of_new AFTER INSERT OR DELETE ON comments FOR EACH ROW",
        f"words_of_changed AFTER UPDATE ON comments FOR EACH ROW WHEN ({changed})",
    )
    definer(
        "wall.write_words_anew(uuid, integer)",
        """
        CREATE FUNCTION wall.write_words_anew(after uuid, most integer)
        RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            here uuid;
        BEGIN
            FOR here IN
                SELECT t.id FROM tickets t
                 WHERE t.tenant_id = wall.tenant() AND (after IS NULL OR t.id > after)
                 ORDER BY t.id LIMIT most
            LOOP
                PERFORM wall.write_words(wall.tenant(), here, NULL);
            END LOOP;
            RETURN here;
        END $$
        """,
        to="skranke_worker",
    )


def _changed(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def _finding() -> None:
    readable = (
        "(s.visibility = 'public'"
        " OR (notes AND (SELECT wall.side()) IN ('system', 'agent'))"
        f" OR (s.visibility = 'private' AND s.author_id = {ME}))"
    )
    holds = "s.words @@ wall.keyed(wall.key_of_words(s.tenant_id, s.era), open)"
    definer(
        "wall.search_tickets(text, boolean, boolean, uuid[], integer)",
        f"""
        CREATE FUNCTION wall.search_tickets(
            phrase text, begins boolean, notes boolean, whole uuid[], most integer)
        RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp
        SET enable_seqscan = off AS $$
        DECLARE
            tenant uuid := wall.tenant();
            language regconfig;
            sought tsquery;
            typed tsquery;
            open text;
            place tsquery;
            own integer;
            among_own uuid[];
            eras integer[];
            here integer := 1;
            at_once integer := 1;
            answered integer;
        BEGIN
            SELECT wall.configuration(n.language) INTO language FROM tenants n WHERE n.id = tenant;
            IF NOT FOUND THEN
                RETURN;
            END IF;
            sought := wall.sought(language, phrase, begins);
            typed := wall.sought('simple', phrase, begins);
            -- A beginning may be cut short by the language's rules: look for it as typed, too. Not
            -- where something is left out, which would then be let in.
            IF strpos(sought::text, '!') = 0 AND typed <> sought THEN
                sought := sought || typed;
            END IF;
            -- Without a word that must be there it would match everything.
            IF querytree(sought) IN ('', 'T') THEN
                RETURN;
            END IF;
            open := wall.unkeyed(sought);

            IF wall.side() = 'customer' THEN
                RETURN QUERY
                    SELECT DISTINCT s.ticket_id FROM participants p
                      JOIN ticket_search s
                        ON s.tenant_id = p.tenant_id AND s.ticket_id = p.ticket_id
                     WHERE p.tenant_id = tenant AND p.person_id = {ME} AND {holds} AND {readable}
                     ORDER BY s.ticket_id DESC LIMIT most;
                place := (SELECT string_agg(
                    CASE WHEN o = ANY (whole) THEN format('%L', '=o' || o)
                         ELSE format('%L & %L', '=o' || o, '=r' || wall.person()) END, '|')
                    FROM unnest(wall.organizations()) o)::tsquery;
                SELECT count(*), array_agg(DISTINCT s.ticket_id) FILTER (
                           WHERE s.tenant_id = tenant AND {holds} AND {readable} AND ({BY_PLACE}))
                  INTO own, among_own
                  FROM (SELECT * FROM ticket_search h WHERE h.words @@ place LIMIT {FEW} + 1) s;
                IF own <= {FEW} THEN
                    RETURN QUERY SELECT t FROM unnest(among_own) t ORDER BY t DESC LIMIT most;
                    RETURN;
                END IF;
            END IF;

            eras := ARRAY(SELECT wall.eras(tenant));
            WHILE here <= cardinality(eras) AND most > 0 LOOP
                SELECT string_agg(
                           format('(%s)', wall.keyed(wall.key_of_words(tenant, e), open)), '|')
                  INTO sought FROM unnest(eras[here : here + at_once - 1]) e;
                IF place IS NOT NULL THEN
                    sought := place && sought;
                END IF;
                -- The wall's rules stand outside, behind OFFSET 0: for PostgreSQL the index of
                -- what the tenant has would be the better one, and all of that be walked.
                RETURN QUERY
                    SELECT DISTINCT s.ticket_id
                      FROM (SELECT * FROM ticket_search h WHERE h.words @@ sought OFFSET 0) s
                     WHERE s.tenant_id = tenant AND {readable} AND ({BY_PLACE})
                     ORDER BY s.ticket_id DESC LIMIT most;
                GET DIAGNOSTICS answered = ROW_COUNT;
                most := most - answered;
                here := here + at_once;
                at_once := least(2 * at_once, {ERAS_AT_ONCE});
            END LOOP;
        END $$
        """,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
