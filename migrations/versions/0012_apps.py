"""Apps: what people let act for them, the questions asked for it, and sessions that are an app's.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import SYSTEM, definer, let, let_find, raise_wall

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _apps()
    _requests()
    _consents()
    _sessions()
    for table in ("apps", "authorization_requests", "app_consents"):
        raise_wall(table)
        let(table, "system", SYSTEM)
    let_find("apps")
    _entrance()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=nullable)


def _refers(
    table: str, column: str, target: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
        ondelete=ondelete,
    )


def _apps() -> None:
    op.create_table(
        "apps",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _texts("redirect_uris"),
        _texts("scopes"),
        _texts("origins"),
        sa.Column("secret_fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("introspects", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("removed_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('public', 'confidential')", name=op.f("ck_apps_kind")),
        sa.CheckConstraint(
            "(kind = 'confidential') = (secret_fingerprint IS NOT NULL)"
            " AND (kind = 'confidential' OR (person_id IS NULL AND NOT introspects))",
            name=op.f("ck_apps_secret"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_apps_tenant_id")),
        _refers("apps", "person_id", "people"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_apps")),
    )
    op.create_index("ix_apps_id", "apps", ["id"])
    for columns in (["sort_name", "id"], ["created_at", "id"]):
        name = op.f(f"ix_apps_tenant_id_{'_'.join(columns)}")
        op.create_index(name, "apps", ["tenant_id", *columns])


def _requests() -> None:
    table = "authorization_requests"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        _texts("scopes"),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("challenge", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("decided_at", nullable=True),
        sa.Column("vouched_for", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("code_fingerprint", sa.LargeBinary(), nullable=True),
        _moment("code_expires_at", nullable=True),
        _moment("exchanged_at", nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        _refers(table, "app_id", "apps"),
        _refers(table, "person_id", "people", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    for column in ("fingerprint", "code_fingerprint"):
        name = op.f(f"ix_{table}_tenant_id_{column}")
        op.create_index(name, table, ["tenant_id", column])


def _consents() -> None:
    table = "app_consents"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        _texts("scopes"),
        _moment("allowed_at"),
        _refers(table, "app_id", "apps"),
        _refers(table, "person_id", "people", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", "app_id", name=op.f(f"pk_{table}")),
    )


def _sessions() -> None:
    op.add_column("sessions", sa.Column("app_id", sa.Uuid(), nullable=True))
    op.add_column("sessions", _texts("scopes", nullable=True))
    op.create_foreign_key(
        op.f("fk_sessions_tenant_id_app_id"),
        "sessions",
        "apps",
        ["tenant_id", "app_id"],
        ["tenant_id", "id"],
    )
    op.create_check_constraint(
        op.f("ck_sessions_of_app"), "sessions", "(app_id IS NULL) = (scopes IS NULL)"
    )
    op.create_index(
        "ix_sessions_app_id",
        "sessions",
        ["tenant_id", "app_id"],
        postgresql_where=sa.text("app_id IS NOT NULL"),
    )


def _entrance() -> None:
    definer(
        "wall.enter_by_app(uuid)",
        """
        CREATE FUNCTION wall.enter_by_app(app uuid)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_id uuid;
        BEGIN
            SELECT a.tenant_id INTO found_id FROM apps a WHERE a.id = app AND a.removed_at IS NULL;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            RETURN wall.enter_as_system(found_id);
        END $$
        """,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
