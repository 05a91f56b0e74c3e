"""The queue: procrastinate's own tables, in a schema of their own.

The application may put a job into it and nothing else: the queue's tables show every tenant's
jobs, so the function that defers runs as its owner and the application has no right on them.

Revision: 0003, after 0002.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_DEFER = "queue.procrastinate_defer_jobs_v1(queue.procrastinate_job_to_defer_v1[])"


def upgrade() -> None:
    op.execute("SET LOCAL search_path = queue")
    # The driver itself, as the library's script is full of percent signs and colons.
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path = public, queue")
    op.execute("GRANT USAGE ON SCHEMA queue TO skranke_app, skranke_worker")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA queue TO skranke_worker"
    )
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA queue TO skranke_worker")
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA queue FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA queue TO skranke_worker")
    op.execute(f"ALTER FUNCTION {_DEFER} SECURITY DEFINER SET search_path = queue, pg_temp")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_DEFER} TO skranke_app")


def downgrade() -> None:
    raise RuntimeError("Skranke goes forward only: restore a backup to go back.")
