"""Indexes of tickets in progress: what dashboards count costs the same however long history grows.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
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
]


def upgrade() -> None:
    op.drop_index("ix_tickets_in_progress", "tickets")
    op.create_index(
        "ix_tickets_in_progress",
        "tickets",
        ["tenant_id", "organization_id", "status"],
        postgresql_where=IN_PROGRESS,
        postgresql_include=BESIDE,
    )
    for who in ("requester_id", "assignee_id"):
        op.create_index(
            f"ix_tickets_in_progress_of_{who.removesuffix('_id')}",
            "tickets",
            ["tenant_id", who, "status"],
            postgresql_where=IN_PROGRESS,
        )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
