"""Approvals: the questions, who is asked, who stands in for whom, what was decided.

A question shows itself as its ticket does, its approvers and decisions as the question does. Only
the system writes: whoever asks or decides goes through a verb. Decisions are never changed.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from migrations.operations import AGENTS, ME, SERVING, SYSTEM, let, of_ticket, raise_wall

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_OF_APPROVAL = (
    "approval_id IN (SELECT a.id FROM approvals a WHERE a.tenant_id = (SELECT wall.tenant()))"
)


def upgrade() -> None:
    _approvals()
    _approvers()
    _substitutes()
    _decisions()
    _wall()


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        ["people.tenant_id", "people.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _of_approval(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "approval_id"],
        ["approvals.tenant_id", "approvals.id"],
        name=op.f(f"fk_{table}_tenant_id_approval_id"),
        ondelete="CASCADE",
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("refusal_needs_comment", sa.Boolean(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("gate", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("ticket_version", sa.Integer(), nullable=False),
        sa.Column("asked_in", sa.Text(), nullable=False),
        _moment("asked_at", nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        _moment("due_at"),
        _moment("remind_at"),
        _moment("reminded_at"),
        _moment("presumed_at"),
        sa.Column("awaits_agent", sa.Boolean(), nullable=False),
        _moment("ended_at"),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("approvals", "kind", "kind IN ('resolution', 'request', 'task')"),
        _check("approvals", "state", "state IN ('pending', 'granted', 'refused', 'cancelled')"),
        _check("approvals", "ended_at", "(state = 'pending') = (ended_at IS NULL)"),
        _check("approvals", "question", "(policy IS NULL) <> (question IS NULL)"),
        _check(
            "approvals", "decision", "(state IN ('granted', 'refused')) = (decision IS NOT NULL)"
        ),
        _check(
            "approvals",
            "cancelled_because",
            "(state = 'cancelled') = (cancelled_because IS NOT NULL)",
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
            name="fk_approvals_of_ticket",
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "definition_version"],
            ["portal_definitions.tenant_id", "portal_definitions.version"],
            name=op.f("fk_approvals_tenant_id_definition_version"),
        ),
        _person("approvals", "asked_by"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approvals")),
    )
    for columns in (
        ("ticket_id", "asked_at", "id"),
        ("organization_id", "asked_at", "id"),
        ("requester_id", "asked_at", "id"),
        ("asked_at", "id"),
        ("due_at", "id"),
        ("ended_at", "id"),
    ):
        name = op.f("_".join(("ix_approvals_tenant_id", *columns)))
        op.create_index(name, "approvals", ["tenant_id", *columns])
    op.create_index(
        "uq_approvals_asked_once",
        "approvals",
        ["tenant_id", "ticket_id", "policy"],
        unique=True,
        postgresql_where=sa.text("state = 'pending' AND policy IS NOT NULL"),
    )


def _approvers() -> None:
    op.create_table(
        "approvers",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reminder", sa.Text(), nullable=True),
        sa.Column("reminded_by", sa.Uuid(), nullable=True),
        _moment("reminded_at"),
        _check("approvers", "reminder", "reminder IN ('asked', 'accepted', 'failed')"),
        _check("approvers", "reminded_by", "(reminder IS NULL) = (reminded_by IS NULL)"),
        _check("approvers", "reminded_at", "(reminder = 'accepted') = (reminded_at IS NOT NULL)"),
        _of_approval("approvers"),
        _person("approvers", "person_id"),
        sa.PrimaryKeyConstraint("tenant_id", "approval_id", "person_id", name=op.f("pk_approvers")),
    )
    name = op.f("ix_approvers_tenant_id_person_id")
    op.create_index(name, "approvers", ["tenant_id", "person_id"])


def _substitutes() -> None:
    op.create_table(
        "substitutes",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        _moment("starts_at", nullable=False),
        _moment("ends_at", nullable=False),
        _check("substitutes", "another", "person_id <> substitute_id"),
        _check("substitutes", "ends_at", "starts_at < ends_at"),
        _person("substitutes", "person_id"),
        _person("substitutes", "substitute_id"),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_substitutes")),
    )
    name = op.f("ix_substitutes_tenant_id_substitute_id")
    op.create_index(name, "substitutes", ["tenant_id", "substitute_id"])


def _decisions() -> None:
    table = "approval_decisions"
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("for_person_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_version", sa.Integer(), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("text_digest", sa.Text(), nullable=False),
        _moment("decided_at", nullable=False),
        _check(table, "kind", "kind IN ('explicit', 'presumed', 'delegated')"),
        _check(table, "outcome", "outcome IN ('granted', 'refused')"),
        _check(
            table,
            "who",
            "(kind = 'presumed') = (person_id IS NULL)"
            " AND (person_id IS NULL) = (for_person_id IS NULL)"
            " AND (kind = 'explicit') = (person_id IS NOT DISTINCT FROM for_person_id"
            " AND person_id IS NOT NULL)",
        ),
        _of_approval(table),
        _person(table, "person_id"),
        _person(table, "for_person_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_approval_decisions")),
        sa.UniqueConstraint(
            "tenant_id",
            "approval_id",
            "for_person_id",
            name=op.f("uq_approval_decisions_tenant_id_approval_id_for_person_id"),
        ),
    )
    op.create_index(
        "uq_approval_decisions_final",
        table,
        ["tenant_id", "approval_id"],
        unique=True,
        postgresql_where=sa.text("final"),
    )


def _wall() -> None:
    raise_wall("approvals")
    let("approvals", "as_its_ticket", of_ticket(), for_="SELECT")
    let("approvals", "system_writes", SYSTEM)
    for table in ("approvers", "approval_decisions"):
        raise_wall(table)
        let(table, "as_its_question", _OF_APPROVAL, for_="SELECT")
        let(table, "system_writes", SYSTEM)
    op.execute(f"REVOKE UPDATE, DELETE ON approval_decisions FROM {SERVING}")
    raise_wall("substitutes")
    let("substitutes", "ones_own", f"person_id = {ME} OR substitute_id = {ME}", for_="SELECT")
    let("substitutes", "agents_read", AGENTS, for_="SELECT")
    let("substitutes", "system_writes", SYSTEM)


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
