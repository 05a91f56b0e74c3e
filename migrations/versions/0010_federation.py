"""Accounts elsewhere, of people and programs, sign-ins on their way, invitations, and consents.

Only the system writes; a person reads what is his own, agents and company administrators the
invitations of their side.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import (
    ME,
    MY_ORGANIZATIONS,
    SERVING,
    SYSTEM,
    definer,
    let,
    let_find,
    narrow,
    raise_wall,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _external_identities()
    _sign_in_attempts()
    _federated_sessions()
    _invitations()
    _consents()
    _wall()


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _to(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete="CASCADE" if cascade else None,
    )


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f("_".join((f"ix_{table}", *columns))), table, list(columns))


def _external_identities() -> None:
    table = "external_identities"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("person_id"),
        _text("provider"),
        _text("issuer"),
        _text("subject"),
        _text("account", nullable=True),
        _text("bound_by"),
        _moment("created_at"),
        _moment("last_used_at", nullable=True),
        _moment("checked_at", nullable=True),
        _text("client_id", nullable=True),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=True),
        _check(
            table,
            "bound_by",
            "bound_by IN ('invitation', 'directory', 'signed_in', 'administrator')",
        ),
        _check(
            table,
            "program",
            "(client_id IS NOT NULL) = (bound_by = 'administrator')"
            " AND (scopes IS NOT NULL) = (bound_by = 'administrator')",
        ),
        _to(table, "person_id", "people", cascade=True),
        _primary(table, "id"),
        sa.UniqueConstraint(
            "tenant_id",
            "provider",
            "issuer",
            "subject",
            name=op.f(f"uq_{table}_tenant_id_provider_issuer_subject"),
        ),
    )
    _index(table, "tenant_id", "person_id")
    op.create_index(
        f"ix_{table}_programs",
        table,
        ["tenant_id", "created_at", "id"],
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )


def _sign_in_attempts() -> None:
    table = "sign_in_attempts"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _text("purpose"),
        _text("provider"),
        _bytes("state"),
        _bytes("browser"),
        _text("return_to"),
        _id("person_id", nullable=True),
        _id("session_id", nullable=True),
        _id("invitation_id", nullable=True),
        _bytes("link", nullable=True),
        _text("terms_version", nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        _check(table, "purpose", "purpose IN ('sign_in', 'invitation', 'link')"),
        _check(table, "person", "(purpose = 'sign_in') = (person_id IS NULL)"),
        _check(table, "session", "(purpose = 'link') = (session_id IS NOT NULL)"),
        _check(table, "invited", "(purpose = 'invitation') = (invitation_id IS NOT NULL)"),
        _to(table, "person_id", "people", cascade=True),
        _to(table, "session_id", "sessions", cascade=True),
        _primary(table, "id"),
    )
    _index(table, "state")
    _index(table, "tenant_id", "person_id")
    _index(table, "tenant_id", "session_id")


def _federated_sessions() -> None:
    table = "federated_sessions"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("session_id"),
        _text("provider"),
        _text("issuer"),
        _text("subject"),
        _text("sid", nullable=True),
        _text("sign_out_url", nullable=True),
        _to(table, "session_id", "sessions", cascade=True),
        _primary(table, "session_id"),
    )
    _index(table, "tenant_id", "provider", "subject")
    _index(table, "tenant_id", "provider", "sid")
    table = "seen_logout_tokens"
    op.create_table(
        table,
        _id("tenant_id"),
        _text("provider"),
        _bytes("token"),
        _moment("expires_at"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        _primary(table, "provider", "token"),
    )


def _invitations() -> None:
    table = "invitations"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _id("person_id"),
        _id("organization_id", nullable=True),
        _text("role", nullable=True),
        _text("way", nullable=True),
        _id("invited_by", nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("sent_at", nullable=True),
        _text("failure", nullable=True),
        _moment("accepted_at", nullable=True),
        _text("accepted_by", nullable=True),
        _moment("withdrawn_at", nullable=True),
        _check(table, "one_end", "accepted_at IS NULL OR withdrawn_at IS NULL"),
        _check(table, "accepted_by", "(accepted_at IS NULL) = (accepted_by IS NULL)"),
        _to(table, "person_id", "people", cascade=True),
        _to(table, "organization_id", "organizations"),
        _to(table, "invited_by", "people"),
        _primary(table, "id"),
    )
    _index(table, "tenant_id", "created_at", "id")
    _index(table, "tenant_id", "organization_id")
    _index(table, "tenant_id", "invited_by")
    op.create_index(
        "uq_invitations_open",
        table,
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.drop_constraint(op.f("ck_one_time_tokens_purpose"), "one_time_tokens")
    op.create_check_constraint(
        op.f("ck_one_time_tokens_purpose"),
        "one_time_tokens",
        "purpose IN ('activation', 'password_reset', 'invitation', 'second_factor')",
    )


def _consents() -> None:
    table = "consents"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("person_id"),
        _text("version"),
        _text("step"),
        _moment("accepted_at"),
        _to(table, "person_id", "people", cascade=True),
        _primary(table, "person_id", "version", "step"),
    )


def _wall() -> None:
    for table in (
        "external_identities",
        "sign_in_attempts",
        "federated_sessions",
        "seen_logout_tokens",
        "invitations",
        "consents",
    ):
        raise_wall(table)
        let(table, "system", SYSTEM)
    let("external_identities", "ones_own", f"person_id = {ME}", for_="SELECT")
    let("consents", "ones_own", f"person_id = {ME}", for_="SELECT")
    op.execute(f"REVOKE UPDATE, DELETE ON consents FROM {SERVING}")
    let("invitations", "agents_read", "(SELECT wall.side() = 'agent')", for_="SELECT")
    let("invitations", "members_read", f"organization_id = ANY {MY_ORGANIZATIONS}", for_="SELECT")
    narrow("invitations")
    let_find("sign_in_attempts")
    let_find("consents")
    let_find("external_identities", update=True)
    definer(
        "wall.enter_by_attempt(bytea)",
        """
        CREATE FUNCTION wall.enter_by_attempt(said bytea)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_id uuid;
        BEGIN
            SELECT a.tenant_id INTO found_id FROM sign_in_attempts a WHERE a.state = said;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            RETURN wall.enter_as_system(found_id);
        END $$
        """,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
