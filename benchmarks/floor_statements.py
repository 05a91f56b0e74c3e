"""The floor's SQL: one statement for each operation, on the indexes there are."""

_COLUMNS = """
    t.id, t.number, t.subject, t.organization_id, o.name, t.requester_id, r.name, t.assignee_id,
    a.name, t.status, t.severity, t.priority, t.team, t.private, t.created_at, t.updated_at,
    t.closed_at, t.channel, t.billable, t.sla, t.due_at
"""
_NAMES = """
    JOIN people r ON r.tenant_id = t.tenant_id AND r.id = t.requester_id
    JOIN organizations o ON o.tenant_id = t.tenant_id AND o.id = t.organization_id
    LEFT JOIN people a ON a.tenant_id = t.tenant_id AND a.id = t.assignee_id
"""


def _list(which: str) -> str:
    return f"""
        SELECT {_COLUMNS} FROM (
            SELECT * FROM tickets t WHERE t.tenant_id = %(tenant)s AND {which}
             ORDER BY t.created_at DESC, t.id DESC LIMIT 26
        ) t {_NAMES} ORDER BY t.created_at DESC, t.id DESC
    """


_READ_BY_CUSTOMER = """
    (t.organization_id = %(organization)s AND (NOT t.private OR t.requester_id = %(person)s)
     OR EXISTS (SELECT FROM participants p WHERE p.tenant_id = t.tenant_id AND p.ticket_id = t.id
                 AND p.person_id = %(person)s))
"""
AGENTS_LIST = _list("t.status = ANY (%(status)s)")
#: Beside his organization's those he takes part in, which are few: two ways, each by its index.
CUSTOMERS_LIST = f"""
    SELECT {_COLUMNS} FROM (
        (SELECT * FROM tickets t WHERE t.tenant_id = %(tenant)s AND t.status = ANY (%(status)s)
            AND t.organization_id = %(organization)s
            AND (NOT t.private OR t.requester_id = %(person)s)
          ORDER BY t.created_at DESC, t.id DESC LIMIT 26)
        UNION ALL
        SELECT t.* FROM participants p
          JOIN tickets t ON t.tenant_id = p.tenant_id AND t.id = p.ticket_id
         WHERE p.tenant_id = %(tenant)s AND p.person_id = %(person)s
           AND t.status = ANY (%(status)s) AND t.organization_id <> %(organization)s
         ORDER BY created_at DESC, id DESC LIMIT 26
    ) t {_NAMES} ORDER BY t.created_at DESC, t.id DESC
"""
#: Words are kept under the tenant's key and that of an era: all eras at once.
SEARCH = _list(
    """
    t.id = ANY (ARRAY(SELECT s.ticket_id FROM ticket_search s
        WHERE s.words @@ (
            SELECT string_agg(
                       wall.keyed(wall.key_of_words(%(tenant)s, e.era), asked.open)::text, '|')
              FROM wall.eras(%(tenant)s) AS e (era),
                   wall.unkeyed(websearch_to_tsquery('finnish', %(q)s)) AS asked (open))::tsquery))
    """
)


def _one(which: str) -> str:
    return f"""
        SELECT {_COLUMNS}, t.description, t.description_html, t.fields, t.form, t.resolved_at,
               t.first_replied_at, t.definition_version
          FROM tickets t {_NAMES}
         WHERE t.tenant_id = %(tenant)s AND t.id = %(id)s AND {which}
    """


AGENTS_TICKET = _one("true")
CUSTOMERS_TICKET = _one(_READ_BY_CUSTOMER)
CONVERSATION = """
    SELECT c.id, c.author_id, p.name, c.author_side, c.body, c.body_html, c.is_solution,
           c.created_at, c.edited_at, c.visibility, c.channel, c.withdrawn_at
      FROM comments c LEFT JOIN people p ON p.tenant_id = c.tenant_id AND p.id = c.author_id
     WHERE c.tenant_id = %(tenant)s AND c.ticket_id = %(id)s
       AND (%(agent)s OR c.visibility = 'public')
     ORDER BY c.created_at DESC, c.id DESC LIMIT 26
"""
DASHBOARD = """
    SELECT 'organization', status, count(*) FROM tickets t
     WHERE tenant_id = %(tenant)s AND organization_id = %(organization)s
       AND status_category <> 'closed' AND (NOT private OR requester_id = %(person)s)
     GROUP BY status
    UNION ALL
    SELECT 'mine', status, count(*) FROM tickets t
     WHERE tenant_id = %(tenant)s AND requester_id = %(person)s AND status_category <> 'closed'
     GROUP BY status
"""
#: Ages are counted from when they began: half the comparisons.
DESK = """
    SELECT count(*), count(*) FILTER (WHERE assignee_id = %(person)s),
           count(*) FILTER (WHERE team = ANY (%(teams)s)),
           count(*) FILTER (WHERE assignee_id IS NULL),
           count(*) FILTER (WHERE status_category = 'waiting_customer'),
           count(*) FILTER (WHERE status_category = 'waiting_third_party'),
           count(*) FILTER (WHERE created_at >= %(day_0)s),
           count(*) FILTER (WHERE created_at >= %(day_3)s),
           count(*) FILTER (WHERE created_at >= %(day_7)s),
           count(*) FILTER (WHERE created_at >= %(day_30)s)
      FROM tickets WHERE tenant_id = %(tenant)s AND status_category <> 'closed'
"""


