"""Programs of a directory: accounts elsewhere with which nobody signs in, and service accounts act.

A person's token finds no program and a program's no person: `wall.enter` asks for the client too.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.operations import amend

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLE = "external_identities"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("client_id", sa.Text(), nullable=True))
    op.add_column(_TABLE, sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=True))
    op.drop_constraint(op.f(f"ck_{_TABLE}_bound_by"), _TABLE)
    op.create_check_constraint(
        op.f(f"ck_{_TABLE}_bound_by"),
        _TABLE,
        "bound_by IN ('invitation', 'directory', 'signed_in', 'administrator')",
    )
    op.create_check_constraint(
        op.f(f"ck_{_TABLE}_program"),
        _TABLE,
        "(client_id IS NOT NULL) = (bound_by = 'administrator')"
        " AND (scopes IS NOT NULL) = (bound_by = 'administrator')",
    )
    op.create_index(
        f"ix_{_TABLE}_programs",
        _TABLE,
        ["tenant_id", "created_at", "id"],
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    amend(
        "wall.enter(text, bytea, timestamptz, text, jsonb)",
        (
            "ARRAY(SELECT jsonb_array_elements_text(",
            "ARRAY(SELECT x FROM jsonb_array_elements_text(",
        ),
        (
            "-> 'permissions')) AS scopes,",
            """-> CASE WHEN said ->> 'client' IS NULL
                                   THEN 'permissions' ELSE 'programs' END) AS x
                           WHERE i.scopes IS NULL OR x = ANY (i.scopes)) AS scopes,""",
        ),
        (
            "AND i.issuer = said ->> 'issuer' AND i.subject = said ->> 'subject'",
            """AND i.issuer = said ->> 'issuer' AND i.subject = said ->> 'subject'
                   -- A program says which it is, a person's account has none.
                   AND i.client_id IS NOT DISTINCT FROM said ->> 'client'""",
        ),
        (
            "WHERE n.slug = said ->> 'portal' AND p.state = 'active'",
            """WHERE n.slug = said ->> 'portal' AND p.state = 'active'
                   -- Programs act as service accounts alone, and nobody else does.
                   AND p.service = (said ->> 'client' IS NOT NULL)
                   AND (NOT p.service OR
                        n.directory_access -> (said ->> 'audience') -> 'programs' IS NOT NULL)""",
        ),
    )


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
