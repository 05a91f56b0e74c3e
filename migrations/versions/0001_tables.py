"""The tables of the ground.

Revision: 0001, after .
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 (one table after the other)
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=True),
        sa.Column("terms_steps", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("second_factor_of", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("directory_access", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )
    op.create_table(
        "departments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_departments_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_departments")),
    )
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_side", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "xact",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "audience IN ('everyone', 'author', 'agents', 'system')",
            name=op.f("ck_events_audience"),
        ),
        sa.CheckConstraint(
            "(ticket_id IS NULL) = (organization_id IS NULL)"
            " AND (ticket_id IS NULL) = (department IS NULL)"
            " AND (ticket_id IS NULL) = (requester_id IS NULL)",
            name=op.f("ck_events_of_ticket"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_events_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_tenant_id_name_occurred_at"),
        "events",
        ["tenant_id", "name", "occurred_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_tenant_id_ticket_id_occurred_at_id"),
        "events",
        ["tenant_id", "ticket_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_published_xact_position"),
        "events",
        ["tenant_id", "xact", "position"],
        unique=False,
        postgresql_where=sa.text("published"),
    )
    op.create_table(
        "guess_counters",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("bucket", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_guess_counters_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "bucket", name=op.f("pk_guess_counters")),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_idempotency_records_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "caller_id", "method", "path", "key", name=op.f("pk_idempotency_records")
        ),
    )
    op.create_index(
        "ix_idempotency_records_created_at", "idempotency_records", ["created_at"], unique=False
    )
    op.create_table(
        "organizations",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'inactive')", name=op.f("ck_organizations_state")),
        sa.CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)",
            name=op.f("ck_organizations_external_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_organizations_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_organizations")),
        sa.UniqueConstraint(
            "tenant_id",
            "external_source",
            "external_key",
            name=op.f("uq_organizations_tenant_id_external_source_external_key"),
        ),
    )
    op.create_index(
        op.f("ix_organizations_tenant_id_created_at_id"),
        "organizations",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_organizations_tenant_id_sort_name_id"),
        "organizations",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_table(
        "portal_definitions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_portal_definitions_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_portal_definitions")),
    )
    op.create_table(
        "roles",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("side IN ('customer', 'agent')", name=op.f("ck_roles_side")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_roles_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_roles")),
        sa.UniqueConstraint("tenant_id", "key", "side", name=op.f("uq_roles_tenant_id_key_side")),
    )
    op.create_table(
        "timers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_timers_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_timers")),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"], unique=False)
    op.create_index(
        op.f("ix_timers_tenant_id_name_subject_id"),
        "timers",
        ["tenant_id", "name", "subject_id"],
        unique=True,
    )
    op.create_table(
        "people",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shut_out_by", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IS NULL OR side = 'agent'", name=op.f("ck_people_role_of_agents")),
        sa.CheckConstraint("side IN ('customer', 'agent')", name=op.f("ck_people_side")),
        sa.CheckConstraint(
            "state IN ('invited', 'active', 'inactive')", name=op.f("ck_people_state")
        ),
        sa.CheckConstraint(
            "shut_out_by IS NULL"
            " OR (state = 'inactive' AND shut_out_by IN ('provider', 'customer'))",
            name=op.f("ck_people_shut_out_by"),
        ),
        sa.CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)",
            name=op.f("ck_people_external_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role", "side"],
            ["roles.tenant_id", "roles.key", "roles.side"],
            name=op.f("fk_people_tenant_id_role_side"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_people_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_people")),
        sa.UniqueConstraint(
            "tenant_id",
            "external_source",
            "external_key",
            name=op.f("uq_people_tenant_id_external_source_external_key"),
        ),
    )
    op.create_index(
        op.f("ix_people_tenant_id_created_at_id"),
        "people",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_people_tenant_id_sort_name_id"),
        "people",
        ["tenant_id", "sort_name", "id"],
        unique=False,
    )
    op.create_table(
        "teams",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "department"],
            ["departments.tenant_id", "departments.key"],
            name=op.f("fk_teams_tenant_id_department"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_teams")),
    )
    op.create_index(
        op.f("ix_teams_tenant_id_department"), "teams", ["tenant_id", "department"], unique=False
    )
    op.create_table(
        "contact_details",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(collation="C"), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_contact_details_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_contact_details")),
        sa.UniqueConstraint(
            "tenant_id", "email_key", name=op.f("uq_contact_details_tenant_id_email_key")
        ),
    )
    op.create_index(
        op.f("ix_contact_details_tenant_id_phone"),
        "contact_details",
        ["tenant_id", "phone"],
        unique=False,
    )
    op.create_table(
        "credentials",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_credentials_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side = 'customer'", name=op.f("ck_memberships_side")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organizations.tenant_id", "organizations.id"],
            name=op.f("fk_memberships_tenant_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_memberships_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role", "side"],
            ["roles.tenant_id", "roles.key", "roles.side"],
            name=op.f("fk_memberships_tenant_id_role_side"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "organization_id", "person_id", name=op.f("pk_memberships")
        ),
    )
    op.create_index(
        op.f("ix_memberships_tenant_id_person_id"),
        "memberships",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('activation', 'password_reset', 'second_factor')",
            name=op.f("ck_one_time_tokens_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_one_time_tokens_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_one_time_tokens")),
    )
    op.create_index(
        op.f("ix_one_time_tokens_fingerprint"), "one_time_tokens", ["fingerprint"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_tokens_tenant_id_person_id"),
        "one_time_tokens",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "sessions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vouched_for", sa.Boolean(), nullable=False),
        sa.CheckConstraint("delivery IN ('cookie', 'tokens')", name=op.f("ck_sessions_delivery")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_sessions_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sessions")),
    )
    op.create_index(
        op.f("ix_sessions_tenant_id_person_id"),
        "sessions",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "team_members",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("told_of_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_team_members_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team"],
            ["teams.tenant_id", "teams.key"],
            name=op.f("fk_team_members_tenant_id_team"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "team", "person_id", name=op.f("pk_team_members")),
    )
    op.create_index(
        op.f("ix_team_members_tenant_id_person_id"),
        "team_members",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "tickets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("department_rank", sa.SmallInteger(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("team_rank", sa.SmallInteger(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_html", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("type_rank", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_rank", sa.SmallInteger(), nullable=False),
        sa.Column("status_category", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("severity_rank", sa.SmallInteger(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("priority_rank", sa.SmallInteger(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("service_rank", sa.SmallInteger(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("billable", sa.Boolean(), nullable=False),
        sa.Column("gated_by", sa.Uuid(), nullable=True),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_key", sa.Text(), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status_category = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_tickets_closed_at"),
        ),
        sa.CheckConstraint(
            "status_category IN ('new', 'open', 'waiting_customer', 'waiting_third_party',"
            " 'resolved', 'closed')",
            name=op.f("ck_tickets_status_category"),
        ),
        sa.CheckConstraint(
            "(external_source IS NULL) = (external_key IS NULL)",
            name=op.f("ck_tickets_external_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "assignee_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_tickets_tenant_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
            name=op.f("fk_tickets_tenant_id_definition_version"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "department"],
            ["departments.tenant_id", "departments.key"],
            name=op.f("fk_tickets_tenant_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organizations.tenant_id", "organizations.id"],
            name=op.f("fk_tickets_tenant_id_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requester_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_tickets_tenant_id_requester_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team"],
            ["teams.tenant_id", "teams.key"],
            name=op.f("fk_tickets_tenant_id_team"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tickets")),
        sa.UniqueConstraint(
            "tenant_id",
            "external_source",
            "external_key",
            name=op.f("uq_tickets_tenant_id_external_source_external_key"),
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_tickets_tenant_id_number")),
        sa.UniqueConstraint(
            "tenant_id",
            "id",
            "organization_id",
            "department",
            "requester_id",
            name="uq_tickets_place",
        ),
    )
    op.create_index(
        "ix_tickets_in_progress",
        "tickets",
        ["tenant_id", "organization_id", "status"],
        unique=False,
        postgresql_where=sa.text("status_category <> 'closed'"),
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_assignee_id_created_at_id"),
        "tickets",
        ["tenant_id", "assignee_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_closed_at_id"),
        "tickets",
        ["tenant_id", "closed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_created_at_id"),
        "tickets",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_department_rank_id"),
        "tickets",
        ["tenant_id", "department_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_organization_id_created_at_id"),
        "tickets",
        ["tenant_id", "organization_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_organization_id_updated_at_id"),
        "tickets",
        ["tenant_id", "organization_id", "updated_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_priority_rank_id"),
        "tickets",
        ["tenant_id", "priority_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_requester_id_created_at_id"),
        "tickets",
        ["tenant_id", "requester_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_service_rank_id"),
        "tickets",
        ["tenant_id", "service_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_severity_rank_id"),
        "tickets",
        ["tenant_id", "severity_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_status_created_at_id"),
        "tickets",
        ["tenant_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_status_rank_id"),
        "tickets",
        ["tenant_id", "status_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_subject_key_id"),
        "tickets",
        ["tenant_id", "subject_key", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_team_rank_id"),
        "tickets",
        ["tenant_id", "team_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_type_rank_id"),
        "tickets",
        ["tenant_id", "type_rank", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_updated_at_id"),
        "tickets",
        ["tenant_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "comments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_side", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status_from", sa.Text(), nullable=True),
        sa.Column("status_to", sa.Text(), nullable=True),
        sa.Column("is_solution", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "author_side IN ('customer', 'agent', 'system')", name=op.f("ck_comments_author_side")
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal', 'private')", name=op.f("ck_comments_visibility")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_comments_tenant_id_author_id"),
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
            name="fk_comments_of_ticket",
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_comments")),
        sa.UniqueConstraint("tenant_id", "ticket_id", "id", "visibility", name="uq_comments_place"),
    )
    op.create_index(
        op.f("ix_comments_tenant_id_ticket_id_created_at_id"),
        "comments",
        ["tenant_id", "ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "notifications",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("reply_token", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('mail')", name=op.f("ck_notifications_channel")),
        sa.CheckConstraint(
            "state IN ('pending', 'sent', 'refused', 'dropped')",
            name=op.f("ck_notifications_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["events.tenant_id", "events.id"],
            name=op.f("fk_notifications_tenant_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_notifications_tenant_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["tickets.tenant_id", "tickets.id"],
            name=op.f("fk_notifications_tenant_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "tenant_id",
            "event_id",
            "person_id",
            "channel",
            name=op.f("uq_notifications_tenant_id_event_id_person_id_channel"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "message_id", name=op.f("uq_notifications_tenant_id_message_id")
        ),
        sa.UniqueConstraint(
            "tenant_id", "reply_token", name=op.f("uq_notifications_tenant_id_reply_token")
        ),
    )
    op.create_index(
        op.f("ix_notifications_tenant_id_person_id"),
        "notifications",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_notifications_tenant_id_ticket_id"),
        "notifications",
        ["tenant_id", "ticket_id"],
        unique=False,
    )
    op.create_table(
        "participants",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_participants_tenant_id_person_id"),
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
            name="fk_participants_of_ticket",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "ticket_id", "person_id", name=op.f("pk_participants")
        ),
    )
    op.create_index(
        op.f("ix_participants_tenant_id_person_id"),
        "participants",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "session_tokens",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given_for", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('access', 'refresh', 'cookie')", name=op.f("ck_session_tokens_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "session_id"],
            ["sessions.tenant_id", "sessions.id"],
            name=op.f("fk_session_tokens_tenant_id_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fingerprint", name=op.f("pk_session_tokens")),
    )
    op.create_index(
        op.f("ix_session_tokens_fingerprint"), "session_tokens", ["fingerprint"], unique=False
    )
    op.create_index(
        op.f("ix_session_tokens_tenant_id_session_id"),
        "session_tokens",
        ["tenant_id", "session_id"],
        unique=False,
    )
    op.create_table(
        "attachments",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("requester_id", sa.Uuid(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("uploader_side", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("thumbnail_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'clean', 'infected', 'unscanned')",
            name=op.f("ck_attachments_state"),
        ),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal', 'private')",
            name=op.f("ck_attachments_visibility"),
        ),
        sa.CheckConstraint(
            "(ticket_id IS NULL) = (organization_id IS NULL)"
            " AND (ticket_id IS NULL) = (department IS NULL)"
            " AND (ticket_id IS NULL) = (requester_id IS NULL)"
            " AND (comment_id IS NULL OR ticket_id IS NOT NULL)",
            name=op.f("ck_attachments_hangs_on"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id", "comment_id", "visibility"],
            ["comments.tenant_id", "comments.ticket_id", "comments.id", "comments.visibility"],
            name="fk_attachments_of_comment",
            onupdate="CASCADE",
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
            name="fk_attachments_of_ticket",
            onupdate="CASCADE",
            deferrable=True,
            initially="IMMEDIATE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "uploaded_by"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_attachments_tenant_id_uploaded_by"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_attachments")),
    )
    op.create_index(
        op.f("ix_attachments_tenant_id_comment_id"),
        "attachments",
        ["tenant_id", "comment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attachments_tenant_id_ticket_id_created_at_id"),
        "attachments",
        ["tenant_id", "ticket_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_attachments_uploads",
        "attachments",
        ["tenant_id", "uploaded_by"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NULL"),
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
