"""Addresses that people had, for as long as it takes to tell them there that they have another.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from migrations.operations import SYSTEM, let, raise_wall

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = "former_addresses"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["people.tenant_id", "people.id"],
            name=op.f(f"fk_{table}_tenant_id_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_tenant_id_person_id"), table, ["tenant_id", "person_id"])
    raise_wall(table)
    let(table, "system", SYSTEM)


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
