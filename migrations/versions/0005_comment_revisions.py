"""What comments said before they were changed or withdrawn.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

from migrations.operations import CLOSED, SERVING, SYSTEM, let, raise_wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comment_revisions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "comment_id", "version", name=op.f("pk_comment_revisions")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "comment_id"],
            ["comments.tenant_id", "comments.id"],
            name=op.f("fk_comment_revisions_tenant_id_comment_id"),
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
            name="fk_comment_revisions_of_ticket",
            onupdate="CASCADE",
        ),
    )
    raise_wall("comment_revisions")
    let(
        "comment_revisions",
        "agents_of_the_department",
        f"{SYSTEM} OR ((SELECT wall.side() = 'agent') AND department <> ALL {CLOSED})",
    )
    # What was said once stays said.
    op.execute(f"REVOKE UPDATE, DELETE ON comment_revisions FROM {SERVING}")


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
