"""Service levels: the log of the clocks of tickets, and what lists of tickets sort and find by.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

from migrations.operations import SERVING, SYSTEM, let, narrow, of_ticket, raise_wall

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

IN_PROGRESS = sa.text("status_category <> 'closed'")
#: What is counted by, and what the wall asks: so that the table itself need not be read.
BESIDE = [
    "id",
    "requester_id",
    "department",
    "private",
    "team",
    "assignee_id",
    "created_at",
    "status_category",
    "sla",
]


def upgrade() -> None:
    _log()
    _standing()


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_clock_events_{name}"))


def _log() -> None:
    table = "clock_events"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _moment("at"),
        _moment("noted_at"),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=True),
        sa.Column("target_minutes", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        _check("metric", "metric IN ('first_response', 'next_response', 'resolution')"),
        _check(
            "kind",
            "kind IN ('activated', 'paused', 'resumed', 'fulfilled', 'target_changed', 'warned',"
            " 'breached', 'cancelled')",
        ),
        _check(
            "terms",
            "(kind IN ('activated', 'target_changed')) = (policy IS NOT NULL)"
            " AND (policy IS NULL) = (definition_version IS NULL)"
            " AND (policy IS NULL) = (target_minutes IS NULL)",
        ),
        _check("clock", "clock <= position AND (clock = position) = (kind = 'activated')"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id", "organization_id", "department", "requester_id"],
            [
                "tickets.tenant_id",
                "tickets.id",
                "tickets.organization_id",
                "tickets.department",
                "tickets.requester_id",
            ],
            name="fk_clock_events_of_ticket",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
            name=op.f("fk_clock_events_tenant_id_definition_version"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "ticket_id", "position", name=op.f("pk_clock_events")),
    )
    raise_wall(table)
    let(table, "as_its_ticket", of_ticket(), for_="SELECT")
    let(table, "system_adds", SYSTEM, for_="INSERT")
    narrow(table)
    op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {SERVING}")


def _standing() -> None:
    """How a ticket stands to its promise, and its next deadline: derived, and kept for lists."""
    op.add_column("tickets", sa.Column("sla", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_tickets_sla"),
        "tickets",
        "sla IN ('breached', 'warned', 'running', 'paused', 'missed', 'met')",
    )
    for columns in (["due_at", "id"], ["sla", "created_at", "id"], ["sla", "due_at", "id"]):
        name = op.f("_".join(("ix_tickets_tenant_id", *columns)))
        op.create_index(name, "tickets", ["tenant_id", *columns])
    op.create_index(
        "ix_tickets_promised",
        "tickets",
        ["tenant_id", "organization_id", "sla", "due_at", "id"],
        postgresql_where=sa.text("sla IS NOT NULL"),
    )
    op.drop_index("ix_tickets_in_progress", "tickets")
    op.create_index(
        "ix_tickets_in_progress",
        "tickets",
        ["tenant_id", "organization_id", "status"],
        postgresql_where=IN_PROGRESS,
        postgresql_include=BESIDE,
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
