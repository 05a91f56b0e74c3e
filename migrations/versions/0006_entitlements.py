"""Entitlements: the agreements that tickets are charged to, by organization.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import AGENTS, MY_ORGANIZATIONS, let, raise_wall

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entitlements",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'ended')", name=op.f("ck_entitlements_state")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_entitlements_dates")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "organization_id"],
            ["organizations.tenant_id", "organizations.id"],
            name=op.f("fk_entitlements_tenant_id_organization_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_entitlements")),
        sa.UniqueConstraint(
            "tenant_id", "organization_id", "id", name=op.f("uq_entitlements_place")
        ),
    )
    op.create_index(
        "uq_entitlements_default",
        "entitlements",
        ["tenant_id", "organization_id"],
        unique=True,
        postgresql_where=sa.text("is_default AND state = 'active'"),
    )
    for columns in (["sort_name", "id"], ["starts_on", "id"]):
        op.create_index(
            op.f(f"ix_entitlements_tenant_id_{'_'.join(columns)}"),
            "entitlements",
            ["tenant_id", *columns],
        )
    raise_wall("entitlements")
    let("entitlements", "agents", AGENTS)
    let("entitlements", "members_read", f"organization_id = ANY {MY_ORGANIZATIONS}", for_="SELECT")
    op.add_column("tickets", sa.Column("entitlement_id", sa.Uuid(), nullable=True))
    # With the organization: nobody charges another company's agreement.
    op.create_foreign_key(
        op.f("fk_tickets_entitlement"),
        "tickets",
        "entitlements",
        ["tenant_id", "organization_id", "entitlement_id"],
        ["tenant_id", "organization_id", "id"],
    )
    op.create_index(
        op.f("ix_tickets_tenant_id_entitlement_id_created_at_id"),
        "tickets",
        ["tenant_id", "entitlement_id", "created_at", "id"],
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
