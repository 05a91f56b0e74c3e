"""API keys, service accounts that may own them, and what the audit lacked to tell of both.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import FINDER, ME, SYSTEM, let, let_find, narrow, raise_wall

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Tables whose rows are an organization's.
_OF_ORGANIZATIONS = (
    "tickets",
    "participants",
    "comments",
    "comment_revisions",
    "memberships",
    "entitlements",
    "approvals",
)
#: As they are, where they hang on a ticket at all.
_PERHAPS_OF_ORGANIZATIONS = ("attachments", "events")
_MEMBERS = (
    "IN (SELECT m.person_id FROM memberships m WHERE m.tenant_id = (SELECT wall.tenant())"
    " AND m.organization_id = {organization})"
)


def upgrade() -> None:
    op.add_column(
        "people",
        sa.Column("service", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("events", sa.Column("api_key_id", sa.Uuid(), nullable=True))
    for columns in (["occurred_at", "id"], ["subject_id", "occurred_at", "id"]):
        op.create_index(
            op.f(f"ix_events_audit_{columns[0]}"),
            "events",
            ["tenant_id", *columns],
            postgresql_where=sa.text("audience = 'system' AND ticket_id IS NULL"),
        )
    _keys()
    _note_of_use()
    _narrowed()


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_api_keys_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["people.tenant_id", "people.id"],
            name=op.f("fk_api_keys_tenant_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organizations.tenant_id", "organizations.id"],
            name=op.f("fk_api_keys_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_keys")),
    )
    for columns in (["person_id"], ["created_at", "id"], ["sort_name", "id"]):
        name = op.f(f"ix_api_keys_tenant_id_{'_'.join(columns)}")
        op.create_index(name, "api_keys", ["tenant_id", *columns])
    op.create_table(
        "api_key_secrets",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        _of_key("api_key_secrets"),
        sa.PrimaryKeyConstraint("tenant_id", "fingerprint", name=op.f("pk_api_key_secrets")),
    )
    op.create_index(op.f("ix_api_key_secrets_fingerprint"), "api_key_secrets", ["fingerprint"])
    op.create_index(
        op.f("ix_api_key_secrets_tenant_id_api_key_id"),
        "api_key_secrets",
        ["tenant_id", "api_key_id"],
    )
    op.create_table(
        "api_key_uses",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        _of_key("api_key_uses"),
        sa.PrimaryKeyConstraint(
            "tenant_id", "api_key_id", "day", "network", name=op.f("pk_api_key_uses")
        ),
    )
    raise_wall("api_keys")
    let("api_keys", "system", SYSTEM)
    let("api_keys", "ones_own", f"person_id = {ME}", for_="SELECT")
    let_find("api_keys")
    for table in ("api_key_secrets", "api_key_uses"):
        raise_wall(table)
        let(table, "system", SYSTEM)
    let_find("api_key_secrets", update=True)
    let_find("api_key_uses")
    op.execute(f"GRANT INSERT ON api_key_uses TO {FINDER}")


def _of_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "api_key_id"],
        ["api_keys.tenant_id", "api_keys.id"],
        name=op.f(f"fk_{table}_tenant_id_api_key_id"),
        ondelete="CASCADE",
    )


def _note_of_use() -> None:
    """Called by `wall.enter` alone: when a key was last used, to the minute, and whether it is the
    first time that day from that network."""
    signature = "wall.note_key_use(uuid, uuid, bytea, timestamptz, timestamptz, text)"
    op.execute(
        """
        CREATE FUNCTION wall.note_key_use(tenant uuid, key uuid, secret bytea,
            last_used_at timestamptz, moment timestamptz, network text)
        RETURNS boolean LANGUAGE plpgsql VOLATILE
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            today date := (moment AT TIME ZONE 'UTC')::date;
        BEGIN
            IF last_used_at IS NULL OR last_used_at < moment - interval '1 minute'
               OR last_used_at > moment + interval '1 minute' THEN
                UPDATE api_key_secrets x SET last_used_at = moment
                 WHERE x.tenant_id = tenant AND x.fingerprint IN (
                    SELECT l.fingerprint FROM api_key_secrets l
                     WHERE l.tenant_id = tenant AND l.fingerprint = secret
                       FOR UPDATE SKIP LOCKED);
            END IF;
            IF network IS NULL OR EXISTS (
                SELECT FROM api_key_uses u WHERE u.tenant_id = note_key_use.tenant
                   AND u.api_key_id = key AND u.day = today
                   AND u.network = note_key_use.network)
               OR NOT pg_try_advisory_xact_lock(
                   hashtextextended(concat_ws('|', tenant, key, today, network), 0)) THEN
                RETURN false;
            END IF;
            INSERT INTO api_key_uses (tenant_id, api_key_id, day, network)
            VALUES (tenant, key, today, network) ON CONFLICT DO NOTHING;
            RETURN FOUND;
        END $$
        """
    )
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {FINDER}")


def _narrowed() -> None:
    for table in _OF_ORGANIZATIONS:
        narrow(table)
    for table in _PERHAPS_OF_ORGANIZATIONS:
        narrow(table, "organization_id IS NULL OR organization_id = {organization}")
    narrow("organizations", "id = {organization}")
    narrow("contact_details", f"person_id = {ME} OR person_id {_MEMBERS}")
    # Names are read by everybody, changed by nobody who was let in for another organization.
    organization = "(SELECT wall.organization())"
    let(
        "people",
        "changed_within_one_organization",
        f"{SYSTEM} OR {organization} IS NULL OR id = {ME}"
        f" OR id {_MEMBERS.format(organization=organization)}",
        for_="UPDATE",
        restrictive=True,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