def _event(name: str, subject: str, ticket: str, data: str) -> str:
    return f"""
        INSERT INTO events (tenant_id, id, name, occurred_at, actor_id, actor_side, audience,
            subject_id, ticket_id, organization_id, department, requester_id, data)
        SELECT %(tenant)s, %(event)s, '{name}', %(now)s, %(person)s, %(side)s, 'everyone',
               {subject}, id, organization_id, department, requester_id, {data}
          FROM {ticket}
    """


def _job(reaction: str) -> str:
    return f"""
        queue.procrastinate_defer_jobs_v1(ARRAY[ROW('reactions', 'react', 0, NULL, NULL,
            jsonb_build_object('tenant', %(tenant)s::text, 'event', %(event)s::text, 'reaction',
            '{reaction}'), NULL)::queue.procrastinate_job_to_defer_v1])
    """


_OPENED = _event(
    "ticket.opened",
    "id",
    "opened",
    """'{"channel": "portal", "type": "support", "status": "new", "on_behalf": false}'""",
)
CREATE = f"""
    WITH opened AS (
        INSERT INTO tickets (tenant_id, id, version, number, organization_id, requester_id,
            department, department_rank, team, team_rank, subject, subject_key, description,
            description_html, type, type_rank, status, status_rank, status_category, severity,
            severity_rank, priority, priority_rank, form, fields, channel, private, billable,
            definition_version, created_at, created_by, updated_at)
        SELECT %(tenant)s, %(id)s, 1, nextval(%(numbers)s::regclass), %(organization)s,
               %(person)s, 'support', 0, 'crm-team', 0, %(subject)s, %(subject_key)s,
               %(description)s, %(html)s, 'support', 0, 'new', 0, 'new', 'sev10', 9,
               'normal', 1, 'ticket', '{{}}', 'portal', false, false, 1, %(now)s,
               %(person)s, %(now)s
        RETURNING id, number, organization_id, department, requester_id
    ), noted AS ({_OPENED}), job AS (SELECT {_job("tell_about_ticket")})
    SELECT number FROM opened, job
"""
_ADDED = _event(
    "comment.added",
    "%(id)s",
    "written",
    """jsonb_build_object('visibility', 'public', 'by', %(side)s::text)""",
)
COMMENT = f"""
    WITH written AS (
        UPDATE tickets SET updated_at = %(now)s, version = version + 1,
               first_replied_at = coalesce(first_replied_at, %(now)s)
         WHERE tenant_id = %(tenant)s AND id = %(ticket)s
        RETURNING id, organization_id, department, requester_id
    ), said AS (
        INSERT INTO comments (tenant_id, id, version, author_id, author_side, visibility, body,
            body_html, channel, is_solution, created_at, ticket_id, organization_id, department,
            requester_id)
        SELECT %(tenant)s, %(id)s, 1, %(person)s, %(side)s, 'public', %(body)s, %(html)s, 'portal',
               false, %(now)s, id, organization_id, department, requester_id
          FROM written
    ), noted AS ({_ADDED})
    SELECT {_job("tell_about_comment")}
"""
CREDENTIAL = """
    SELECT p.id, p.name, c.password_hash
      FROM contact_details d
      JOIN people p ON p.tenant_id = d.tenant_id AND p.id = d.person_id AND p.state = 'active'
      JOIN credentials c ON c.tenant_id = d.tenant_id AND c.person_id = d.person_id
     WHERE d.tenant_id = %(tenant)s AND d.email_key = %(email)s
"""
SESSION = """
    WITH begun AS (
        INSERT INTO sessions (tenant_id, id, person_id, delivery, network, created_at, last_used_at,
            idle_seconds, expires_at, vouched_for)
        VALUES (%(tenant)s, %(session)s, %(person)s, 'tokens', '127.0.0.1', %(now)s, %(now)s,
            86400, %(later)s, false)
    ), given AS (
        INSERT INTO session_tokens (tenant_id, fingerprint, session_id, kind, expires_at)
        VALUES (%(tenant)s, %(access)s, %(session)s, 'access', %(soon)s),
               (%(tenant)s, %(refresh)s, %(session)s, 'refresh', %(later)s)
    )
    INSERT INTO events (tenant_id, id, name, occurred_at, actor_side, audience, subject_id, data)
    VALUES (%(tenant)s, %(event)s, 'session.started', %(now)s, 'system', 'system', %(person)s,
        jsonb_build_object('session', %(session)s::text, 'way', 'local'))
    RETURNING id
"""
