"""The tenant wall: what each table shows, and to whom.

Revision: 0002, after 0001.
"""

from alembic import op

from migrations.operations import (
    AGENTS,
    BY_PLACE,
    FINDER,
    ME,
    MY_ORGANIZATIONS,
    SERVING,
    SYSTEM,
    definer,
    let,
    let_find,
    of_ticket,
    raise_wall,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _settings()
    _tenant_and_definition()
    _people()
    _sign_in()
    _tickets()
    _ticket_numbers()
    _machinery()
    _entrances()


def _settings() -> None:
    """What a transaction said of itself, by name. Unset and empty both read as NULL: a setting
    is the empty string after the first transaction on a connection."""
    for name, kind in (
        ("tenant", "uuid"),
        ("side", "text"),
        ("person", "uuid"),
        ("organizations", "uuid[]"),
        ("closed_departments", "text[]"),
        # The one organization that an API key was let in for; everywhere where it says nothing.
        ("organization", "uuid"),
    ):
        op.execute(
            f"CREATE FUNCTION wall.{name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE"
            f" AS $$ SELECT nullif(current_setting('app.{name}', true), '')::{kind} $$"
        )
        op.execute(f"GRANT EXECUTE ON FUNCTION wall.{name}() TO {SERVING}")


def _tenant_and_definition() -> None:
    raise_wall("tenants", key="id")
    let("tenants", "everyone_reads", "true", for_="SELECT")
    let("tenants", "system_writes", SYSTEM)
    let_find("tenants")
    for table in ("portal_definitions", "departments", "teams", "roles"):
        raise_wall(table)
        let(table, "everyone_reads", "true", for_="SELECT")
        let(table, "system_writes", SYSTEM)
    for table in ("departments", "teams", "roles"):
        let_find(table)
    op.execute(f"REVOKE UPDATE, DELETE ON portal_definitions FROM {SERVING}")
    raise_wall("team_members")
    let("team_members", "agents", AGENTS)
    let_find("team_members")


def _people() -> None:
    raise_wall("people")
    let("people", "everyone_reads_names", "true", for_="SELECT")
    let("people", "agents_write", AGENTS)
    # Not to the other side of the counter.
    let(
        "people",
        "one_changes_oneself",
        f"id = {ME}",
        check=f"id = {ME} AND side = (SELECT wall.side())",
        for_="UPDATE",
    )
    let_find("people")
    raise_wall("contact_details")
    let("contact_details", "agents", AGENTS)
    let(
        "contact_details",
        "oneself_and_colleagues",
        f"person_id = {ME} OR person_id IN (SELECT m.person_id FROM memberships m"
        " WHERE m.tenant_id = (SELECT wall.tenant())"
        f" AND m.organization_id = ANY {MY_ORGANIZATIONS})",
        for_="SELECT",
    )
    raise_wall("organizations")
    let("organizations", "agents", AGENTS)
    let("organizations", "members_read", f"id = ANY {MY_ORGANIZATIONS}", for_="SELECT")
    let_find("organizations")
    raise_wall("memberships")
    let("memberships", "agents", AGENTS)
    let(
        "memberships",
        "members_read",
        f"person_id = {ME} OR organization_id = ANY {MY_ORGANIZATIONS}",
        for_="SELECT",
    )
    let_find("memberships")


def _sign_in() -> None:
    for table in ("credentials", "session_tokens", "one_time_tokens", "guess_counters"):
        raise_wall(table)
        let(table, "system", SYSTEM)
    raise_wall("sessions")
    let("sessions", "system", SYSTEM)
    let("sessions", "ones_own", f"person_id = {ME}", for_="SELECT")
    let_find("credentials")
    let_find("one_time_tokens")
    let_find("sessions", update=True)
    let_find("session_tokens", update=True)


def _tickets() -> None:
    raise_wall("participants")
    let("participants", "who_gets_at_it", BY_PLACE, for_="SELECT")
    let("participants", "oneself", f"person_id = {ME}", for_="SELECT")
    let("participants", "system_writes", SYSTEM)
    let_find("participants")
    _my_tickets()
    raise_wall("tickets")
    _read_and_write("tickets", of_ticket("id"))
    _customers_move_no_ticket()
    raise_wall("comments")
    _read_and_write("comments", of_ticket())
    _written_by_its_author("comments", "author")
    raise_wall("attachments")
    _files()
    for table, author in (("comments", "author_id"), ("attachments", "uploaded_by")):
        let(
            table,
            "notes_stay_where_they_belong",
            f"visibility = 'public' OR {AGENTS} OR (visibility = 'private' AND {author} = {ME})",
            restrictive=True,
        )


def _my_tickets() -> None:
    """A function, as the wall of tickets asks it: a table would bring a wall of its own into every
    statement, to be planned and begun anew with each."""
    definer(
        "wall.my_tickets()",
        """
        CREATE FUNCTION wall.my_tickets()
        RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 20
        SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT p.ticket_id FROM participants p
             WHERE p.tenant_id = wall.tenant() AND p.person_id = wall.person()
        $$
        """,
    )


def _customers_move_no_ticket() -> None:
    """A policy sees the old row or the new one, never both: whoever takes part in a ticket could
    take it home to his own organization."""
    op.execute(
        """
        CREATE FUNCTION wall.keep_ticket_in_place() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF wall.side() = 'customer' THEN
                RAISE insufficient_privilege USING MESSAGE = 'customers move no ticket';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(f"GRANT EXECUTE ON FUNCTION wall.keep_ticket_in_place() TO {SERVING}")
    op.execute(
        "CREATE TRIGGER keep_in_place BEFORE UPDATE OF organization_id, department, requester_id"
        " ON tickets FOR EACH ROW WHEN ((OLD.organization_id, OLD.department, OLD.requester_id)"
        " IS DISTINCT FROM (NEW.organization_id, NEW.department, NEW.requester_id))"
        " EXECUTE FUNCTION wall.keep_ticket_in_place()"
    )


def _ticket_numbers() -> None:
    """A sequence for each tenant, which nobody waits for. A row that counts would stay locked until
    the ticket is committed, and one ticket of a tenant could be opened at a time. What is rolled
    back leaves a number unused, and so does a crash (up to 32)."""
    op.execute(f"CREATE SCHEMA ticket_numbers AUTHORIZATION {FINDER}")
    definer(
        "wall.begin_ticket_numbers()",
        """
        CREATE FUNCTION wall.begin_ticket_numbers()
        RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            IF wall.side() IS DISTINCT FROM 'system' THEN
                RAISE insufficient_privilege USING MESSAGE = 'the system begins to count';
            END IF;
            EXECUTE format('CREATE SEQUENCE ticket_numbers.%I AS integer START 1001',
                           wall.tenant());
        END $$
        """,
    )
    definer(
        "wall.next_ticket_number()",
        """
        CREATE FUNCTION wall.next_ticket_number()
        RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            RETURN nextval(format('ticket_numbers.%I', wall.tenant())::regclass);
        END $$
        """,
    )


def _read_and_write(table: str, who: str) -> None:
    """Whoever gets at a row may read and write it; only the system deletes."""
    let(table, "who_gets_at_it", who, for_="SELECT")
    let(table, "who_gets_at_it_adds", who, for_="INSERT")
    let(table, "who_gets_at_it_changes", who, for_="UPDATE")
    let(table, "system_deletes", SYSTEM, for_="DELETE")


def _written_by_its_author(table: str, author: str) -> None:
    """People write as themselves, and customers change only what they wrote."""
    oneself = f"{author}_id = {ME} AND {author}_side = (SELECT wall.side())"
    let(table, "as_oneself", f"{SYSTEM} OR ({oneself})", for_="INSERT", restrictive=True)
    let(table, "ones_own", f"{AGENTS} OR {author}_id = {ME}", for_="UPDATE", restrictive=True)


def _files() -> None:
    """A file that hangs on nothing is its uploader's; what he hangs it on decides from then on."""
    upload = f"uploaded_by = {ME} AND ticket_id IS NULL"
    hung = f"ticket_id IS NOT NULL AND ({of_ticket()})"
    let("attachments", "who_gets_at_it", f"{SYSTEM} OR ({upload}) OR ({hung})", for_="SELECT")
    let("attachments", "uploader_adds", f"{SYSTEM} OR ({upload})", for_="INSERT")
    let(
        "attachments",
        "uploader_hangs_it_up",
        f"{SYSTEM} OR ({upload})",
        check=f"{SYSTEM} OR ({upload}) OR (uploaded_by = {ME} AND {hung})",
        for_="UPDATE",
    )
    let("attachments", "uploader_discards", f"{SYSTEM} OR ({upload})", for_="DELETE")


def _machinery() -> None:
    raise_wall("events")
    let(
        "events",
        "history",
        f"{SYSTEM} OR (ticket_id IS NOT NULL AND ({of_ticket()}))",
        for_="SELECT",
    )
    let(
        "events",
        "history_of_ones_side",
        f"{SYSTEM} OR audience = 'everyone' OR (audience IN ('author', 'agents') AND {AGENTS})"
        f" OR (audience = 'author' AND actor_id = {ME})",
        for_="SELECT",
        restrictive=True,
    )
    let(
        "events",
        "everyone_records_what_he_did",
        f"{SYSTEM} OR (actor_id = {ME} AND actor_side = (SELECT wall.side()))",
        for_="INSERT",
    )
    op.execute(f"REVOKE UPDATE, DELETE ON events FROM {SERVING}")
    # How far it is tells what other tenants do. To add a row needs no right on it.
    op.execute(f"REVOKE ALL ON SEQUENCE events_position_seq FROM {SERVING}")
    raise_wall("notifications")
    let("notifications", "system", SYSTEM)
    raise_wall("idempotency_records")
    let("idempotency_records", "ones_own", f"caller_id = {ME} OR {SYSTEM}")
    raise_wall("timers")
    let("timers", "everyone_of_the_tenant", "true")
    let_find("timers")
    # Made by the migrations themselves: which version the tables have.
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {SERVING}")


def _entrances() -> None:
    """The functions that look across tenants to find out which one somebody belongs to."""
    definer(
        "wall.enter(text, bytea, timestamptz, text, jsonb)",
        """
        CREATE FUNCTION wall.enter(
            kind text, fingerprint bytea, moment timestamptz, network text DEFAULT NULL,
            said jsonb DEFAULT NULL)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp
        -- Looked up by key alone, one table after the other, each by what the one before said.
        -- Where they are joined freely, a plan made while tables were small, and kept by a
        -- connection while they grow, goes through every tenant's tokens for each request.
        SET enable_seqscan = off AS $$
        DECLARE
            secret record;
            token record;
            session record;
            who record;
            held jsonb;
            mine uuid[];
            my_teams text[];
            my_departments text[];
            closed text[];
            first_use boolean := false;
            add_factor boolean := false;
            accept_terms boolean := false;
        BEGIN
            IF enter.kind = 'key' THEN
                SELECT x.tenant_id, x.api_key_id, x.last_used_at INTO secret
                  FROM api_key_secrets x
                 WHERE x.fingerprint = enter.fingerprint AND x.expires_at > moment;
                SELECT k.tenant_id, NULL::uuid AS session_id, NULL::uuid AS app_id,
                       k.id AS key_id, k.scopes,
                       k.organization_id AS only_in, secret.last_used_at, moment AS first_used_at,
                       NULL::bytea AS given_for, p.id AS person_id, p.side, p.role, p.language,
                       p.service, n.definition_version,
                       coalesce(c.must_change, false) AS must_change,
                       NULL::timestamptz AS signed_in_at,
                       NULL::text AS terms_version, '{}'::text[] AS terms_steps,
                       '{}'::text[] AS second_factor_of, NULL::uuid AS identity_id
                  INTO who
                  FROM api_keys k
                  JOIN people p ON p.tenant_id = k.tenant_id AND p.id = k.person_id
                  JOIN tenants n ON n.id = k.tenant_id
                  LEFT JOIN credentials c ON c.tenant_id = p.tenant_id AND c.person_id = p.id
                 WHERE k.tenant_id = secret.tenant_id AND k.id = secret.api_key_id
                   AND k.revoked_at IS NULL AND p.state = 'active';
            ELSIF enter.kind = 'directory' THEN
                -- Whom a directory's token names at a portal that takes such tokens; that it is
                -- good was seen before.
                SELECT n.id AS tenant_id, NULL::uuid AS session_id, NULL::uuid AS app_id,
                       NULL::uuid AS key_id,
                       ARRAY(SELECT x FROM jsonb_array_elements_text(
                           n.directory_access -> (said ->> 'audience')
                               -> CASE WHEN said ->> 'client' IS NULL
                                       THEN 'permissions' ELSE 'programs' END) AS x
                           WHERE i.scopes IS NULL OR x = ANY (i.scopes)) AS scopes,
                       NULL::uuid AS only_in, i.last_used_at, moment AS first_used_at,
                       NULL::bytea AS given_for, p.id AS person_id, p.side, p.role, p.language,
                       p.service, n.definition_version,
                       coalesce(c.must_change, false) AS must_change,
                       NULL::timestamptz AS signed_in_at,
                       CASE WHEN NOT p.service THEN n.terms_version END AS terms_version,
                       n.terms_steps, '{}'::text[] AS second_factor_of, i.id AS identity_id
                  INTO who
                  FROM tenants n
                  JOIN external_identities i ON i.tenant_id = n.id
                   AND i.provider = n.directory_access -> (said ->> 'audience') ->> 'provider'
                   AND i.issuer = said ->> 'issuer' AND i.subject = said ->> 'subject'
                   -- A program says which it is; a person's account has none.
                   AND i.client_id IS NOT DISTINCT FROM said ->> 'client'
                  JOIN people p ON p.tenant_id = n.id AND p.id = i.person_id
                  LEFT JOIN credentials c ON c.tenant_id = p.tenant_id AND c.person_id = p.id
                 WHERE n.slug = said ->> 'portal' AND p.state = 'active'
                   -- Programs act as service accounts alone, and nobody else does.
                   AND p.service = (said ->> 'client' IS NOT NULL)
                   AND (NOT p.service OR
                        n.directory_access -> (said ->> 'audience') -> 'programs' IS NOT NULL);
            ELSE
                SELECT t.tenant_id, t.session_id, t.first_used_at, t.given_for INTO token
                  FROM session_tokens t
                 WHERE t.fingerprint = enter.fingerprint AND t.kind = enter.kind
                   AND t.expires_at > moment
                   -- Given by a clock that has been put back since: it must not live so long.
                   AND (t.kind <> 'access' OR t.expires_at < moment + interval '1 hour');
                SELECT s.id, s.person_id, s.app_id, s.scopes, s.vouched_for, s.created_at,
                       s.last_used_at INTO session
                  FROM sessions s
                 WHERE s.tenant_id = token.tenant_id AND s.id = token.session_id
                   AND s.ended_at IS NULL AND s.expires_at > moment
                   AND s.last_used_at + make_interval(secs => s.idle_seconds) > moment;
                SELECT p.tenant_id, session.id AS session_id, session.app_id, NULL::uuid AS key_id,
                       -- What is taken from an app is taken from whatever it holds.
                       CASE WHEN session.app_id IS NOT NULL THEN
                           ARRAY(SELECT x FROM unnest(session.scopes) AS x WHERE x = ANY (a.scopes))
                       END AS scopes,
                       NULL::uuid AS only_in, session.last_used_at, token.first_used_at,
                       token.given_for, p.id AS person_id, p.side, p.role, p.language,
                       p.service, n.definition_version,
                       coalesce(c.must_change, false) AS must_change,
                       session.created_at AS signed_in_at,
                       CASE WHEN NOT p.service THEN n.terms_version END AS terms_version,
                       n.terms_steps,
                       -- Of whoever has a password and came with it: others' is their provider's.
                       CASE WHEN session.vouched_for OR p.service OR c.person_id IS NULL
                            THEN '{}' ELSE n.second_factor_of END AS second_factor_of,
                       NULL::uuid AS identity_id
                  INTO who
                  FROM people p
                  JOIN tenants n ON n.id = p.tenant_id
                  LEFT JOIN apps a ON a.tenant_id = p.tenant_id AND a.id = session.app_id
                  LEFT JOIN credentials c ON c.tenant_id = p.tenant_id AND c.person_id = p.id
                 WHERE p.tenant_id = token.tenant_id AND p.id = session.person_id
                   AND (session.app_id IS NULL OR a.removed_at IS NULL)
                   -- A service account is only acted with by the app that it was given to.
                   AND (NOT p.service OR a.person_id = p.id)
                   AND p.state = 'active';
            END IF;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;

            IF who.side = 'customer' THEN
                SELECT coalesce(jsonb_agg(jsonb_build_object('organization', m.organization_id,
                           'role', r.key, 'permissions', r.permissions) ORDER BY m.created_at,
                           m.organization_id), '[]'),
                       coalesce(array_agg(m.organization_id), '{}')
                  INTO held, mine
                  FROM memberships m
                  JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
                  JOIN organizations o ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
                 WHERE m.tenant_id = who.tenant_id AND m.person_id = who.person_id
                   AND o.state = 'active'
                   AND (who.only_in IS NULL OR m.organization_id = who.only_in);
                my_teams := '{}';
                my_departments := '{}';
            ELSE
                SELECT coalesce(jsonb_agg(jsonb_build_object('organization', who.only_in,
                           'role', r.key, 'permissions', r.permissions)), '[]')
                  INTO held
                  FROM roles r WHERE r.tenant_id = who.tenant_id AND r.key = who.role
                   AND (who.only_in IS NULL OR EXISTS (
                       SELECT FROM organizations o WHERE o.tenant_id = who.tenant_id
                          AND o.id = who.only_in AND o.state = 'active'));
                mine := '{}';
                SELECT coalesce(array_agg(DISTINCT t.key), '{}'),
                       coalesce(array_agg(DISTINCT t.department), '{}')
                  INTO my_teams, my_departments
                  FROM team_members x
                  JOIN teams t ON t.tenant_id = x.tenant_id AND t.key = x.team
                 WHERE x.tenant_id = who.tenant_id AND x.person_id = who.person_id;
            END IF;
            -- A key dies with its owner's right to have one; those of service accounts are
            -- others' to keep.
            IF who.key_id IS NOT NULL AND NOT who.service
               AND NOT held @? '$[*].permissions[*] ? (@ == "api_keys:create")' THEN
                RETURN NULL;
            END IF;
            -- What the portal asks of him that he still owes.
            IF who.side = 'agent' AND 'agents' = ANY (who.second_factor_of)
               OR 'admins' = ANY (who.second_factor_of) AND held @?
                  '$[*].permissions[*] ? (@ == "definition:write" || @ == "colleagues:manage")'
            THEN
                add_factor := NOT EXISTS (
                    SELECT FROM totp_factors f WHERE f.tenant_id = who.tenant_id
                       AND f.person_id = who.person_id AND f.confirmed_at IS NOT NULL);
            END IF;
            IF who.terms_version IS NOT NULL THEN
                accept_terms := cardinality(who.terms_steps) > (
                    SELECT count(*) FROM consents y WHERE y.tenant_id = who.tenant_id
                       AND y.person_id = who.person_id AND y.version = who.terms_version
                       AND y.step = ANY (who.terms_steps));
            END IF;
            -- Whoever acts for somebody may at most what that one may.
            IF who.scopes IS NOT NULL THEN
                SELECT coalesce(jsonb_agg(jsonb_set(g.one, '{permissions}', coalesce((
                           SELECT jsonb_agg(x.held) FROM jsonb_array_elements_text(
                               g.one -> 'permissions') AS x (held)
                            WHERE x.held = ANY (who.scopes)), '[]')) ORDER BY g.place), '[]')
                  INTO held
                  FROM jsonb_array_elements(held) WITH ORDINALITY AS g (one, place);
            END IF;
            SELECT coalesce(array_agg(d.key), '{}') INTO closed
              FROM departments d
             WHERE d.tenant_id = who.tenant_id AND d.confidential
               AND d.key <> ALL (my_departments)
               AND NOT held @? '$[*].permissions[*] ? (@ == "confidential:read")';

            -- Notes of use: seldom, and never waiting for another request.
            IF who.first_used_at IS NULL THEN
                UPDATE session_tokens t SET first_used_at = moment
                 WHERE t.tenant_id = who.tenant_id AND t.fingerprint IN (
                    SELECT l.fingerprint FROM session_tokens l
                     WHERE l.tenant_id = who.tenant_id AND l.fingerprint = enter.fingerprint
                       FOR UPDATE SKIP LOCKED);
                -- The refresh token it was given for is of no use any more.
                UPDATE session_tokens t SET succeeded_at = moment
                 WHERE t.tenant_id = who.tenant_id AND t.fingerprint = who.given_for
                   AND t.succeeded_at IS NULL;
            END IF;
            IF who.key_id IS NOT NULL THEN
                first_use := wall.note_key_use(who.tenant_id, who.key_id, enter.fingerprint,
                    who.last_used_at, moment, network);
            ELSIF who.identity_id IS NOT NULL THEN
                -- Said once a day in the access report.
                IF who.last_used_at IS NULL OR who.last_used_at < moment - interval '1 minute' THEN
                    first_use := who.last_used_at IS NULL
                        OR who.last_used_at < date_trunc('day', moment, 'UTC');
                    UPDATE external_identities i SET last_used_at = moment
                     WHERE i.tenant_id = who.tenant_id AND i.id IN (
                        SELECT l.id FROM external_identities l
                         WHERE l.tenant_id = who.tenant_id AND l.id = who.identity_id
                           FOR UPDATE SKIP LOCKED);
                END IF;
            ELSIF who.last_used_at < moment - interval '1 minute'
               OR who.last_used_at > moment + interval '1 minute' THEN
                UPDATE sessions s SET last_used_at = moment
                 WHERE s.tenant_id = who.tenant_id AND s.id IN (
                    SELECT l.id FROM sessions l
                     WHERE l.tenant_id = who.tenant_id AND l.id = who.session_id
                       FOR UPDATE SKIP LOCKED);
            END IF;

            PERFORM set_config('app.tenant', who.tenant_id::text, true),
                    set_config('app.side', who.side, true),
                    set_config('app.person', who.person_id::text, true),
                    set_config('app.organizations', mine::text, true),
                    set_config('app.closed_departments', closed::text, true),
                    set_config('app.organization', coalesce(who.only_in::text, ''), true);
            RETURN jsonb_build_object('tenant', who.tenant_id, 'side', who.side,
                'person', who.person_id, 'session', who.session_id, 'language', who.language,
                'definition_version', who.definition_version, 'grants', held,
                'teams', my_teams, 'departments', my_departments, 'closed_departments', closed,
                'must_change_password', who.must_change, 'must_add_factor', add_factor,
                'must_accept_terms', accept_terms, 'signed_in_at', who.signed_in_at,
                'app', who.app_id, 'key', who.key_id, 'identity', who.identity_id,
                'scopes', who.scopes, 'organization', who.only_in, 'first_use', first_use);
        END $$
        """,
    )
    definer(
        "wall.enter_as_system(uuid)",
        """
        CREATE FUNCTION wall.enter_as_system(tenant uuid)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_version integer;
        BEGIN
            SELECT definition_version INTO found_version FROM tenants WHERE id = tenant;
            PERFORM set_config('app.tenant', coalesce(tenant::text, ''), true),
                    set_config('app.side', 'system', true),
                    set_config('app.person', '', true),
                    set_config('app.organizations', '{}', true),
                    set_config('app.closed_departments', '{}', true),
                    set_config('app.organization', '', true);
            RETURN jsonb_build_object(
                'tenant', tenant, 'definition_version', coalesce(found_version, 0));
        END $$
        """,
    )
    definer(
        "wall.enter_portal(text)",
        """
        CREATE FUNCTION wall.enter_portal(portal text)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_id uuid;
        BEGIN
            SELECT id INTO found_id FROM tenants WHERE slug = portal;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            RETURN wall.enter_as_system(found_id);
        END $$
        """,
    )
    definer(
        "wall.enter_by_secret(bytea)",
        """
        CREATE FUNCTION wall.enter_by_secret(secret bytea)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_id uuid;
        BEGIN
            SELECT tenant_id INTO found_id FROM (
                SELECT tenant_id FROM one_time_tokens WHERE fingerprint = secret
                UNION ALL
                SELECT tenant_id FROM session_tokens
                 WHERE fingerprint = secret AND kind = 'refresh') AS secrets;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            RETURN wall.enter_as_system(found_id);
        END $$
        """,
    )
    definer(
        "wall.due_timers(timestamptz, integer)",
        """
        CREATE FUNCTION wall.due_timers(moment timestamptz, most integer)
        RETURNS TABLE (tenant_id uuid, id uuid) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT t.tenant_id, t.id FROM timers t
             WHERE t.due_at <= moment ORDER BY t.due_at LIMIT most
        $$
        """,
        to="skranke_worker",
    )
    definer(
        "wall.tenants()",
        """
        CREATE FUNCTION wall.tenants()
        RETURNS TABLE (id uuid, slug text) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT t.id, t.slug FROM tenants t ORDER BY t.created_at, t.id
        $$
        """,
        to="skranke_worker",
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
