"""People who ask to be let in themselves, and the e-mail domains that say whose people they are.

Only the system gets at registrations: they hold addresses and password hashes of people who are
nobody here yet. A mail about one goes to the address it names.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

from migrations.operations import (
    AGENTS,
    MY_ORGANIZATIONS,
    SYSTEM,
    definer,
    let,
    let_find,
    narrow,
    raise_wall,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _email_domains()
    _registrations()
    _mails()
    _wall()


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _sorted_text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


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


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f("_".join((f"ix_{table}", *columns))), table, list(columns))


def _email_domains() -> None:
    table = "email_domains"
    op.create_table(
        table,
        _id("tenant_id"),
        _sorted_text("domain"),
        _id("organization_id"),
        _moment("created_at"),
        _to(table, "organization_id", "organizations", cascade=True),
        sa.PrimaryKeyConstraint("tenant_id", "domain", name=op.f(f"pk_{table}")),
    )
    _index(table, "tenant_id", "organization_id")


def _registrations() -> None:
    table = "registrations"
    op.create_table(
        table,
        _id("tenant_id"),
        _id("id"),
        _text("state"),
        _text("name"),
        _text("email"),
        _sorted_text("email_key"),
        _sorted_text("domain"),
        _text("language", nullable=True),
        _text("message", nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        _text("password_hash", nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("confirmed_at", nullable=True),
        _moment("decided_at", nullable=True),
        _id("decided_by", nullable=True),
        _id("person_id", nullable=True),
        _text("reason", nullable=True),
        _check(table, "state", "state IN ('asked', 'waiting', 'approved', 'refused')"),
        _check(
            table,
            "password_while_waiting",
            "(state = 'waiting') = (password_hash IS NOT NULL)",
        ),
        _check(table, "person", "(state = 'approved') = (person_id IS NOT NULL)"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id")),
        _to(table, "person_id", "people", cascade=True),
        _to(table, "decided_by", "people"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    for columns in (("created_at", "id"), ("email_key",), ("domain",), ("person_id",)):
        _index(table, "tenant_id", *columns)
    _index(table, "tenant_id", "decided_by")
    _index(table, "fingerprint")
    op.create_index(
        "uq_registrations_waiting",
        table,
        ["tenant_id", "email_key"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _mails() -> None:
    table = "notifications"
    op.alter_column(table, "person_id", nullable=True)
    op.add_column(table, _id("registration_id", nullable=True))
    op.create_foreign_key(
        op.f(f"fk_{table}_tenant_id_registration_id"),
        table,
        "registrations",
        ["tenant_id", "registration_id"],
        ["tenant_id", "id"],
        ondelete="CASCADE",
    )
    op.create_unique_constraint(
        op.f(f"uq_{table}_tenant_id_event_id_registration_id_channel"),
        table,
        ["tenant_id", "event_id", "registration_id", "channel"],
    )
    op.create_check_constraint(
        op.f(f"ck_{table}_one_recipient"),
        table,
        "(person_id IS NULL) <> (registration_id IS NULL)",
    )
    _index(table, "tenant_id", "registration_id")


def _wall() -> None:
    raise_wall("email_domains")
    let("email_domains", "agents", AGENTS)
    let(
        "email_domains",
        "members_read",
        f"organization_id = ANY {MY_ORGANIZATIONS}",
        for_="SELECT",
    )
    narrow("email_domains")
    raise_wall("registrations")
    let("registrations", "system", SYSTEM)
    let_find("registrations")
    definer(
        "wall.enter_by_registration(bytea)",
        """
        CREATE FUNCTION wall.enter_by_registration(secret bytea)
        RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            found_id uuid;
        BEGIN
            SELECT r.tenant_id INTO found_id FROM registrations r WHERE r.fingerprint = secret;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            RETURN wall.enter_as_system(found_id);
        END $$
        """,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
